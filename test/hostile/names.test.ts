import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { WireClient } from '../support/wire-client.ts';

const NAMES = [
  '.',
  '..',
  '../escaped',
  '../../etc/passwd',
  '/absolute',
  'with/slash',
  'with\\backslash',
  'with\0nul',
  'with space',
  'line\nbreak',
  'x'.repeat(250),
  '漢字',
  'тема',
  '🙂',
  'e\u0301',
  '%2e%2e',
  '',
];

let broker: BrokerProcess;
let client: WireClient;

beforeAll(async () => {
  broker = await BrokerProcess.start({ config: { 'auto.create.topics.enable': 'true' } });
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.kill();
});

test.each(NAMES.map((name) => [JSON.stringify(name).slice(0, 30), name]))(
  'the name %s reaches no file system',
  async (_, name) => {
    const before = readdirSync(broker.dataDir).sort();
    const above = readdirSync(`${broker.dataDir}/..`).length;
    const created = await client.ask(API.CREATE_TOPICS, 5, {
      topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 10_000,
    });
    expect(created.topics[0]!.errorCode).toBe(ERROR.INVALID_TOPIC_EXCEPTION);
    const described = await client.ask(API.METADATA, 9, {
      topics: [{ name }],
      allowAutoTopicCreation: true,
    });
    expect(described.topics[0]!.errorCode).toBe(ERROR.INVALID_TOPIC_EXCEPTION);
    const produced = await client.ask(API.PRODUCE, 9, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 1000,
      topicData: [
        {
          name,
          partitionData: [
            { index: 0, records: buildBatch([{ key: null, value: null, timestamp: 1 }]) },
          ],
        },
      ],
    });
    expect(produced.responses[0]!.partitionResponses[0]!.errorCode).not.toBe(0);
    expect(readdirSync(broker.dataDir).sort()).toEqual(before);
    expect(Math.abs(readdirSync(`${broker.dataDir}/..`).length - above)).toBeLessThan(20);
    for (const line of broker.lines) expect(line).toMatch(/^\d{4}-/);
  },
);

test('a fetch session gives way to newer ones, and its client is told', async () => {
  const small = await BrokerProcess.start({
    config: { 'max.incremental.fetch.session.cache.slots': 5 },
  });
  const own = await WireClient.open(small.port);
  await own.ask(API.METADATA, 9, { topics: [{ name: 't' }], allowAutoTopicCreation: true });
  const open = (sessionId: number, sessionEpoch: number) =>
    own.ask(API.FETCH, 11, {
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1000,
      sessionId,
      sessionEpoch,
      isolationLevel: 0,
      topics:
        sessionEpoch === 0
          ? [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }] }]
          : [],
      forgottenTopicsData: [],
      rackId: '',
    });
  const first = await open(0, 0);
  expect(first.sessionId).not.toBe(0);
  for (let i = 0; i < 50; i++) await open(0, 0);
  expect((await open(first.sessionId, 1)).errorCode).toBe(ERROR.FETCH_SESSION_ID_NOT_FOUND);
  expect(await small.metric('millrace_fetch_sessions')).toBeLessThanOrEqual(5);
  own.close();
  await small.kill();
});

test('topics that are made by being asked for are bounded', async () => {
  const small = await BrokerProcess.start({
    config: { 'auto.create.topics.enable': 'true', 'millrace.max.partitions': 20 },
  });
  const own = await WireClient.open(small.port);
  const errors: number[] = [];
  for (let i = 0; i < 30; i++) {
    const topics = [{ name: `asked-${i}` }];
    await own.ask(API.METADATA, 9, { topics, allowAutoTopicCreation: true });
    const again = await own.ask(API.METADATA, 9, { topics, allowAutoTopicCreation: true });
    errors.push(again.topics[0]!.errorCode);
  }
  const made = errors.filter((error) => error === 0).length;
  expect(made).toBeGreaterThan(5);
  expect(made).toBeLessThanOrEqual(20);
  expect(errors.slice(made).every((error) => error !== 0)).toBe(true);
  expect(readdirSync(small.dataDir).filter((name) => name.startsWith('asked-')).length).toBe(made);
  own.close();
  await small.kill();
});

test('a partition forgets its oldest producer ids when there are too many', async () => {
  const small = await BrokerProcess.start({
    config: { 'millrace.max.producer.ids.per.partition': 10 },
  });
  const own = await WireClient.open(small.port);
  await own.ask(API.METADATA, 9, { topics: [{ name: 't' }], allowAutoTopicCreation: true });
  for (let producerId = 1000; producerId < 1100; producerId++) {
    const records = buildBatch([{ key: null, value: null, timestamp: Date.now() }], {
      producerId,
      producerEpoch: 0,
      baseSequence: 0,
    });
    await own.ask(API.PRODUCE, 9, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 1000,
      topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
    });
  }
  const answer = await own.ask(API.DESCRIBE_PRODUCERS, 0, {
    topics: [{ name: 't', partitionIndexes: [0] }],
  });
  const producers = answer.topics[0]!.partitions[0]!.activeProducers;
  expect(producers.length).toBe(10);
  expect(producers.map(({ producerId }) => producerId)).toContain(1099);
  own.close();
  await small.kill();
});
