import * as zlib from 'node:zlib';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { type BatchOptions, buildBatch, sealBatch } from '../../src/records/batch-builder.ts';
import {
  ATTRIBUTES,
  baseOffset,
  codecId,
  crc,
  isLogAppendTime,
  maxTimestamp,
  partitionLeaderEpoch,
  RECORDS,
  setBaseOffset,
  setLastOffsetDelta,
  setRecordCount,
  sizeInBytes,
} from '../../src/records/batch-layout.ts';
import { CODEC } from '../../src/records/codec-ids.ts';
import { crc32c } from '../../src/records/crc32c.ts';
import { decodeRecords } from '../../src/records/record-iterator.ts';
import { Random } from '../records/random.ts';
import { frame, RawPeer } from '../support/raw-peer.ts';
import { alterTopic, createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { fetchFrom, offsetAt, send } from '../support/wire-requests.ts';

let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  broker = await startBroker({ config: { 'socket.request.max.bytes': 3_000_000 } });
  client = await WireClient.open(broker.port);
  await broker.createTopic('plain');
});

afterAll(async () => {
  client.close();
  await broker.close();
});

const NOW = Date.now();
const text = (value: string, timestamp = NOW) => ({ value: Buffer.from(value), timestamp });

/** The first stored batch from an offset on. */
async function stored(topic: string, offset: number): Promise<Buffer> {
  const { errorCode, records } = await fetchFrom(client, topic, offset);
  expect(errorCode).toBe(0);
  return records!.subarray(0, sizeInBytes(records!, 0));
}

describe('an append', () => {
  test('rewrites base offset and leader epoch and nothing else', async () => {
    const batch = buildBatch([text('a'), text('b')], { codec: CODEC.GZIP });
    await send(client, 'plain', batch);
    const { baseOffset: at } = await send(client, 'plain', batch);
    const found = await stored('plain', at);
    expect(baseOffset(found, 0)).toBe(at);
    expect(partitionLeaderEpoch(found, 0)).toBe(0);
    expect(found.subarray(16)).toEqual(batch.subarray(16));
    expect(crc(found, 0)).toBe(crc32c(found, ATTRIBUTES, found.length));
  });
});

describe('message.timestamp.type=LogAppendTime', () => {
  test.each([CODEC.NONE, CODEC.ZSTD])('codec %i: stamps, and tells the time', async (codec) => {
    const topic = `append-time-${codec}`;
    await createTopic(client, topic, { 'message.timestamp.type': 'LogAppendTime' });
    const before = Date.now();
    const batch = buildBatch([text('a', 5), text('b', 6)], { codec });
    const answer = await send(client, topic, batch);
    expect(answer.logAppendTimeMs).toBeGreaterThanOrEqual(before);
    expect(answer.logAppendTimeMs).toBeLessThanOrEqual(Date.now());
    const found = await stored(topic, 0);
    expect(isLogAppendTime(found, 0)).toBe(true);
    expect(maxTimestamp(found, 0)).toBe(answer.logAppendTimeMs);
    expect(crc(found, 0)).toBe(crc32c(found, ATTRIBUTES, found.length));
    // No recompression: the records are those that were sent.
    expect(found.subarray(RECORDS)).toEqual(batch.subarray(RECORDS));
    expect(decodeRecords(found).map(({ timestamp }) => timestamp)).toEqual([
      answer.logAppendTimeMs,
      answer.logAppendTimeMs,
    ]);
    expect(await offsetAt(client, topic, answer.logAppendTimeMs)).toMatchObject({
      offset: 0,
      timestamp: answer.logAppendTimeMs,
    });
    expect(await offsetAt(client, topic, answer.logAppendTimeMs + 1)).toMatchObject({ offset: -1 });
  });

  test('CreateTime answers -1', async () => {
    const answer = await send(client, 'plain', buildBatch([text('a')]));
    expect(answer).toMatchObject({ errorCode: 0, logAppendTimeMs: -1 });
  });
});

