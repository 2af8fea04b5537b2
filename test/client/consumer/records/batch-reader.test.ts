import { describe, expect, it } from 'vitest';
import { AbortedTransactions } from '../../../../src/client/consumer/records/aborted-transactions.ts';
import {
  BatchReader,
  type BatchReaderOptions,
  endOfBatches,
} from '../../../../src/client/consumer/records/batch-reader.ts';
import {
  type NullableBytes,
  RAW_READERS,
} from '../../../../src/client/consumer/records/record-readers.ts';
import { buildBatch } from '../../../../src/records/batch-builder.ts';
import { setBaseOffset, setRecordCount } from '../../../../src/records/batch-layout.ts';
import { CODEC } from '../../../../src/records/codec-ids.ts';
import { buildEndMarker } from '../../../../src/records/control-record.ts';

const PLACE = { topic: 'orders', partition: 3 };

function bytesOf(text: string): Buffer {
  return Buffer.from(text);
}

function batchAt(baseOffset: number, values: readonly string[], more = {}): Buffer {
  const records = values.map((value, i) => ({ value: bytesOf(value), timestamp: 100 + i }));
  return buildBatch(records, { baseOffset, leaderEpoch: 7, ...more });
}

function markerAt(baseOffset: number, producerId: number, commit: boolean): Buffer {
  const marker = buildEndMarker(commit, producerId, 0, 0, 100);
  setBaseOffset(marker, 0, baseOffset);
  return marker;
}

function reader(
  bytes: Buffer,
  offset = 0,
  more: Partial<BatchReaderOptions<NullableBytes, NullableBytes>> = {},
) {
  const options = { readers: RAW_READERS, checkCrcs: true, maxBatchBytes: 1e6, aborted: null };
  return new BatchReader(PLACE, bytes, offset, { ...options, ...more });
}

function allTexts(source: ReturnType<typeof reader>): (string | null)[] {
  const texts: (string | null)[] = [];
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    texts.push(...batch.texts());
  }
  return texts;
}

