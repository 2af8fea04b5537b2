/**
 * Each client writes and reads over SASL_SSL with each mechanism and over TLS with a certificate;
 * one with a wrong password, or without a certificate, is refused.
 */

import { join } from 'node:path';
import { runJobs, withScratch } from '../lib/clients.mjs';
import { createTopics, expectEqual, expectMatch, tool } from '../lib/kafka-tools.mjs';
import { execute, mustExecute } from '../lib/process.mjs';
import { compareRecords, makeRecords, readRecords, writeRecords } from '../lib/records.mjs';
import { MECHANISMS, SecuredBroker } from '../lib/secured-broker.mjs';
import { librdkafkaSettings, SECURED_CLIENTS, securityOf } from '../lib/secured-clients.mjs';
import { kcat } from '../lib/toolchains.mjs';

const COUNT = 200;
const REFUSED_MS = 60_000;
const AUTHENTICATION = /auth/i;
const WAYS_OF_KCAT = ['PLAIN', undefined];

/** Each way in, by name; without a mechanism it is the certificate. */
const LOGINS = [...MECHANISMS.map((name) => [`${name} over SASL_SSL`, name]), ['a certificate']];

async function securedClients(context, folder) {
  const secured = await SecuredBroker.start(context, folder);
  await allowAlice(secured);
  for (const [name, client] of Object.entries(SECURED_CLIENTS)) {
    for (const [label, mechanism] of LOGINS) {
      await context.step(`${name} with ${label}`, () => {
        const topic = `alice-${name}-${mechanism ?? 'certificate'}`;
        return roundTrip(secured, client, secured.login(mechanism), topic, folder);
      });
    }
    await context.step(`${name} with a wrong password is refused`, async () => {
      const error = await refused(secured, client, 'wrong', folder);
      expectMatch(error, client.refusal ?? AUTHENTICATION, 'error');
    });
    await context.step(`${name} as nobody we know is refused`, async () => {
      const error = await refused(secured, client, 'nobody', folder);
      expectMatch(error, client.refusal ?? AUTHENTICATION, 'error');
    });
  }
  await kcatSteps(context, secured);
}

async function allowAlice({ broker }) {
  const rights = ['--allow-principal', 'User:alice', '--operation', 'All'];
  const names = ['--topic', 'alice-', '--group', 'not-joined'];
  const where = [...names, '--resource-pattern-type', 'prefixed'];
  const args = ['--bootstrap-server', broker.bootstrap, '--add', ...rights, ...where];
  await tool('AclCommand', args);
}

async function roundTrip(secured, client, login, topic, folder) {
  await createTopics(secured.broker, [topic]);
  const made = makeRecords(COUNT, 7, client.traits);
  const records = client.asItCan === undefined ? made : made.map(client.asItCan);
  const [sent, read] = ['sent', 'read'].map((name) => join(folder, `${topic}.${name}`));
  await writeRecords(sent, records);
  const jobs = [
    { do: 'produce', topic, codec: 'gzip', idempotent: false, file: sent },
    { do: 'consume', topic, count: COUNT, file: read },
  ];
  const errors = await run(secured, client, login, jobs, folder);
  expectEqual(errors, [null, null], 'produce and consume');
  compareRecords(records, await readRecords(read));
}

/** The error of one who may not come in. */
async function refused(secured, client, who, folder) {
  const login =
    who === 'nobody'
      ? secured.login('SCRAM-SHA-512', 'nobody', 'some-secret')
      : secured.login('SCRAM-SHA-512', 'alice', 'a wrong one');
  const file = join(folder, 'refused');
  await writeRecords(file, makeRecords(1, 1, client.traits));
  const jobs = [{ do: 'produce', topic: 'alice-refused', codec: 'none', file }];
  const [error] = await run(secured, client, login, jobs, folder, REFUSED_MS);
  if (error === null) throw new Error('it was let in');
  return error;
}

function run(secured, client, login, jobs, folder, timeoutMs) {
  const spec = { ...client.spec, ...securityOf(secured, login) };
  const bootstrap = secured.bootstrap(login.protocol);
  return runJobs({ ...client, spec }, bootstrap, jobs, folder, timeoutMs);
}

async function kcatSteps(context, secured) {
  const { program } = await kcat();
  const flags = (login) => {
    const settings = Object.entries(librdkafkaSettings(login));
    const all = settings.flatMap(([name, value]) => ['-X', `${name}=${value}`]);
    return ['-b', secured.bootstrap(login.protocol), ...all];
  };
  const ways = LOGINS.filter(([, mechanism]) => WAYS_OF_KCAT.includes(mechanism));
  for (const [label, mechanism] of ways) {
    await context.step(`kcat with ${label}`, async () => {
      const topic = `alice-kcat-${mechanism ?? 'certificate'}`;
      await createTopics(secured.broker, [topic]);
      const all = flags(secured.login(mechanism));
      const limits = { timeoutMs: 30_000 };
      await mustExecute(program, [...all, '-P', '-t', topic], { ...limits, input: 'a\nb\nc\n' });
      const read = await mustExecute(program, [...all, '-C', '-t', topic, '-e', '-q'], limits);
      expectEqual(read.stdout, 'a\nb\nc\n', 'records');
    });
  }
  const isRefused = async (login, error) => {
    const result = await execute(program, [...flags(login), '-L', '-m', '5'], {
      timeoutMs: 30_000,
    });
    if (result.code === 0) throw new Error('it was let in');
    expectMatch(result.stderr, error, 'error');
  };
  await context.step('kcat with a wrong password is refused', () =>
    isRefused(secured.login('PLAIN', 'alice', 'a wrong one'), AUTHENTICATION),
  );
  // librdkafka 2.0.2 does not answer the nonce that it was sent (see CVE-2024-56128).
  await context.step('kcat with SCRAM and its wrong nonce is refused', () =>
    isRefused(secured.login('SCRAM-SHA-512'), AUTHENTICATION),
  );
  await context.step('kcat without a certificate is refused', () =>
    isRefused({ protocol: 'SSL', ca: secured.files.ca }, /certificate|SSL|handshake|disconnect/i),
  );
}

export const securedClientChecks = [
  {
    name: 'secured-clients',
    proves:
      'Java, librdkafka, kcat, franz-go, KafkaJS, kafka-python, node-rdkafka: SASL_SSL with SCRAM and PLAIN, mutual TLS, refusals',
    needs: 'java, mvn, python3, go, npm, g++, make, kcat',
    command: 'clients: each writes and reads with each login; a wrong one is refused',
    sets: ['full'],
    limitS: 900,
    run: (context) => withScratch((folder) => securedClients(context, folder)),
  },
];