/** A batch with a defect, its CRC true of it. */
function broken(change: (batch: Buffer) => void, options: BatchOptions = {}): Buffer {
  const batch = buildBatch([text('a'), text('b')], options);
  change(batch);
  sealBatch(batch);
  return batch;
}

describe('a batch that is not valid', () => {
  const good = buildBatch([text('a')]);
  const flipped = Buffer.from(good);
  flipped[flipped.length - 1]! ^= 1;
  const oldMagic = Buffer.from(good);
  oldMagic[16] = 1;
  const noMagic = Buffer.from(good);
  noMagic[16] = 7;
  const { INVALID_RECORD, CORRUPT_MESSAGE } = ERROR;
  test.each<[string, Buffer, number]>([
    ['two batches', Buffer.concat([good, good]), INVALID_RECORD],
    ['a batch that is cut off', good.subarray(0, -1), INVALID_RECORD],
    ['a CRC that does not match', flipped, CORRUPT_MESSAGE],
    ['magic 1', oldMagic, INVALID_RECORD],
    ['magic 7', noMagic, CORRUPT_MESSAGE],
    ['a count of 0', broken((b) => setRecordCount(b, 0, 0)), INVALID_RECORD],
    ['a last offset delta apart', broken((b) => setLastOffsetDelta(b, 0, 5)), INVALID_RECORD],
    ['a base offset', broken((b) => setBaseOffset(b, 0, 3)), INVALID_RECORD],
    ['a control batch', broken(() => {}, { control: true }), INVALID_RECORD],
    [
      'a producer without a sequence',
      broken(() => {}, { producerId: 5, producerEpoch: 0 }),
      INVALID_RECORD,
    ],
  ])('%s is refused and leaves no trace', async (_, batch, errorCode) => {
    const before = await offsetAt(client, 'plain', -1);
    expect((await send(client, 'plain', batch)).errorCode).toBe(errorCode);
    expect((await offsetAt(client, 'plain', -1)).offset).toBe(before.offset);
  });

  test('zstd is refused before Produce 7', async () => {
    const zstd = buildBatch([text('a')], { codec: CODEC.ZSTD });
    const old = await send(client, 'plain', zstd, { version: 6 });
    expect(old.errorCode).toBe(ERROR.UNSUPPORTED_COMPRESSION_TYPE);
    expect((await send(client, 'plain', zstd, { version: 7 })).errorCode).toBe(0);
  });
});

describe('a batch with the transactional bit', () => {
  const producer = { producerId: 7, producerEpoch: 0, baseSequence: 0 };
  const inside = buildBatch([text('a')], { ...producer, transactional: true });
  const end = async () => (await offsetAt(client, 'plain', -1)).offset;

  test('is refused without a transactional id, and with it all of its request', async () => {
    const before = await end();
    const answer = await client.ask(API.PRODUCE, 9, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topicData: [
        { name: 'none', partitionData: [{ index: 0, records: buildBatch([text('a')]) }] },
        { name: 'plain', partitionData: [{ index: 0, records: inside }] },
      ],
    });
    const codes = answer.responses.map((each) => each.partitionResponses[0]!.errorCode);
    const { TRANSACTIONAL_ID_AUTHORIZATION_FAILED: refused } = ERROR;
    expect(codes).toEqual([refused, refused]);
    expect(await end()).toBe(before);
  });

  test('is refused where no transaction of its producer is open', async () => {
    const before = await end();
    const transactionalId = 'mine';
    const answer = await send(client, 'plain', inside, { transactionalId });
    // Nobody knows yet: the coordinator's topic comes with the first producer that looks for it.
    expect(answer).toMatchObject({ errorCode: ERROR.NOT_ENOUGH_REPLICAS, baseOffset: -1 });
    expect(await end()).toBe(before);
    const outside = buildBatch([text('a')], producer);
    expect((await send(client, 'plain', outside, { transactionalId })).errorCode).toBe(0);
    const zombie = buildBatch([text('a')], {
      producerId: 7,
      producerEpoch: 1,
      baseSequence: 0,
    });
    expect((await send(client, 'plain', zombie)).errorCode).toBe(0);
    const stale = buildBatch([text('b')], { ...producer, baseSequence: 1, transactional: true });
    expect(await send(client, 'plain', stale, { transactionalId })).toMatchObject({
      errorCode: ERROR.INVALID_PRODUCER_EPOCH,
    });
  });
});