describe('BatchReader', () => {
  it('gives the parts of each record', () => {
    const headers = [
      { key: 'a', value: bytesOf('1') },
      { key: 'a', value: bytesOf('2') },
      { key: 'none', value: null },
    ];
    const records = [
      { key: bytesOf('k'), value: bytesOf('{"n":1}'), timestamp: 50, headers },
      { key: null, value: null, timestamp: 40 },
      { key: bytesOf(''), value: bytesOf(''), timestamp: 60 },
    ];
    const source = reader(buildBatch(records, { baseOffset: 10, leaderEpoch: 4 }), 10);
    const batch = source.next()!;
    expect(batch).toMatchObject({ topic: 'orders', partition: 3, length: 3 });
    expect([batch.firstOffset, batch.lastOffset, batch.nextOffset]).toEqual([10, 12, 13]);
    const [first, second, third] = [...batch];
    expect(first).toMatchObject({ offset: 10, timestamp: 50, leaderEpoch: 4, partition: 3 });
    expect(Buffer.from(first!.key!).toString()).toBe('k');
    expect([...first!.headers].map(([name]) => name)).toEqual(['a', 'a', 'none']);
    expect(first!.headers.text('a')).toBe('2');
    expect(first!.headers.getAll('a')).toHaveLength(2);
    expect(first!.header('none')).toBeNull();
    expect(first!.header('other')).toBeUndefined();
    expect(second).toMatchObject({ key: null, value: null, timestamp: 40 });
    expect([third!.key!.length, third!.value!.length]).toEqual([0, 0]);
    expect(third!.headers.size).toBe(0);
    expect(first!.detach().batch.json()).toEqual([{ n: 1 }]);
    expect(source.next()).toBeNull();
    expect(source).toMatchObject({ nextOffset: 13, leaderEpoch: 4 });
  });

  it('leaves out what lies before the offset and does not mind a batch that is cut off', () => {
    const bytes = Buffer.concat([batchAt(0, ['a', 'b', 'c']), batchAt(3, ['d']).subarray(0, 40)]);
    const source = reader(bytes, 1);
    expect(allTexts(source)).toEqual(['b', 'c']);
    expect(source.nextOffset).toBe(3);
    expect(endOfBatches(bytes, 1)).toEqual({ offset: 3, epoch: 7 });
  });

  it.each(Object.entries(CODEC))('opens %s', (_, codec) => {
    const values = Array.from({ length: 50 }, (__, i) => `value ${i}`);
    expect(allTexts(reader(batchAt(5, values, { codec }), 5))).toEqual(values);
  });

  it('opens no batch further than it may', () => {
    const bomb = batchAt(0, ['x'.repeat(100_000)], { codec: CODEC.GZIP });
    expect(() => reader(bomb, 0, { maxBatchBytes: 10_000 }).next()).toThrow();
    expect(reader(bomb, 0, { maxBatchBytes: 200_000 }).next()).toHaveLength(1);
  });

  it('refuses a batch whose CRC is wrong, unless it is told not to look', () => {
    const bytes = batchAt(0, ['a value']);
    bytes[bytes.length - 3]! ^= 1;
    expect(() => reader(bytes).next()).toThrow(/orders-3: the batch at offset 0 has another CRC/);
    expect(reader(bytes, 0, { checkCrcs: false }).next()).toHaveLength(1);
  });

  it('refuses counts that its bytes cannot hold', () => {
    for (const count of [2, 1_000_000, 2 ** 31 - 1, -1]) {
      const bytes = batchAt(0, ['a value']);
      setRecordCount(bytes, 0, count);
      expect(() => reader(bytes, 0, { checkCrcs: false }).next(), `${count}`).toThrow(/record/);
    }
  });

  it('leaves out aborted transactions and control batches', () => {
    const transactional = (producerId: number) => ({
      producerId,
      producerEpoch: 0,
      baseSequence: 0,
      transactional: true,
    });
    const bytes = Buffer.concat([
      batchAt(0, ['a1'], transactional(1)),
      batchAt(1, ['b1'], transactional(2)),
      batchAt(2, ['plain']),
      markerAt(3, 1, false),
      batchAt(4, ['a2'], transactional(1)),
      markerAt(5, 1, true),
      markerAt(6, 2, true),
    ]);
    const aborted = new AbortedTransactions([{ producerId: 1, firstOffset: 0 }]);
    const committed = reader(bytes, 0, { aborted });
    expect(allTexts(committed)).toEqual(['b1', 'plain', 'a2']);
    expect(committed.nextOffset).toBe(7);
    expect(allTexts(reader(bytes))).toEqual(['a1', 'b1', 'plain', 'a2']);
  });

  it('takes the list of aborted transactions in any order', () => {
    const by = { producerId: 1, producerEpoch: 0, baseSequence: 0, transactional: true };
    const bytes = Buffer.concat([
      batchAt(0, ['a'], by),
      markerAt(1, 1, false),
      batchAt(2, ['b'], by),
      markerAt(3, 1, true),
      batchAt(4, ['c'], by),
      markerAt(5, 1, false),
    ]);
    const aborted = new AbortedTransactions([
      { producerId: 1, firstOffset: 4 },
      { producerId: 1, firstOffset: 0 },
    ]);
    expect(allTexts(reader(bytes, 0, { aborted }))).toEqual(['b']);
  });

  it('detaches a record from the fetch', () => {
    const batch = reader(batchAt(0, ['a', 'b'])).next()!;
    const kept = batch.record(1).detach();
    expect(kept).toMatchObject({ offset: 1, timestamp: 101, topic: 'orders' });
    expect(Buffer.from(kept.value!).toString()).toBe('b');
    expect(kept.value!.buffer.byteLength).toBeLessThan(50);
    expect(kept.headers.size).toBe(0);
    expect(() => batch.record(2)).toThrow(RangeError);
  });
});
