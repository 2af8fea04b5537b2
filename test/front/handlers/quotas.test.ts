import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { encodeRequest } from '../../../src/protocol/frames.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { WireClient } from '../../support/wire-client.ts';

let broker: EmbeddedBroker;
let admin: WireClient;

beforeAll(async () => {
  broker = await startBroker({ config: { 'millrace.http.listener': 'none' } });
  admin = await WireClient.open(broker.port);
  await broker.createTopic('limited', { partitions: 1 });
});

afterAll(async () => {
  admin.close();
  await broker.close();
});

/** Null takes the quota away. */
async function setQuota(entity: Record<string, string | null>, key: string, value: number | null) {
  const ops = [{ key, value: value ?? 0, remove: value === null }];
  const parts = Object.entries(entity).map(([entityType, entityName]) => {
    return { entityType, entityName };
  });
  const request = { entries: [{ entity: parts, ops }], validateOnly: false };
  const { entries } = await admin.ask(API.ALTER_CLIENT_QUOTAS, 1, request);
  expect(entries.map(({ errorCode }) => errorCode)).toEqual([0]);
}

/** Runs with a quota for the client id of WireClient. */
async function withQuota(key: string, value: number, run: (client: WireClient) => Promise<void>) {
  await setQuota({ 'client-id': 'tests' }, key, value);
  const client = await WireClient.open(broker.port);
  try {
    await run(client);
  } finally {
    client.close();
    await setQuota({ 'client-id': 'tests' }, key, null);
  }
}

const records = buildBatch([{ value: Buffer.alloc(2000, 'x') }]);

function produceRequest(acks: number) {
  const topicData = [{ name: 'limited', partitionData: [{ index: 0, records }] }];
  return { transactionalId: null, acks, timeoutMs: 1000, topicData };
}

const fetchRequest = {
  maxWaitMs: 0,
  minBytes: 0,
  topics: [
    {
      topic: 'limited',
      partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }],
    },
  ],
};

test('a producer over its quota is answered at once, and its next request waits', async () => {
  await withQuota('producer_byte_rate', 190, async (client) => {
    const sentMs = performance.now();
    const first = await client.ask(API.PRODUCE, 9, produceRequest(1));
    expect(first.responses[0]!.partitionResponses[0]!.errorCode).toBe(0);
    expect(first.throttleTimeMs).toBeGreaterThan(100);
    await client.ask(API.API_VERSIONS, 0, {});
    const waitedMs = performance.now() - sentMs;
    // Timers of Node may end a millisecond early.
    expect(waitedMs).toBeGreaterThanOrEqual(first.throttleTimeMs - 5);
  });
});

test('without answers the producer is held all the same', async () => {
  await withQuota('producer_byte_rate', 190, async (client) => {
    const header = { correlationId: 1, clientId: 'tests' };
    const unanswered = client.askFrame(encodeRequest(API.PRODUCE, 9, header, produceRequest(0)));
    const sentMs = performance.now();
    const other = client.ask(API.API_VERSIONS, 0, {});
    await Promise.race([unanswered, other]);
    expect(performance.now() - sentMs).toBeGreaterThan(500);
  });
});

test('a consumer over its quota gets nothing until its pause is over', async () => {
  await admin.ask(API.PRODUCE, 9, produceRequest(1));
  // The window takes 2,100 bytes at once.
  await withQuota('consumer_byte_rate', 210, async (client) => {
    const first = await client.ask(API.FETCH, 12, fetchRequest);
    expect(first.responses[0]!.partitions[0]!.records!.length).toBeGreaterThan(2000);
    expect(first.throttleTimeMs).toBe(0);
    const second = await client.ask(API.FETCH, 12, fetchRequest);
    expect(second).toMatchObject({ errorCode: 0, responses: [] });
    expect(second.throttleTimeMs).toBeGreaterThan(5000);
  });
});

test('a share of the processor is held, for at most a second at a time', async () => {
  await withQuota('request_percentage', 0.0001, async (client) => {
    const answer = await client.ask(API.METADATA, 12, { topics: null });
    expect(answer.throttleTimeMs).toBe(1000);
  });
});

const shape = { numPartitions: 15, replicationFactor: 1, assignments: [], configs: [] };

test('changes of partitions over the quota are refused, or make an older client pause', async () => {
  await withQuota('controller_mutation_rate', 1, async (client) => {
    const topicsOf = (...names: string[]) => {
      return names.map((name) => ({ name, ...shape }));
    };
    const created = await client.ask(API.CREATE_TOPICS, 7, { topics: topicsOf('one', 'two') });
    const errors = created.topics.map(({ errorCode }) => errorCode);
    expect(errors).toEqual([0, ERROR.THROTTLING_QUOTA_EXCEEDED]);
    expect(created.throttleTimeMs).toBeGreaterThan(3000);
    const names = await admin.ask(API.METADATA, 12, { topics: null });
    expect(names.topics.map(({ name }) => name)).not.toContain('two');
  });
  await withQuota('controller_mutation_rate', 0.5, async (client) => {
    const topics = [{ name: 'three', ...shape }];
    const created = await client.ask(API.CREATE_TOPICS, 5, { topics });
    expect(created.topics[0]!.errorCode).toBe(0);
    expect(created.throttleTimeMs).toBeGreaterThan(3000);
  });
});

test('new connections of an address over its quota are refused', async () => {
  await setQuota({ ip: '127.0.0.1' }, 'connection_creation_rate', 1);
  try {
    const clients: WireClient[] = [];
    let refused = 0;
    for (let i = 0; i < 15; i++) {
      const client = await WireClient.open(broker.port);
      clients.push(client);
      const asked = client.ask(API.API_VERSIONS, 0, {});
      await asked.catch(() => refused++);
    }
    for (const client of clients) client.close();
    expect(refused).toBeGreaterThanOrEqual(4);
  } finally {
    await setQuota({ ip: '127.0.0.1' }, 'connection_creation_rate', null);
  }
});
