import { describe, expect, it } from 'vitest';
import { Batch } from '../../../src/client/producer/batch.ts';
import { BatchOutcome } from '../../../src/client/producer/batch-outcome.ts';
import { exactBytes, mostBytes, writeRecord } from '../../../src/client/producer/record-encoder.ts';
import { encodeHeaders } from '../../../src/client/producer/record-headers.ts';
import { hasValidCrc } from '../../../src/records/batch-validator.ts';
import { decodeRecords } from '../../../src/records/record-iterator.ts';

const TEXTS = [
  '',
  'a',
  'twelve chars',
  'x'.repeat(17),
  'y'.repeat(300),
  'ä',
  'añb'.repeat(9),
  '😀',
];

function batchOf(bytes: number): Batch {
  return new Batch(0, Buffer.allocUnsafeSlow(bytes), new BatchOutcome('t', 0), 0, 0);
}

function encoded(part: string | Uint8Array | null): Uint8Array | null {
  return typeof part === 'string' ? Buffer.from(part) : part;
}

describe('writeRecord', () => {
  it('writes what the reader of batches reads, for keys and values of every kind', () => {
    const parts = [null, ...TEXTS, ...TEXTS.map((each) => new Uint8Array(Buffer.from(each)))];
    const batch = batchOf(1_000_000);
    const expected: unknown[] = [];
    for (const [i, key] of parts.entries()) {
      for (const value of parts) {
        const headers = i % 3 === 0 ? encodeHeaders([['h', 'v']]) : null;
        const timestamp = 1_700_000_000_000 + (i % 2 === 0 ? i * 100_000 : -i);
        const before = batch.length;
        writeRecord(batch, key, value, headers, timestamp);
        const written = batch.length - before;
        expect(written).toBeLessThanOrEqual(exactBytes(key, value, headers));
        expect(exactBytes(key, value, headers)).toBeLessThanOrEqual(mostBytes(key, value, headers));
        const [keyBytes, valueBytes] = [encoded(key), encoded(value)].map((each) => {
          return each === null ? null : Buffer.from(each).toString('hex');
        });
        expected.push([keyBytes, valueBytes, timestamp, headers === null ? 0 : 1]);
      }
    }
    batch.close();
    batch.seal(7, 3, 11);
    const bytes = batch.bytes.subarray(0, batch.length);
    expect(hasValidCrc(bytes, 0, bytes.length)).toBe(true);
    const read = decodeRecords(bytes).map(({ key, value, timestamp, headers }) => {
      const hex = (part: Uint8Array | null) =>
        part === null ? null : Buffer.from(part).toString('hex');
      return [hex(key), hex(value), timestamp, headers.length];
    });
    expect(read).toEqual(expected);
  });

  it('replaces halves of characters as UTF-8 encoders do', () => {
    const batch = batchOf(1_000);
    writeRecord(batch, 'a\ud800b', '\udc00'.repeat(20), null, 0);
    batch.close();
    batch.seal(-1, -1, -1);
    const [record] = decodeRecords(batch.bytes.subarray(0, batch.length));
    expect(String(record!.key)).toBe('a\ufffdb');
    expect(String(record!.value)).toBe('\ufffd'.repeat(20));
  });
});
