/** KafkaJS's own specs: with KafkaJS, and with the façade that takes its place. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { freePort } from '../lib/brokers.mjs';
import { HERE, REPOSITORY } from '../lib/cache.mjs';
import { withScratch } from '../lib/clients.mjs';
import { jestRun } from '../lib/jest-run.mjs';
import { compileTypes, KAFKAJS, KAFKAJS_PACKAGE, kafkaJsTree } from '../lib/kafkajs-suite.mjs';
import { millraceCommand } from '../lib/millrace-command.mjs';
import { mustExecute } from '../lib/process.mjs';

const LIMIT_S = 600;
const MODULES = 'org.apache.kafka.common.security';
const USERS = 'user_test="testtest" user_bob="bobbob" user_alice="alicealice"';
const SCRAM = `${MODULES}.scram.ScramLoginModule required;`;
const JAAS = {
  'listener.name.sasl_ssl.plain.sasl.jaas.config': `${MODULES}.plain.PlainLoginModule required ${USERS};`,
  'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': SCRAM,
  'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': SCRAM,
};
const SCRAM_USER = 'testscram';
const SCRAM_PASSWORDS = {
  'scram-sha-256': 'testtestscram=256',
  'scram-sha-512': 'testtestscram=512',
};

/** Which specs and tests are left out, and why: of both, or only of the façade. */
const LEFT_OUT = JSON.parse(
  await readFile(join(HERE, 'clients', 'kafkajs-suite', 'left-out.json'), 'utf8'),
);

/** The listeners that the specs know from KafkaJS's containers. */
async function startBroker(context) {
  const [plain, ssl, sasl] = [await freePort(), await freePort(), await freePort()];
  const at = (host) =>
    `PLAINTEXT://${host}:${plain},SSL://${host}:${ssl},SASL_SSL://${host}:${sasl}`;
  const file = join(REPOSITORY, 'dist', 'security', 'tls', 'throw-away-authority.js');
  const { ThrowAwayAuthority } = await import(file);
  const hosts = ['localhost', '127.0.0.1'];
  const issued = new ThrowAwayAuthority().issue({ commonName: 'localhost', hosts });
  const config = {
    listeners: at('127.0.0.1'),
    'advertised.listeners': at('localhost'),
    'node.id': '0',
    'num.partitions': '2',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...JAAS,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': issued.certificate,
    'ssl.keystore.key': issued.key,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': 'true',
    // Kafka's own controller and broker speak over PLAINTEXT, whatever rules the specs make.
    ...(context.kind === 'kafka' ? { 'super.users': 'User:ANONYMOUS' } : {}),
  };
  const { bootstrap } = await context.ownBroker({ config, port: plain });
  await addScramUser(bootstrap);
  return { KAFKAJS_PLAIN_PORT: plain, KAFKAJS_SSL_PORT: ssl, KAFKAJS_SASL_PORT: sasl };
}

async function addScramUser(bootstrap) {
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

async function runSpecs(context, kind) {
  const { tree, jest } = await kafkaJsTree(kind);
  const ports = await startBroker(context);
  const left = Object.keys({ ...LEFT_OUT.tests, ...(kind === 'facade' ? LEFT_OUT.facade : {}) });
  const results = await jestRun({
    jest,
    tree,
    config: 'jest.millrace.js',
    specs: await specsOf(tree),
    leftOut: left,
    env: {
      ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
      KAFKA_VERSION: '2.4',
      NODE_ENV: 'test',
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      MILLRACE_KAFKAJS_PACKAGE: KAFKAJS_PACKAGE,
    },
    timeoutMs: (LIMIT_S - 20) * 1_000,
    logFile: context.logFile.replace(/\.log$/, '.out'),
    nameOf: (file) => relative(join(tree, 'src'), file).replace(/\.spec\.js$/, ''),
  });
  context.suite(results);
  if (kind === 'facade') await context.step('types/tests.ts compiles', compileTypes);
}

function check(name, kind, proves) {
  const command = 'KAFKAJS_PLAIN_PORT=… jest -c jest.millrace.js -t … src/…';
  const run = (context) => runSpecs(context, kind);
  const sets = ['full', 'suites'];
  return { name, proves, needs: 'git, npm', command, limitS: LIMIT_S, run, sets };
}

const VERSION = KAFKAJS.tag.slice(1);

export const kafkaJsSuiteChecks = [
  check(
    'kafkajs-suite',
    'kafkajs',
    `KafkaJS ${VERSION}: its specs of producer, consumer and admin`,
  ),
  check('kafkajs-facade', 'facade', `millrace/kafkajs: the same specs of KafkaJS ${VERSION} on it`),
];
