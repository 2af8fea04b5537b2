import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeRequest } from '../../src/protocol/frames.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { baseOffset, lastOffset, sizeInBytes } from '../../src/records/batch-layout.ts';
import { createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { askFetch, fetchFrom, send } from '../support/wire-requests.ts';

/** Longer than a test may last: a fetch that waits so long was woken, or the test fails. */
const FOR_EVER_MS = 250_000;
let broker: EmbeddedBroker;
let client: WireClient;
let writer: WireClient;

beforeAll(async () => {
  broker = await startBroker();
  client = await WireClient.open(broker.port);
  writer = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  writer.close();
  await broker.close();
});

const batchOf = (bytes: number, count = 1) =>
  buildBatch(Array.from({ length: count }, () => ({ value: Buffer.alloc(bytes, 'v') })));

const at = (partition: number, fetchOffset = 0, partitionMaxBytes = 1_000_000) => {
  return { partition, currentLeaderEpoch: -1, fetchOffset, partitionMaxBytes };
};

/** One fetch over three partitions; gives the bytes of each. */
async function sizes(maxBytes: number, partitionMaxBytes: number): Promise<Map<number, number>> {
  const partitions = [0, 1, 2].map((index) => at(index, 0, partitionMaxBytes));
  const answer = await askFetch(client, 11, {
    maxBytes,
    topics: [{ topic: 'three', partitions }],
  });
  return new Map(
    answer.responses.flatMap((topic) =>
      topic.partitions.map((each) => [each.partitionIndex, each.records!.length] as const),
    ),
  );
}

describe('byte limits', () => {
  const batch = batchOf(1000);

  beforeAll(async () => {
    await broker.createTopic('three', { partitions: 3 });
    for (const index of [0, 1, 2]) {
      for (let i = 0; i < 3; i++) await send(client, 'three', batch, { index });
    }
  });

  test('the first batch comes whole even if it is larger than both', async () => {
    for (const [all, each] of [
      [1, 1],
      [0, 0],
      [100, 1_000_000],
      [1_000_000, 100],
    ]) {
      const found = await sizes(all!, each!);
      expect(found.get(0)).toBe(batch.length);
      // Only the first: others stay within the limits.
      expect([found.get(1), found.get(2)]).toEqual([0, 0]);
    }
  });

  test('max_bytes and partition_max_bytes cut at whole batches', async () => {
    const size = batch.length;
    expect([...(await sizes(4 * size + 10, 1_000_000)).values()]).toEqual([3 * size, size, 0]);
    expect([...(await sizes(1_000_000, 2 * size + 10)).values()]).toEqual([
      2 * size,
      2 * size,
      2 * size,
    ]);
  });

  test('a session lets each partition come first in its turn', async () => {
    const partitions = [0, 1, 2].map((index) => at(index));
    const first = await askFetch(client, 11, {
      sessionEpoch: 0,
      maxBytes: 1,
      topics: [{ topic: 'three', partitions }],
    });
    const given = [first];
    for (let sessionEpoch = 1; sessionEpoch < 3; sessionEpoch++) {
      const { sessionId } = first;
      given.push(await askFetch(client, 11, { sessionId, sessionEpoch, maxBytes: 1 }));
    }
    const indexes = given.map((answer) => {
      const all = answer.responses.flatMap(({ partitions }) => partitions);
      return all.find(({ records }) => records!.length > 0)!.partitionIndex;
    });
    expect(indexes).toEqual([0, 1, 2]);
  });
});

test.each([4, 5, 11, 12])('v%i gives an empty partition bytes of no length', async (v) => {
  await createTopic(client, `empty-${v}`);
  const found = await fetchFrom(client, `empty-${v}`, 0, { version: v });
  expect(found).toMatchObject({ errorCode: 0, highWatermark: 0 });
  expect(found.records).not.toBeNull();
  expect(found.records).toHaveLength(0);
  const refused = await fetchFrom(client, `empty-${v}`, 5, { version: v });
  expect(refused.errorCode).toBe(ERROR.OFFSET_OUT_OF_RANGE);
  expect(refused.records).toHaveLength(0);
});

describe('a fetch that waits', () => {
  const waiting = (topic: string, fetchOffset: number, minBytes = 1, maxWaitMs = FOR_EVER_MS) =>
    fetchFrom(client, topic, fetchOffset, { fields: { minBytes, maxWaitMs } });

  test('is woken by an append', async () => {
    await createTopic(client, 'wakes');
    const answer = waiting('wakes', 0);
    await send(writer, 'wakes', batchOf(10));
    expect(baseOffset((await answer).records!, 0)).toBe(0);
  });

  test('waits on for min_bytes', async () => {
    await createTopic(client, 'minimum');
    const batch = batchOf(500);
    let isDone = false;
    const answer = waiting('minimum', 0, 3 * batch.length).finally(() => {
      isDone = true;
    });
    for (let i = 0; i < 2; i++) await send(writer, 'minimum', batch);
    await writer.ask(API.METADATA, 9, { topics: [] });
    expect(isDone).toBe(false);
    await send(writer, 'minimum', batch);
    expect((await answer).records).toHaveLength(3 * batch.length);
  });

  test('is answered empty when its time is over, and not before', async () => {
    await createTopic(client, 'expires');
    for (let i = 0; i < 10; i++) {
      const fromMs = performance.now();
      const found = await waiting('expires', 0, 1, 20);
      expect(performance.now() - fromMs).toBeGreaterThan(20);
      expect(found).toMatchObject({ errorCode: 0, highWatermark: 0 });
      expect(found.records).toHaveLength(0);
    }
  });

  test('is answered at once for any error of any partition', async () => {
    await createTopic(client, 'half-good');
    const answer = await askFetch(client, 11, {
      maxWaitMs: FOR_EVER_MS,
      topics: [
        { topic: 'half-good', partitions: [at(0), at(7)] },
        { topic: 'not-there', partitions: [at(0)] },
      ],
    });
    const codes = answer.responses.flatMap(({ partitions }) => partitions.map((p) => p.errorCode));
    const { UNKNOWN_TOPIC_OR_PARTITION } = ERROR;
    expect(codes).toEqual([0, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_OR_PARTITION]);
    expect((await waiting('half-good', 9)).errorCode).toBe(ERROR.OFFSET_OUT_OF_RANGE);
  });

  test('is answered at once where it asks for nothing, or for no bytes', async () => {
    const nothing = await askFetch(client, 11, { maxWaitMs: FOR_EVER_MS, topics: [] });
    expect(nothing).toMatchObject({ errorCode: 0, responses: [] });
    await createTopic(client, 'no-bytes');
    expect((await waiting('no-bytes', 0, 0)).errorCode).toBe(0);
  });

  test('is let go when its client is gone, and others are woken', async () => {
    await createTopic(client, 'left');
    for (let i = 0; i < 20; i++) {
      const own = await WireClient.open(broker.port);
      const request = encodeRequest(
        API.FETCH,
        11,
        { correlationId: 1, clientId: null },
        {
          replicaId: -1,
          maxWaitMs: FOR_EVER_MS,
          minBytes: 1,
          maxBytes: 1000,
          isolationLevel: 0,
          sessionId: 0,
          sessionEpoch: -1,
          topics: [{ topic: 'left', partitions: [at(0)] }],
          forgottenTopicsData: [],
          rackId: '',
        },
      );
      const answer = own.askFrame(request);
      await client.ask(API.METADATA, 9, { topics: [] });
      own.close();
      expect(await answer).toBeNull();
    }
    const answer = waiting('left', 0);
    await send(writer, 'left', batchOf(10));
    expect((await answer).records!.length).toBeGreaterThan(0);
  });
});

describe('where a fetch may begin', () => {
  test('from the log start to the log end, and nowhere else', async () => {
    await createTopic(client, 'range');
    for (let i = 0; i < 5; i++) await send(client, 'range', batchOf(10));
    await client.ask(API.DELETE_RECORDS, 2, {
      topics: [{ name: 'range', partitions: [{ partitionIndex: 0, offset: 2 }] }],
      timeoutMs: 1000,
    });
    const codes = [];
    for (let offset = 0; offset <= 6; offset++) {
      const found = await fetchFrom(client, 'range', offset);
      codes.push(found.errorCode);
      expect(found).toMatchObject({ highWatermark: 5, logStartOffset: 2 });
    }
    const out = ERROR.OFFSET_OUT_OF_RANGE;
    expect(codes).toEqual([out, out, 0, 0, 0, 0, out]);
    expect((await fetchFrom(client, 'range', -1)).errorCode).toBe(out);
    expect((await fetchFrom(client, 'range', 5)).records).toHaveLength(0);
  });

  test('in the middle of a batch it gets the whole batch', async () => {
    await createTopic(client, 'middle');
    await send(client, 'middle', batchOf(10, 10));
    await send(client, 'middle', batchOf(10, 10));
    const { records } = await fetchFrom(client, 'middle', 15);
    expect([baseOffset(records!, 0), lastOffset(records!, 0)]).toEqual([10, 19]);
    expect(records).toHaveLength(sizeInBytes(records!, 0));
  });

  test('read_committed gives the stable end and an empty list of aborted ones', async () => {
    await createTopic(client, 'committed');
    await send(client, 'committed', batchOf(10));
    const found = await fetchFrom(client, 'committed', 0, { fields: { isolationLevel: 1 } });
    expect(found).toMatchObject({ lastStableOffset: 1, abortedTransactions: [] });
    const plain = await fetchFrom(client, 'committed', 0);
    expect(plain.abortedTransactions).toBeNull();
    expect(found.records).toEqual(plain.records);
  });
});
