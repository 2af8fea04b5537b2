import { once } from 'node:events';
import { connect } from 'node:net';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { API, type ApiKey } from '../../../src/protocol/api-keys.ts';
import type { RequestOf } from '../../../src/protocol/api-registry.ts';
import { type Draft, decodeResponse, encodeRequest } from '../../../src/protocol/frames.ts';
import { recordCount, sizeInBytes } from '../../../src/records/batch-layout.ts';
import { WireClient } from '../../support/wire-client.ts';

const TOPIC = 'orders';
const COMMIT_VERSION = 8;
const FETCH_VERSION = 8;
let broker: EmbeddedBroker;

beforeEach(async () => {
  broker = await startBroker();
  await broker.createTopic(TOPIC);
});

afterEach(() => broker.close());

function framed<Key extends ApiKey>(
  key: Key,
  version: number,
  correlationId: number,
  body: Draft<RequestOf<Key>>,
): Buffer {
  const frame = encodeRequest(key, version, { correlationId, clientId: 'tests' }, body);
  const length = Buffer.alloc(4);
  length.writeInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

function commitOf(groupId: string, correlationId: number, offset: number): Buffer {
  const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: null }];
  return framed(API.OFFSET_COMMIT, COMMIT_VERSION, correlationId, {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [{ name: TOPIC, partitions }],
  });
}

function fetchOf(groupId: string, correlationId: number): Buffer {
  const topics = [{ name: TOPIC, partitionIndexes: [0] }];
  return framed(API.OFFSET_FETCH, FETCH_VERSION, correlationId, {
    groups: [{ groupId, topics }],
    requireStable: false,
  });
}

/** Sends all of it at once; resolves to that many answers, without their lengths. */
async function sendAtOnce(frames: readonly Buffer[]): Promise<Buffer[]> {
  const socket = connect(broker.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(Buffer.concat(frames));
  let received = Buffer.alloc(0);
  const answers: Buffer[] = [];
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const end = 4 + received.readInt32BE(0);
      answers.push(received.subarray(4, end));
      received = received.subarray(end);
    }
    if (answers.length === frames.length) break;
  }
  socket.destroy();
  return answers;
}

function committedOffset(answer: Buffer): number {
  const { body } = decodeResponse(API.OFFSET_FETCH, FETCH_VERSION, answer);
  return body.groups[0]!.topics[0]!.partitions[0]!.committedOffset;
}

/** The batches of `__consumer_offsets`, as record counts. */
async function batchesWritten(): Promise<number[]> {
  const client = await WireClient.open(broker.port);
  const partitions = Array.from({ length: 50 }, (_, partition) => {
    return { partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 };
  });
  const answer = await client.ask(API.FETCH, 11, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1 << 24,
    topics: [{ topic: '__consumer_offsets', partitions }],
  });
  client.close();
  const counts: number[] = [];
  for (const { records } of answer.responses[0]!.partitions) {
    if (records === null) continue;
    for (let at = 0; at < records.length; at += sizeInBytes(records, at)) {
      counts.push(recordCount(records, at));
    }
  }
  return counts;
}

test('commits that do not wait for each other keep their order, from the first of all on', async () => {
  const count = 200;
  const frames = Array.from({ length: count }, (_, index) => commitOf('one', index, index + 1));
  frames.push(fetchOf('one', count));
  const answers = await sendAtOnce(frames);
  const ids = answers.map((answer) => answer.readInt32BE(0));
  expect(ids).toEqual(Array.from({ length: count + 1 }, (_, index) => index));
  for (const answer of answers.slice(0, count)) {
    const { body } = decodeResponse(API.OFFSET_COMMIT, COMMIT_VERSION, answer);
    expect(body.topics[0]!.partitions[0]!.errorCode).toBe(0);
  }
  // The fetch behind them waits for them all.
  expect(committedOffset(answers[count]!)).toBe(count);
});

test('a later, smaller commit is what the group has', async () => {
  const answers = await sendAtOnce([
    commitOf('back', 0, 6),
    commitOf('back', 1, 2),
    fetchOf('back', 2),
  ]);
  expect(committedOffset(answers[2]!)).toBe(2);
});

test('commits that come together are written together', async () => {
  await sendAtOnce([commitOf('many', 0, 1)]);
  const count = 100;
  await sendAtOnce(Array.from({ length: count }, (_, index) => commitOf('many', index, index + 2)));
  const batches = await batchesWritten();
  expect(batches.reduce((sum, records) => sum + records, 0)).toBe(count + 1);
  expect(batches.length).toBeLessThan(count / 2);
});
