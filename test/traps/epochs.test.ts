import { truncateSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import {
  baseOffset,
  MAGIC,
  MAGIC_V2,
  partitionLeaderEpoch,
  sizeInBytes,
} from '../../src/records/batch-layout.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { askFetch, fetchFrom, offsetAt, send } from '../support/wire-requests.ts';

const TOPIC = 'torn';
const SENT = 6;
let dataDir: string;
let broker: BrokerProcess;
let client: WireClient;

/** Where the last whole batch of a log file begins. */
function lastBatchAt(log: Buffer): number {
  let last = 0;
  for (let at = 0; at + MAGIC < log.length && log[at + MAGIC] === MAGIC_V2; ) {
    last = at;
    at += sizeInBytes(log, at);
  }
  return last;
}

/** A broker that wrote under epoch 0, was killed, lost its last record and started again. */
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-traps-'));
  const first = await BrokerProcess.start({ dataDir });
  const own = await WireClient.open(first.port);
  for (const topic of [TOPIC, 'whole']) {
    await createTopic(own, topic);
    for (let i = 0; i < SENT; i++) {
      await send(own, topic, buildBatch([{ value: Buffer.from(`value ${i}`) }]));
    }
  }
  expect(await offsetAt(own, TOPIC, -1)).toMatchObject({ offset: SENT, leaderEpoch: 0 });
  own.close();
  await first.kill();
  const path = join(dataDir, `${TOPIC}-0`, '00000000000000000000.log');
  truncateSync(path, lastBatchAt(await readFile(path)) + 30);
  broker = await BrokerProcess.start({ dataDir });
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.kill();
  await rm(dataDir, { recursive: true, force: true });
});

async function endOfEpoch(leaderEpoch: number, currentLeaderEpoch = -1, topic = TOPIC) {
  const partitions = [{ partition: 0, currentLeaderEpoch, leaderEpoch }];
  const answer = await client.ask(API.OFFSET_FOR_LEADER_EPOCH, 4, {
    replicaId: -1,
    topics: [{ topic, partitions }],
  });
  return answer.topics[0]!.partitions[0]!;
}

async function epochInMetadata(topic: string): Promise<number> {
  const answer = await client.ask(API.METADATA, 9, { topics: [{ name: topic }] });
  return answer.topics[0]!.partitions[0]!.leaderEpoch;
}

