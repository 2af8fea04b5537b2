/** Passwords and rules that change while clients produce with them as fast as they can. */
import { type EmbeddedBroker, startBroker } from 'millrace';
import { Admin } from 'millrace/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API } from '../../../src/protocol/api-keys.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { HealthyClient } from '../../hostile/healthy-client.ts';
import { ScramSteps } from '../../support/scram-steps.ts';
import { until } from '../../support/until.ts';
import { WireClient } from '../../support/wire-client.ts';
import { endOffsetOf } from './end-offset.ts';

const WORKERS = 6;
const ROUNDS = 12;
const USER = 'carol';
const MECHANISM = 'SCRAM-SHA-256';

let broker: EmbeddedBroker;
let admin: Admin;
let saslPort = 0;

beforeAll(async () => {
  broker = await startBroker({
    config: {
      listeners: 'PLAINTEXT://127.0.0.1:0,SASL_PLAINTEXT://127.0.0.1:0',
      'sasl.enabled.mechanisms': MECHANISM,
      'connection.failed.authentication.delay.ms': 1,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'millrace.http.listener': 'none',
    },
  });
  saslPort = Number(broker.addressOf('SASL_PLAINTEXT').split(':')[1]);
  admin = new Admin({ bootstrapServers: broker.addressOf('PLAINTEXT') });
});

afterAll(async () => {
  await admin.close();
  await broker.close();
});

/** Null where the password is refused. */
async function login(password: string): Promise<WireClient | null> {
  const client = await WireClient.open(saslPort);
  const steps = new ScramSteps(MECHANISM, USER, password);
  await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: MECHANISM });
  const challenge = await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes: steps.first() });
  const authBytes = steps.final(challenge.authBytes);
  const { errorCode } = await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes });
  if (errorCode === 0) return client;
  client.close();
  return null;
}

/** Null where the connection has ended instead of an answer. */
async function produce(client: WireClient, topic: string): Promise<number | null> {
  try {
    const answer = await client.ask(API.PRODUCE, 9, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 10_000,
      topicData: [
        { name: topic, partitionData: [{ index: 0, records: buildBatch([{ value: null }]) }] },
      ],
    });
    return answer.responses[0]!.partitionResponses[0]!.errorCode;
  } catch {
    return null;
  }
}

const setPassword = (password: string | null) => {
  return admin.scram.alter([{ user: USER, mechanism: MECHANISM, password, iterations: 4096 }]);
};

async function setRight(topic: string, isGranted: boolean): Promise<void> {
  const rule = {
    resourceType: 'topic',
    resourceName: topic,
    patternType: 'literal',
    principal: `User:${USER}`,
    host: '*',
    operation: 'write',
    permission: 'allow',
  } as const;
  if (isGranted) await admin.acls.create([rule]);
  else await admin.acls.delete([rule]);
}

test('a deleted password ends its connections, a changed one lets nobody else in, nothing is lost', async () => {
  const topic = 'changed-passwords';
  await admin.topics.create([{ name: topic, partitions: 1 }]);
  await setRight(topic, true);
  const healthy = await HealthyClient.start(broker.port);
  let [password, acknowledged, ended, unknown] = ['password 0', 0, 0, 0];
  let isOver = false;
  await setPassword(password);
  const worker = async (): Promise<void> => {
    while (!isOver) {
      const client = await login(password);
      if (client === null) continue;
      for (let error: number | null = 0; error !== null && !isOver; ) {
        error = await produce(client, topic);
        if (error === null) ended++;
        else if (error === 0) acknowledged++;
        else unknown++;
      }
      client.close();
    }
  };
  const workers = Array.from({ length: WORKERS }, worker);
  for (let round = 1; round <= ROUNDS; round++) {
    const [before, endedBefore] = [acknowledged, ended];
    await until('records of all', async () => acknowledged > before + 5 * WORKERS);
    const old = password;
    const holder = (await login(old))!;
    const isDeleted = round % 2 === 0;
    password = `password ${round}`;
    if (isDeleted) {
      await setPassword(null);
      // Whoever asks after the answer to the change is held to it.
      expect(await login(old)).toBeNull();
      expect(await produce(holder, topic)).toBeNull();
    }
    await setPassword(password);
    expect(await login(old)).toBeNull();
    if (isDeleted) {
      await until('the end of all connections', async () => ended >= endedBefore + WORKERS);
    } else {
      // It has proved a password that was right then.
      expect(await produce(holder, topic)).toBe(0);
      holder.close();
    }
  }
  isOver = true;
  await Promise.all(workers);
  await healthy.stop();
  expect(unknown).toBe(0);
  // A record may be stored whose acknowledgement had no connection to go to any more.
  const stored = await endOffsetOf(broker.port, topic);
  expect(stored).toBeGreaterThanOrEqual(acknowledged);
  expect(stored).toBeLessThanOrEqual(acknowledged + ended);
}, 120_000);

test('a right that comes and goes is held to by the next request', async () => {
  const topic = 'changed-rights';
  await admin.topics.create([{ name: topic, partitions: 1 }]);
  await setPassword('rights');
  const healthy = await HealthyClient.start(broker.port);
  const clients = await Promise.all(Array.from({ length: WORKERS }, () => login('rights')));
  let isOver = false;
  const outcomes = new Set<number | null>();
  const load = Promise.all(
    clients.slice(1).map(async (client) => {
      while (!isOver) outcomes.add(await produce(client!, topic));
    }),
  );
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const isGranted = round % 2 === 0;
    await setRight(topic, isGranted);
    expect(await produce(clients[0]!, topic)).toBe(isGranted ? 0 : 29);
  }
  isOver = true;
  await load;
  await healthy.stop();
  expect([...outcomes].sort()).toEqual([0, 29]);
  for (const client of clients) client!.close();
}, 60_000);