describe('max.message.bytes', () => {
  const large = buildBatch([{ value: Buffer.alloc(2000, 'x'), timestamp: NOW }]);

  test('is a bound of each partition by itself, on the batch', async () => {
    await createTopic(client, 'small', { 'max.message.bytes': '1000' });
    const small = buildBatch([text('fits')]);
    const answer = await client.ask(API.PRODUCE, 9, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topicData: [
        { name: 'small', partitionData: [{ index: 0, records: large }] },
        { name: 'plain', partitionData: [{ index: 0, records: large }] },
      ],
    });
    const codes = answer.responses.map((each) => each.partitionResponses[0]!.errorCode);
    expect(codes).toEqual([ERROR.MESSAGE_TOO_LARGE, 0]);
    expect((await send(client, 'small', small)).errorCode).toBe(0);
  });

  test('lets pass exactly its own size', async () => {
    await createTopic(client, 'exact', { 'max.message.bytes': String(large.length) });
    expect((await send(client, 'exact', large)).errorCode).toBe(0);
    await createTopic(client, 'one-less', { 'max.message.bytes': String(large.length - 1) });
    expect((await send(client, 'one-less', large)).errorCode).toBe(ERROR.MESSAGE_TOO_LARGE);
  });

  test('is measured before recompression, as in Kafka, and after it', async () => {
    const configs = { 'compression.type': 'gzip', 'max.message.bytes': '1000' };
    await createTopic(client, 'packed', configs);
    expect((await send(client, 'packed', large)).errorCode).toBe(ERROR.MESSAGE_TOO_LARGE);
    const unpacked = { 'compression.type': 'uncompressed', 'max.message.bytes': '1000' };
    await createTopic(client, 'unpacked', unpacked);
    const packed = buildBatch([{ value: Buffer.alloc(2000, 'x'), timestamp: NOW }], {
      codec: CODEC.GZIP,
    });
    expect(packed.length).toBeLessThan(1000);
    expect((await send(client, 'unpacked', packed)).errorCode).toBe(ERROR.MESSAGE_TOO_LARGE);
  });

  test('can be changed, and takes effect with the answer', async () => {
    await createTopic(client, 'changed', { 'max.message.bytes': '1000' });
    await alterTopic(client, 'changed', { 'max.message.bytes': '5000' });
    expect((await send(client, 'changed', large)).errorCode).toBe(0);
  });

  test('a frame beyond socket.request.max.bytes closes the connection unread', async () => {
    const peer = await RawPeer.open(broker.port);
    await peer.send(frame(Buffer.alloc(3_000_001)).subarray(0, 100));
    await peer.closedWithin(5000);
  });
});

