import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { decodeResponse, encodeRequest } from '../../src/protocol/frames.ts';
import { ZERO_UUID } from '../../src/protocol/schema-dsl.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { frame } from '../support/raw-peer.ts';
import { createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { askFetch, deleteTopic, send, topicIdOf } from '../support/wire-requests.ts';

let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  broker = await startBroker();
  client = await WireClient.open(broker.port);
  await broker.createTopic('one');
  await broker.createTopic('two', { partitions: 2 });
});

afterAll(async () => {
  client.close();
  await broker.close();
});

async function namesIn(version: number, topics: { name: string }[] | null) {
  const answer = await client.ask(API.METADATA, version, { topics });
  return answer.topics.map(({ name }) => name);
}

describe('Metadata', () => {
  test('an empty array is all topics in v0 and none after it; null is all', async () => {
    expect(await namesIn(0, [])).toEqual(expect.arrayContaining(['one', 'two']));
    for (const version of [1, 4, 9, 13]) {
      expect(await namesIn(version, [])).toEqual([]);
      expect(await namesIn(version, null)).toEqual(expect.arrayContaining(['one', 'two']));
    }
  });

  test('tells the ids of topics from version 10 on, and looks them up from 12 on', async () => {
    const answer = await client.ask(API.METADATA, 10, { topics: [{ name: 'one' }] });
    const { topicId } = answer.topics[0]!;
    expect(topicId).not.toBe(ZERO_UUID);
    const byId = await client.ask(API.METADATA, 12, { topics: [{ topicId, name: null }] });
    expect(byId.topics[0]).toMatchObject({ errorCode: 0, name: 'one', topicId });
    const lost = Buffer.alloc(16, 9).toString('base64url');
    const unknown = await client.ask(API.METADATA, 12, { topics: [{ topicId: lost, name: null }] });
    expect(unknown.topics[0]).toMatchObject({ errorCode: ERROR.UNKNOWN_TOPIC_ID, name: null });
  });

  test('creates a topic only where the request allows it', async () => {
    const ask = (allowAutoTopicCreation: boolean) => {
      const topics = [{ name: 'made-by-metadata' }];
      return client.ask(API.METADATA, 9, { topics, allowAutoTopicCreation });
    };
    const refused = await ask(false);
    expect(refused.topics[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    await ask(true);
    const again = await ask(false);
    expect(again.topics[0]).toMatchObject({ errorCode: 0, name: 'made-by-metadata' });
    const produced = await send(client, 'made-by-metadata', buildBatch([{ value: null }]));
    expect(produced).toMatchObject({ errorCode: 0, baseOffset: 0 });
  });

  test('creates none where the broker does not allow it, and none by produce or fetch', async () => {
    await using strict = await startBroker({ config: { 'auto.create.topics.enable': 'false' } });
    const own = await WireClient.open(strict.port);
    const topics = [{ name: 'never' }];
    const answer = await own.ask(API.METADATA, 9, { topics, allowAutoTopicCreation: true });
    expect(answer.topics[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    const produced = await send(own, 'never', buildBatch([{ value: null }]));
    expect(produced.errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect((await own.ask(API.METADATA, 9, { topics: null })).topics).toEqual([]);
    own.close();
  });
});

describe('topic ids', () => {
  test('are real and the same wherever they are told', async () => {
    const topicId = await topicIdOf(client, 'one');
    expect(Buffer.from(topicId, 'base64url')).toHaveLength(16);
    expect(topicId).not.toBe(ZERO_UUID);
    const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 };
    const fetched = await askFetch(client, 13, { topics: [{ topicId, partitions: [partition] }] });
    expect(fetched.responses[0]).toMatchObject({ topicId, partitions: [{ errorCode: 0 }] });
    const described = await client.ask(API.DESCRIBE_TOPIC_PARTITIONS, 0, {
      topics: [{ name: 'one' }],
      responsePartitionLimit: 10,
      cursor: null,
    });
    expect(described.topics[0]!.topicId).toBe(topicId);
  });

  test('are the same after a restart', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'millrace-traps-'));
    const seen: string[] = [];
    for (let run = 0; run < 2; run++) {
      await using again = await startBroker({ dataDir });
      if (run === 0) await again.createTopic('kept');
      const own = await WireClient.open(again.port);
      seen.push(await topicIdOf(own, 'kept'));
      own.close();
    }
    expect(seen[1]).toBe(seen[0]);
    await rm(dataDir, { recursive: true });
  });

  test('a fetch by the zero id finds nothing', async () => {
    const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 };
    const topics = [{ topicId: ZERO_UUID, partitions: [partition] }];
    const fetched = await askFetch(client, 13, { topics });
    expect(fetched.responses[0]!.partitions[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_ID);
  });
});

describe('a topic that is deleted and made again', () => {
  test('has another id: the old one is unknown, and the answer does not wait', async () => {
    await createTopic(client, 'reborn');
    const old = await topicIdOf(client, 'reborn');
    await deleteTopic(client, 'reborn');
    await createTopic(client, 'reborn');
    expect(await topicIdOf(client, 'reborn')).not.toBe(old);
    const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 };
    // Waiting as long as it may would be longer than the test may last.
    const fetched = await askFetch(client, 13, {
      maxWaitMs: 250_000,
      topics: [{ topicId: old, partitions: [partition] }],
    });
    expect(fetched.errorCode).toBe(0);
    expect(fetched.responses[0]!.partitions[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_ID);
  });

  test('is inconsistent to a session that has the old id', async () => {
    await createTopic(client, 'in-session');
    const topicId = await topicIdOf(client, 'in-session');
    const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 };
    const first = await askFetch(client, 13, {
      sessionEpoch: 0,
      topics: [{ topicId, partitions: [partition] }],
    });
    const { sessionId } = first;
    expect(sessionId).toBeGreaterThan(0);
    await deleteTopic(client, 'in-session');
    await createTopic(client, 'in-session');
    const next = await askFetch(client, 13, { sessionId, sessionEpoch: 1, maxWaitMs: 250_000 });
    expect(next.responses[0]!.partitions[0]!.errorCode).toBe(ERROR.INCONSISTENT_TOPIC_ID);
  });

  test('ends a fetch that waits for the old one', async () => {
    await createTopic(client, 'waited-for');
    const topicId = await topicIdOf(client, 'waited-for');
    const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 };
    const own = await WireClient.open(broker.port);
    const waiting = askFetch(own, 13, {
      maxWaitMs: 250_000,
      topics: [{ topicId, partitions: [partition] }],
    });
    await deleteTopic(client, 'waited-for');
    const { errorCode } = (await waiting).responses[0]!.partitions[0]!;
    expect([ERROR.UNKNOWN_TOPIC_ID, ERROR.UNKNOWN_TOPIC_OR_PARTITION]).toContain(errorCode);
    own.close();
  });
});