describe('after a torn tail', () => {
  test('the leader epoch is raised, and is the same everywhere', async () => {
    expect(await offsetAt(client, TOPIC, -1)).toMatchObject({ offset: SENT - 1, leaderEpoch: 1 });
    expect(await epochInMetadata(TOPIC)).toBe(1);
    expect((await fetchFrom(client, TOPIC, 0, { currentLeaderEpoch: 1 })).errorCode).toBe(0);
    expect((await offsetAt(client, TOPIC, -1, 1)).errorCode).toBe(0);
  });

  test('a client of the epoch before is fenced, and one of an epoch to come told so', async () => {
    const fenced = ERROR.FENCED_LEADER_EPOCH;
    const unknown = ERROR.UNKNOWN_LEADER_EPOCH;
    for (const [epoch, code] of [
      [0, fenced],
      [2, unknown],
    ]) {
      const fetched = await fetchFrom(client, TOPIC, 0, { currentLeaderEpoch: epoch! });
      expect(fetched.errorCode).toBe(code);
      expect((await offsetAt(client, TOPIC, -1, epoch)).errorCode).toBe(code);
      expect((await endOfEpoch(0, epoch)).errorCode).toBe(code);
    }
  });

  test('OffsetForLeaderEpoch tells where the old epoch ended, which shows the loss', async () => {
    const end = SENT - 1;
    expect(await endOfEpoch(0)).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: end });
    expect(await endOfEpoch(1)).toMatchObject({ errorCode: 0, leaderEpoch: 1, endOffset: end });
    expect(await endOfEpoch(5)).toMatchObject({ errorCode: 0, leaderEpoch: -1, endOffset: -1 });
  });

  test('what is appended now has the new epoch, and ends the old one for good', async () => {
    const answer = await send(client, TOPIC, buildBatch([{ value: Buffer.from('new') }]));
    expect(answer.baseOffset).toBe(SENT - 1);
    const { records } = await fetchFrom(client, TOPIC, SENT - 1);
    expect(baseOffset(records!, 0)).toBe(SENT - 1);
    expect(partitionLeaderEpoch(records!, 0)).toBe(1);
    const before = await fetchFrom(client, TOPIC, 0);
    expect(partitionLeaderEpoch(before.records!, 0)).toBe(0);
    expect(await endOfEpoch(0)).toMatchObject({ leaderEpoch: 0, endOffset: SENT - 1 });
    expect(await endOfEpoch(1)).toMatchObject({ leaderEpoch: 1, endOffset: SENT });
  });

  test('a log that was open and is whole counts as if readers had seen more of it', async () => {
    expect(await offsetAt(client, 'whole', -1)).toMatchObject({ offset: SENT, leaderEpoch: 1 });
    expect(await endOfEpoch(0, -1, 'whole')).toMatchObject({ leaderEpoch: 0, endOffset: SENT });
  });

  test('a fetch that names an epoch of its past learns where its history parted', async () => {
    const fetch = (offset: number, lastFetchedEpoch: number) =>
      fetchFrom(client, TOPIC, offset, { version: 12, lastFetchedEpoch });
    const none = { epoch: -1, endOffset: -1 };
    const shared = await fetch(SENT - 1, 0);
    expect(shared).toMatchObject({ errorCode: 0, divergingEpoch: none });
    expect(partitionLeaderEpoch(shared.records!, 0)).toBe(1);
    // Offset 5 of epoch 0 was lost; 5 of epoch 1 is another record.
    const lost = await fetch(SENT, 0);
    expect(lost).toMatchObject({
      errorCode: 0,
      divergingEpoch: { epoch: 0, endOffset: SENT - 1 },
      highWatermark: SENT,
    });
    expect(lost.records).toHaveLength(0);
    expect(await fetch(SENT - 1, 1)).toMatchObject({ errorCode: 0, divergingEpoch: none });
    expect(await fetch(SENT + 1, 1)).toMatchObject({
      errorCode: 0,
      divergingEpoch: { epoch: 1, endOffset: SENT },
    });
    expect((await fetch(0, 7)).errorCode).toBe(ERROR.OFFSET_OUT_OF_RANGE);
    // Without it an offset past the end is only that.
    expect((await fetch(SENT + 1, -1)).errorCode).toBe(ERROR.OFFSET_OUT_OF_RANGE);
  });

  test('a parting history is answered at once and told in every answer of a session', async () => {
    const partition = {
      partition: 0,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: 0,
      fetchOffset: SENT,
      partitionMaxBytes: 100_000,
    };
    const topics = [{ topic: TOPIC, partitions: [partition] }];
    const maxWaitMs = 250_000;
    const full = await askFetch(client, 12, { sessionEpoch: 0, topics, maxWaitMs });
    const { sessionId } = full;
    const next = await askFetch(client, 12, { sessionId, sessionEpoch: 1, maxWaitMs });
    for (const answer of [full, next]) {
      expect(answer.responses[0]!.partitions[0]!.divergingEpoch).toEqual({
        epoch: 0,
        endOffset: SENT - 1,
      });
    }
  });

  test('the earliest offset comes with the epoch that covers it', async () => {
    expect(await offsetAt(client, TOPIC, -2)).toMatchObject({ offset: 0, leaderEpoch: 0 });
    const deleteBefore = (offset: number) =>
      client.ask(API.DELETE_RECORDS, 2, {
        topics: [{ name: 'whole', partitions: [{ partitionIndex: 0, offset }] }],
        timeoutMs: 10_000,
      });
    await deleteBefore(SENT - 1);
    const earliest = { offset: SENT - 1, leaderEpoch: 0 };
    expect(await offsetAt(client, 'whole', -2)).toMatchObject(earliest);
    // Nothing is left of epoch 0: the log starts with what epoch 1 will append.
    await deleteBefore(SENT);
    expect(await offsetAt(client, 'whole', -2)).toMatchObject({ offset: SENT, leaderEpoch: 1 });
    expect(await offsetAt(client, 'whole', -4, -1)).toMatchObject({ offset: SENT });
  });

  test('a clean stop keeps the epoch and its history', async () => {
    client.close();
    expect(await broker.stop()).toBe(0);
    broker = await BrokerProcess.start({ dataDir });
    client = await WireClient.open(broker.port);
    expect(await offsetAt(client, TOPIC, -1)).toMatchObject({ offset: SENT, leaderEpoch: 1 });
    expect(await epochInMetadata(TOPIC)).toBe(1);
    expect(await endOfEpoch(0)).toMatchObject({ leaderEpoch: 0, endOffset: SENT - 1 });
  });
});
