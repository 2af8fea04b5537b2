/** What KafkaJS's specs want of brokers, and how they are run. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { HERE, REPOSITORY } from './cache.mjs';
import { withScratch } from './clients.mjs';
import { jestRun } from './jest-run.mjs';
import { KAFKAJS_PACKAGE, kafkaJsTree } from './kafkajs-suite.mjs';
import { millraceCommand } from './millrace-command.mjs';
import { mustExecute } from './process.mjs';

const MODULES = 'org.apache.kafka.common.security';
const USERS = 'user_test="testtest" user_bob="bobbob" user_alice="alicealice"';
const SCRAM = `${MODULES}.scram.ScramLoginModule required;`;
const SCRAM_USER = 'testscram';
const SCRAM_PASSWORDS = {
  'scram-sha-256': 'testtestscram=256',
  'scram-sha-512': 'testtestscram=512',
};
/** The users and rules that the specs know from KafkaJS's containers. */
export const SPEC_CONFIG = {
  'num.partitions': '2',
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  'listener.name.sasl_ssl.plain.sasl.jaas.config': `${MODULES}.plain.PlainLoginModule required ${USERS};`,
  'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': SCRAM,
  'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': SCRAM,
  'ssl.keystore.type': 'PEM',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
};

/** Which specs and tests are left out, and why: of all, of one broker alone, or of the façade. */
const LEFT_OUT = JSON.parse(
  await readFile(join(HERE, 'clients', 'kafkajs-suite', 'left-out.json'), 'utf8'),
);
const OF_ONE_BROKER = 'wants more than one broker';

/** A listener of each kind that the specs know: where it listens, and how it is advertised. */
export function specListeners({ plain, ssl, sasl }) {
  const at = (host) =>
    `PLAINTEXT://${host}:${plain},SSL://${host}:${ssl},SASL_SSL://${host}:${sasl}`;
  return { listeners: at('127.0.0.1'), 'advertised.listeners': at('localhost') };
}

/** `{ certificate, key }` of a broker on this machine. */
export async function specCertificate() {
  const file = join(REPOSITORY, 'dist', 'security', 'tls', 'throw-away-authority.js');
  const { ThrowAwayAuthority } = await import(file);
  const hosts = ['localhost', '127.0.0.1'];
  return new ThrowAwayAuthority().issue({ commonName: 'localhost', hosts });
}

/** Adds the user who says its password by SCRAM. */
export async function addScramUser(bootstrap) {
  await withScratch(async (scratch) => {
    const passwordFile = join(scratch, 'password');
    for (const [mechanism, password] of Object.entries(SCRAM_PASSWORDS)) {
      await writeFile(passwordFile, password);
      const words = ['users', 'add', SCRAM_USER, '-b', bootstrap, '--mechanism', mechanism];
      const [node, ...args] = millraceCommand(...words, '--password-file', passwordFile);
      await mustExecute(node, args);
    }
  });
}

/** Specs that nobody left out. */
async function specsOf(tree) {
  const files = await readdir(join(tree, 'src'), { recursive: true });
  const left = Object.keys(LEFT_OUT.specs);
  return files
    .map((file) => `src/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.spec.js'))
    .filter((file) => !left.some((prefix) => file.startsWith(prefix)));
}

function testsLeftOut(kind, brokers) {
  const all = Object.entries({ ...LEFT_OUT.tests, ...(kind === 'facade' ? LEFT_OUT.facade : {}) });
  const left = all.filter(([, reason]) => brokers === 1 || !reason.startsWith(OF_ONE_BROKER));
  return left.map(([name]) => name);
}

/**
 * Runs the specs; each test becomes a step. `kind` says whose package is tested: `kafkajs` or
 * `facade`. `ports` are lists of ports, one for each broker.
 */
export async function runSpecs(context, kind, { plain, ssl, sasl }, timeoutMs) {
  const { tree, jest } = await kafkaJsTree(kind);
  const results = await jestRun({
    jest,
    tree,
    config: 'jest.millrace.js',
    specs: await specsOf(tree),
    leftOut: testsLeftOut(kind, plain.length),
    env: {
      KAFKAJS_PLAIN_PORTS: plain.join(),
      KAFKAJS_SSL_PORTS: ssl.join(),
      KAFKAJS_SASL_PORTS: sasl.join(),
      KAFKA_VERSION: '2.4',
      NODE_ENV: 'test',
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      MILLRACE_KAFKAJS_PACKAGE: KAFKAJS_PACKAGE,
    },
    timeoutMs,
    logFile: context.logFile.replace(/\.log$/, '.out'),
    nameOf: (file) => relative(join(tree, 'src'), file).replace(/\.spec\.js$/, ''),
  });
  context.suite(results);
}
