import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { CODEC } from '../../../src/records/codec-ids.ts';
import { crc32c } from '../../../src/records/crc32c.ts';
import { decodeRecords } from '../../../src/records/record-iterator.ts';
import { GatewayFixture, valuesOf } from '../gateway-fixture.ts';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await GatewayFixture.start();
});
afterAll(() => gateway.close());

const HEADER_BYTES = 12;

function produceFrame(topic: string, id: number, partition: number, ...batches: Buffer[]): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head[0] = 2;
  head[1] = 1;
  head.writeUInt16BE(Buffer.byteLength(topic), 2);
  head.writeUInt32BE(id, 4);
  head.writeInt32BE(partition, 8);
  return Buffer.concat([head, Buffer.from(topic), ...batches]);
}

describe('produce', () => {
  it('answers with the offsets of each partition', async () => {
    await gateway.broker.createTopic('to', { partitions: 2 });
    const client = await gateway.connect();
    const records = [
      { value: 'a', partition: 1 },
      { value: 'b', partition: 0 },
      { value: 'c', partition: 1 },
    ];
    for (const acks of [1, 'all'] as const) {
      const base = acks === 1 ? 0 : 1;
      expect(await client.ask({ type: 'produce', topic: 'to', acks, records })).toMatchObject({
        type: 'ok',
        offsets: [
          { partition: 1, base: base * 2, count: 2 },
          { partition: 0, base, count: 1 },
        ],
      });
    }
  });

  it('with acks 0 says nothing but is appended all the same', async () => {
    await gateway.broker.createTopic('quiet');
    const client = await gateway.connect();
    client.tell({ type: 'produce', id: 1, topic: 'quiet', acks: 0, records: [{ value: 'x' }] });
    await client.ask({ type: 'subscribe', sub: 1, topic: 'quiet', from: 'earliest' });
    expect(valuesOf(await client.records(1, 1))).toEqual(['x']);
    expect(client.waiting).toEqual([]);
  });

  it('sends records of one key to one partition', async () => {
    await gateway.broker.createTopic('keys', { partitions: 5 });
    const client = await gateway.connect();
    const records = Array.from({ length: 10 }, () => ({ key: 'same', value: '' }));
    const { offsets } = await client.ask({ type: 'produce', topic: 'keys', records });
    expect(offsets).toMatchObject([{ count: 10 }]);
  });

  it('answers a repeated sequence with the original offset and appends it once', async () => {
    await gateway.broker.createTopic('once');
    const client = await gateway.connect();
    const { producerId, producerEpoch } = await client.ask({ type: 'producer' });
    const command = { type: 'produce', topic: 'once', partition: 0, producerId, producerEpoch };
    const first = { ...command, sequence: 0, records: [{ value: 'a' }, { value: 'b' }] };
    const second = { ...command, sequence: 2, records: [{ value: 'c' }] };
    expect((await client.ask(first)).offsets).toEqual([{ partition: 0, base: 0, count: 2 }]);
    expect((await client.ask(second)).offsets).toEqual([{ partition: 0, base: 2, count: 1 }]);
    const again = await gateway.connect();
    expect((await again.ask(first)).offsets).toEqual([{ partition: 0, base: 0, count: 2 }]);
    const gap = await again.ask({ ...second, sequence: 9 });
    expect(gap).toMatchObject({
      code: 'produce_failed',
      failed: [{ partition: 0, code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }],
    });
    await again.ask({ type: 'subscribe', sub: 1, topic: 'once', from: 'earliest' });
    expect(valuesOf(await again.records(1, 3))).toEqual(['a', 'b', 'c']);
  });

  it('names the field that is wrong', async () => {
    await gateway.broker.createTopic('strict');
    const client = await gateway.connect();
    const base = { type: 'produce', topic: 'strict' };
    const cases: [object, string, string][] = [
      [{ ...base, records: [] }, 'bad_value', 'records'],
      [{ ...base, records: [{ value: 1 }] }, 'bad_value', 'records.0.value'],
      [{ ...base, records: [{ value: 'a' }, 7] }, 'bad_value', 'records.1'],
      [{ ...base, acks: 2, records: [{}] }, 'bad_value', 'acks'],
      [{ ...base, values: 'base64', records: [{ value: '***' }] }, 'bad_value', 'records.0.value'],
      [{ ...base, values: 'base64', records: [{ value: 'a' }] }, 'bad_value', 'records.0.value'],
      [
        { ...base, records: [{ headers: [['h', null, '*']] }] },
        'bad_value',
        'records.0.headers.0.2',
      ],
      [{ ...base, partition: 3, records: [{}] }, 'unknown_partition', 'partition'],
      [{ ...base, producerId: 1, sequence: 0, records: [{}] }, 'bad_value', 'partition'],
      [{ type: 'produce', topic: 'nowhere', records: [{}] }, 'unknown_topic', 'topic'],
    ];
    for (const [command, code, field] of cases) {
      expect(await client.ask(command as Record<string, unknown>)).toMatchObject({ code, field });
    }
  });
});