describe('controller and brokers', () => {
  test.each([1, 2, 4, 9, 12, 13])('Metadata v%i names a controller among them', async (version) => {
    const answer = await client.ask(API.METADATA, version, { topics: [] });
    const brokers = answer.brokers.map(({ nodeId }) => nodeId);
    expect(brokers).toContain(answer.controllerId);
    expect(answer.brokers[0]).toMatchObject({ host: '127.0.0.1', port: broker.port });
  });

  test.each([0, 1, 2])('DescribeCluster v%i agrees', async (version) => {
    const metadata = await client.ask(API.METADATA, 9, { topics: [] });
    const cluster = await client.ask(API.DESCRIBE_CLUSTER, version, {
      includeClusterAuthorizedOperations: false,
    });
    expect(cluster.controllerId).toBe(metadata.controllerId);
    expect(cluster.clusterId).toBe(metadata.clusterId);
    expect(cluster.brokers[0]).toMatchObject({ host: '127.0.0.1', port: broker.port });
  });

  test('the address told is the one that the client dialled, or the advertised one', async () => {
    const fixed = 'PLAINTEXT://broker.example.org:19092';
    await using named = await startBroker({ config: { 'advertised.listeners': fixed } });
    const own = await WireClient.open(named.port);
    const answer = await own.ask(API.METADATA, 9, { topics: [] });
    expect(answer.brokers[0]).toMatchObject({ host: 'broker.example.org', port: 19092 });
    own.close();
  });
});

test('a listener without a host is on both families and tells what was dialled', async () => {
  await using both = await startBroker({
    config: { listeners: 'PLAINTEXT://:0', 'millrace.insecure': 'true' },
  });
  for (const host of ['127.0.0.1', '::1']) {
    const socket = connect(both.port, host);
    await once(socket, 'connect');
    const header = { correlationId: 1, clientId: null };
    socket.write(frame(encodeRequest(API.METADATA, 9, header, { topics: [] })));
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    const { brokers } = decodeResponse(API.METADATA, 9, bytes.subarray(4)).body;
    expect(brokers).toMatchObject([{ host, port: both.port }]);
    socket.destroy();
  }
});

describe('a produce that fails', () => {
  test('never answers UNKNOWN_SERVER_ERROR', async () => {
    const good = buildBatch([{ value: Buffer.from('x') }]);
    const answers = [
      await send(client, 'missing-topic', good),
      await send(client, 'one', good, { index: 99 }),
      await send(client, 'one', good, { index: -1 }),
      await send(client, 'one', good, { acks: 5 }),
      await send(client, 'one', null),
      await send(client, 'one', Buffer.alloc(0)),
      await send(client, 'one', Buffer.alloc(61)),
      await send(client, 'one', good.subarray(0, good.length - 1)),
      await send(client, '__consumer_offsets', good),
    ];
    for (const { errorCode } of answers) expect(errorCode).toBeGreaterThan(0);
    expect(answers[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect(answers[1]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect(answers[3]!.errorCode).toBe(ERROR.INVALID_REQUIRED_ACKS);
  });
});

describe('CreateTopics', () => {
  test('is answered when every partition can be written and read', async () => {
    for (let round = 0; round < 10; round++) {
      const name = `usable-${round}`;
      await client.ask(API.CREATE_TOPICS, 7, {
        topics: [{ name, numPartitions: 5, replicationFactor: -1, assignments: [], configs: [] }],
        timeoutMs: 1000,
        validateOnly: false,
      });
      for (let index = 0; index < 5; index++) {
        const produced = await send(client, name, buildBatch([{ value: null }]), { index });
        expect(produced).toMatchObject({ errorCode: 0, baseOffset: 0 });
      }
    }
  });
});