describe('compression.type', () => {
  const names = ['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
  test.each(names)('%s: batches of all codecs are stored so', async (name) => {
    const topic = `stored-as-${name}`;
    await createTopic(client, topic, { 'compression.type': name });
    const values = Array.from({ length: 20 }, (_, i) => `value ${i} ${'z'.repeat(50)}`);
    for (let codec = 0; codec <= 4; codec++) {
      const records = values.map((value) => text(value));
      const answer = await send(client, topic, buildBatch(records, { codec }));
      expect(answer).toMatchObject({ errorCode: 0, baseOffset: codec * values.length });
      const found = await stored(topic, codec * values.length);
      expect(codecId(found, 0)).toBe(names.indexOf(name));
      expect(crc(found, 0)).toBe(crc32c(found, ATTRIBUTES, found.length));
      expect(decodeRecords(found).map(({ value }) => value!.toString())).toEqual(values);
    }
  });

  /** Levels of zstd count where Node has it; the broker's own coder knows a single one. */
  const levels = [
    ['gzip', '1', '9'],
    ['lz4', '1', '12'],
    ...('zstdCompressSync' in zlib ? [['zstd', '1', '19']] : []),
  ] as [string, string, string][];
  test.each(levels)('of a topic has the level that compression.%s.level says', async (...row) => {
    const [name, ...wanted] = row;
    const records = [{ value: new Random(4).text(50_000), timestamp: NOW }];
    const sizes: number[] = [];
    for (const level of wanted) {
      const topic = `${name}-at-${level}`;
      const configs = { 'compression.type': name, [`compression.${name}.level`]: level };
      await createTopic(client, topic, configs);
      expect((await send(client, topic, buildBatch(records))).errorCode).toBe(0);
      sizes.push((await stored(topic, 0)).length);
    }
    expect(sizes[1]).toBeLessThan(sizes[0]!);
  });

  test('keeps the order and the sequences of a producer', async () => {
    await createTopic(client, 'in-order', { 'compression.type': 'lz4' });
    for (let i = 0; i < 10; i++) {
      const options = { producerId: 9, producerEpoch: 0, baseSequence: i, codec: i % 5 };
      const batch = buildBatch([text(String(i))], options);
      expect(await send(client, 'in-order', batch)).toMatchObject({ baseOffset: i });
      expect(await send(client, 'in-order', batch)).toMatchObject({ errorCode: 0, baseOffset: i });
    }
    expect(await offsetAt(client, 'in-order', -1)).toMatchObject({ offset: 10 });
  });
});

test('message.timestamp.before.max.ms and after.max.ms refuse what is beyond them', async () => {
  const configs = {
    'message.timestamp.before.max.ms': '60000',
    'message.timestamp.after.max.ms': '60000',
  };
  await createTopic(client, 'bounded', configs);
  const at = (deltaMs: number) =>
    send(client, 'bounded', buildBatch([text('x', Date.now() + deltaMs)]));
  expect((await at(-120_000)).errorCode).toBe(ERROR.INVALID_TIMESTAMP);
  expect((await at(120_000)).errorCode).toBe(ERROR.INVALID_TIMESTAMP);
  expect((await at(0)).errorCode).toBe(0);
  const appendTime = { ...configs, 'message.timestamp.type': 'LogAppendTime' };
  await createTopic(client, 'unbounded', appendTime);
  expect((await send(client, 'unbounded', buildBatch([text('x', 5)]))).errorCode).toBe(0);
});

test('min.insync.replicas wants no more replicas than a topic has, as in Kafka 4', async () => {
  await createTopic(client, 'two-wanted', { 'min.insync.replicas': '2' });
  const batch = buildBatch([text('x')]);
  for (const [baseOffset, acks] of [-1, 1].entries()) {
    const answer = await send(client, 'two-wanted', batch, { acks });
    expect(answer).toMatchObject({ errorCode: 0, baseOffset });
  }
});

test.each([0, 1, 2, 3, 4])('a compacted topic wants keys, behind codec %i too', async (codec) => {
  const topic = `keyed-${codec}`;
  await createTopic(client, topic, { 'cleanup.policy': 'compact' });
  const without = buildBatch([{ ...text('a'), key: Buffer.from('k') }, text('b')], { codec });
  const refused = await send(client, topic, without);
  expect(refused.errorCode).toBe(ERROR.INVALID_RECORD);
  const keyed = buildBatch([{ ...text('a'), key: Buffer.from('k') }], { codec });
  expect(await send(client, topic, keyed)).toMatchObject({ errorCode: 0, baseOffset: 0 });
});