describe('millrace.batch', () => {
  it('carries the stored batches byte for byte, compressed ones too', async () => {
    await gateway.broker.createTopic('bytes');
    const client = await gateway.connect('millrace.batch');
    const records = [{ key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 1000 }];
    const plain = buildBatch([{ value: Buffer.from('x'), timestamp: Date.now() }]);
    const zipped = buildBatch(records, { codec: CODEC.GZIP });
    client.sendBinary(produceFrame('bytes', 9, 0, plain, zipped));
    const answer = await client.next((text) => text.id === 9);
    expect(answer.offsets).toEqual([
      { partition: 0, base: 0, count: 1 },
      { partition: 0, base: 1, count: 1 },
    ]);
    await client.ask({ type: 'subscribe', sub: 70_000, topic: 'bytes', from: 'earliest' });
    const frame = await client.nextFrame();
    expect(frame[0]).toBe(1);
    expect(frame.readUInt32BE(4)).toBe(70_000);
    expect(frame.readInt32BE(8)).toBe(0);
    expect(Number(frame.readBigInt64BE(16))).toBe(0);
    expect(Number(frame.readBigInt64BE(24))).toBe(2);
    expect(frame.readUInt32BE(40)).toBe(2);
    const topicBytes = frame.readUInt16BE(2);
    expect(frame.toString('utf8', 48, 48 + topicBytes)).toBe('bytes');
    const stored = frame.subarray(48 + topicBytes);
    expect(stored.length).toBe(plain.length + zipped.length);
    expect(stored.subarray(plain.length + 17)).toEqual(zipped.subarray(17));
    expect(decodeRecords(stored).map(({ offset }) => offset)).toEqual([0, 1]);
  });

  it('writes batches anew where a filter leaves records out', async () => {
    await gateway.broker.createTopic('some');
    const client = await gateway.connect('millrace.batch');
    const records = Array.from({ length: 10 }, (_, i) => ({ key: `k${i % 2}`, value: `v${i}` }));
    await client.ask({ type: 'produce', topic: 'some', records });
    const filter = { key: 'k1' };
    await client.ask({ type: 'subscribe', sub: 1, topic: 'some', from: { offset: 3 }, filter });
    const frame = await client.nextFrame();
    expect(frame[1]).toBe(1);
    expect(frame.readUInt32BE(44)).toBe(3);
    const kept = decodeRecords(frame.subarray(48 + frame.readUInt16BE(2)));
    expect(kept.map(({ offset }) => offset)).toEqual([3, 5, 7, 9]);
  });

  it('refuses frames that hold no whole batch', async () => {
    await gateway.broker.createTopic('whole');
    const client = await gateway.connect('millrace.batch');
    const batch = buildBatch([{ value: Buffer.from('x'), timestamp: 1 }]);
    client.sendBinary(produceFrame('whole', 1, 0, batch.subarray(0, 50)));
    expect(await client.next((text) => text.id === 1)).toMatchObject({ code: 'bad_batch' });
    client.sendBinary(Buffer.from([2, 1, 0]));
    expect(await client.next((text) => text.id === null)).toMatchObject({ code: 'bad_batch' });
    const ofTransaction = { transactional: true, producerId: 1, producerEpoch: 0, baseSequence: 0 };
    const transactional = buildBatch([{ value: Buffer.from('x'), timestamp: 1 }], ofTransaction);
    client.sendBinary(produceFrame('whole', 2, 0, transactional));
    expect(await client.next((text) => text.id === 2)).toMatchObject({
      code: 'bad_batch',
      message: expect.stringContaining('use a Kafka client'),
    });
    batch[30] = batch[30]! ^ 1;
    client.sendBinary(produceFrame('whole', 3, 0, batch));
    expect(await client.next((text) => text.id === 3)).toMatchObject({
      failed: [{ code: 'CORRUPT_MESSAGE' }],
    });
  });

  it('tells a JSON reader of records that cannot be opened, and goes on', async () => {
    await gateway.broker.createTopic('garbage');
    const client = await gateway.connect('millrace.batch');
    const value = Buffer.from('x');
    const good = buildBatch([{ value, timestamp: Date.now() }]);
    const bad = brokenBatch();
    client.sendBinary(produceFrame('garbage', 1, 0, good, bad, good));
    await client.next((text) => text.id === 1);
    const reader = await gateway.connect();
    await reader.ask({ type: 'subscribe', sub: 1, topic: 'garbage', from: 'earliest' });
    const offsets = (await reader.records(1, 2)).map((record) => record.offset);
    expect(offsets).toEqual([0, 4]);
    expect(await reader.next((text) => text.type === 'gap')).toMatchObject({
      from: 1,
      to: 4,
      reason: 'corrupt',
    });
  });
});

/** A valid batch whose gzip data is not gzip. */
function brokenBatch(): Buffer {
  const records = Array.from({ length: 3 }, () => ({ value: Buffer.from('y'), timestamp: 1 }));
  const batch = buildBatch(records, { codec: CODEC.GZIP });
  batch.fill(0x55, 61);
  batch.writeUInt32BE(crc32c(batch, 21, batch.length), 17);
  return batch;
}
