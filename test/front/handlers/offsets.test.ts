import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { WireClient } from '../../support/wire-client.ts';

let broker: EmbeddedBroker;
let client: WireClient;
const TIME = Date.now() - 60_000;

beforeAll(async () => {
  broker = await startBroker();
  client = await WireClient.open(broker.port);
  await broker.createTopic('times');
  await broker.createTopic('empty');
  for (const delta of [1000, 2000, 9000, 4000]) {
    await client.produce('times', 0, [{ value: Buffer.from('x'), timestamp: TIME + delta }]);
  }
});

afterAll(async () => {
  client.close();
  await broker.close();
});

async function place(topic: string, timestamp: number, version = 9, currentLeaderEpoch = -1) {
  const partitions = [{ partitionIndex: 0, currentLeaderEpoch, timestamp }];
  const answer = await client.ask(API.LIST_OFFSETS, version, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: topic, partitions }],
  });
  return answer.topics[0]!.partitions[0]!;
}

const nowhere = { errorCode: 0, offset: -1, timestamp: -1 };

describe('ListOffsets', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('version %i finds both ends', async (version) => {
    expect(await place('times', -1, version)).toMatchObject({ errorCode: 0, offset: 4 });
    expect(await place('times', -2, version)).toMatchObject({ errorCode: 0, offset: 0 });
  });

  test('finds the first record that is not older than a time', async () => {
    const first = await place('times', TIME + 1500);
    expect(first).toMatchObject({
      errorCode: 0,
      offset: 1,
      timestamp: TIME + 2000,
      leaderEpoch: 0,
    });
    expect(await place('times', TIME + 2001)).toMatchObject({ offset: 2, timestamp: TIME + 9000 });
    expect(await place('times', 0)).toMatchObject({ offset: 0, timestamp: TIME + 1000 });
  });

  test('answers -1 and never 0 where there is no such record', async () => {
    expect(await place('times', TIME + 9001)).toMatchObject(nowhere);
    expect(await place('empty', TIME)).toMatchObject(nowhere);
    expect(await place('empty', -3)).toMatchObject(nowhere);
    expect(await place('times', -5)).toMatchObject(nowhere);
  });

  test('finds the record with the largest timestamp', async () => {
    expect(await place('times', -3)).toMatchObject({ offset: 2, timestamp: TIME + 9000 });
  });

  test('takes the earliest local offset for the earliest', async () => {
    expect(await place('times', -4)).toMatchObject({ errorCode: 0, offset: 0 });
  });

  test('refuses special timestamps that a version or Kafka does not know', async () => {
    expect((await place('times', -3, 6)).errorCode).toBe(ERROR.UNSUPPORTED_VERSION);
    expect((await place('times', -7)).errorCode).toBe(ERROR.UNSUPPORTED_VERSION);
  });

  test('checks the leader epoch and always tells it', async () => {
    expect(await place('times', -1, 9, 0)).toMatchObject({ errorCode: 0, leaderEpoch: 0 });
    expect((await place('times', -1, 9, 5)).errorCode).toBe(ERROR.UNKNOWN_LEADER_EPOCH);
    expect((await place('missing', -1)).errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  });

  test('refuses a partition that is named twice', async () => {
    const partition = { partitionIndex: 0, timestamp: -1 };
    const answer = await client.ask(API.LIST_OFFSETS, 9, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: 'times', partitions: [partition, partition] }],
    });
    const codes = answer.topics[0]!.partitions.map(({ errorCode }) => errorCode);
    expect(codes).toEqual([ERROR.INVALID_REQUEST, ERROR.INVALID_REQUEST]);
  });
});

describe('OffsetForLeaderEpoch', () => {
  async function endOf(topic: string, leaderEpoch: number, currentLeaderEpoch = -1) {
    const partitions = [{ partition: 0, currentLeaderEpoch, leaderEpoch }];
    const answer = await client.ask(API.OFFSET_FOR_LEADER_EPOCH, 4, {
      replicaId: -1,
      topics: [{ topic, partitions }],
    });
    return answer.topics[0]!.partitions[0]!;
  }

  test('answers the end of the log for the present epoch, of an empty log too', async () => {
    expect(await endOf('times', 0)).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 4 });
    expect(await endOf('empty', 0)).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 0 });
  });

  test('knows nothing of an epoch to come', async () => {
    expect(await endOf('times', 3)).toMatchObject({ errorCode: 0, leaderEpoch: -1, endOffset: -1 });
    expect((await endOf('times', 0, 3)).errorCode).toBe(ERROR.UNKNOWN_LEADER_EPOCH);
  });
});

describe('DeleteRecords', () => {
  async function deleteTo(topic: string, offset: number) {
    const answer = await client.ask(API.DELETE_RECORDS, 2, {
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset }] }],
      timeoutMs: 1000,
    });
    return answer.topics[0]!.partitions[0]!;
  }

  test('raises the start of the log, and -1 is the high watermark', async () => {
    await broker.createTopic('shrinks');
    for (let i = 0; i < 5; i++) await client.produce('shrinks', 0, [{ value: Buffer.from('x') }]);
    expect(await deleteTo('shrinks', 2)).toMatchObject({ errorCode: 0, lowWatermark: 2 });
    expect(await place('shrinks', -2)).toMatchObject({ offset: 2 });
    expect(await deleteTo('shrinks', 1)).toMatchObject({ errorCode: 0, lowWatermark: 2 });
    expect(await deleteTo('shrinks', -1)).toMatchObject({ errorCode: 0, lowWatermark: 5 });
    expect(await place('shrinks', -2)).toMatchObject({ offset: 5 });
    expect((await deleteTo('shrinks', 6)).errorCode).toBe(ERROR.OFFSET_OUT_OF_RANGE);
  });

  test('leaves compacted topics alone', async () => {
    await broker.createTopic('compacted', { config: { 'cleanup.policy': 'compact' } });
    expect((await deleteTo('compacted', 0)).errorCode).toBe(ERROR.POLICY_VIOLATION);
  });
});
