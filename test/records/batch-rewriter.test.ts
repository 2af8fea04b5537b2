import { describe, expect, it } from 'vitest';
import { buildBatch } from '../../src/records/batch-builder.ts';
import * as layout from '../../src/records/batch-layout.ts';
import { filterBatch, recompressBatch } from '../../src/records/batch-rewriter.ts';
import { hasValidCrc } from '../../src/records/batch-validator.ts';
import { CODEC } from '../../src/records/codec-ids.ts';
import { decodeRecords } from '../../src/records/record-iterator.ts';
import { JAVA_SNAPPY, javaRecords } from './fixtures.ts';

const java = Buffer.from(JAVA_SNAPPY, 'base64');
const HEADER_AFTER_ATTRIBUTES = [layout.LAST_OFFSET_DELTA, layout.BATCH_HEADER_SIZE] as const;

describe('recompressBatch', () => {
  it.each(Object.entries(CODEC))('keeps all but the codec on the way to %s', (_name, codec) => {
    const buf = Buffer.concat([Buffer.alloc(5), java]);
    const batch = recompressBatch(buf, 5, codec);
    expect(layout.codecId(batch, 0)).toBe(codec);
    expect(layout.isTransactional(batch, 0)).toBe(true);
    expect(layout.sizeInBytes(batch, 0)).toBe(batch.length);
    expect(batch.subarray(...HEADER_AFTER_ATTRIBUTES)).toEqual(
      java.subarray(...HEADER_AFTER_ATTRIBUTES),
    );
    expect(batch.subarray(0, 8)).toEqual(java.subarray(0, 8));
    expect(hasValidCrc(batch, 0, batch.length)).toBe(true);
    expect(decodeRecords(batch)).toEqual(javaRecords());
  });

  it('refuses malformed records', () => {
    const batch = buildBatch([{ value: Buffer.from('v') }], { codec: CODEC.GZIP });
    layout.setRecordCount(batch, 0, 2);
    expect(() => recompressBatch(batch, 0, CODEC.LZ4)).toThrow('are malformed');
  });
});

describe('filterBatch', () => {
  it('keeps offsets, sequences, timestamps and codec of what is left', () => {
    const kept = filterBatch(java, 0, (cursor) => cursor.offset % 4 === 1);
    expect(hasValidCrc(kept, 0, kept.length)).toBe(true);
    expect(decodeRecords(kept)).toEqual(javaRecords().filter((record) => record.offset % 4 === 1));
    expect(layout.codecId(kept, 0)).toBe(CODEC.SNAPPY);
    expect(layout.baseOffset(kept, 0)).toBe(layout.baseOffset(java, 0));
    expect(layout.lastOffset(kept, 0)).toBe(layout.lastOffset(java, 0));
    expect(layout.lastSequence(kept, 0)).toBe(layout.lastSequence(java, 0));
    expect(layout.recordCount(kept, 0)).toBe(10);
    expect(layout.maxTimestamp(kept, 0)).toBe(javaRecords()[37]!.timestamp);
  });

  it('leaves an empty batch that still tells offsets and producer', () => {
    const kept = filterBatch(java, 0, () => false);
    expect(kept.length).toBe(layout.BATCH_HEADER_SIZE);
    expect(hasValidCrc(kept, 0, kept.length)).toBe(true);
    expect(layout.codecId(kept, 0)).toBe(CODEC.NONE);
    expect(layout.recordCount(kept, 0)).toBe(0);
    expect(layout.lastOffset(kept, 0)).toBe(layout.lastOffset(java, 0));
    expect(layout.lastSequence(kept, 0)).toBe(layout.lastSequence(java, 0));
    expect(layout.producerEpoch(kept, 0)).toBe(3);
    expect(layout.maxTimestamp(kept, 0)).toBe(layout.maxTimestamp(java, 0));
    expect(decodeRecords(kept)).toEqual([]);
  });

  it('marks a batch with a delete horizon and keeps the time of its records', () => {
    const horizon = 1_800_000_000_000;
    const kept = filterBatch(java, 0, (cursor) => cursor.offset % 2 === 0, horizon);
    expect(layout.hasDeleteHorizon(kept, 0)).toBe(true);
    expect(layout.baseTimestamp(kept, 0)).toBe(horizon);
    const expected = javaRecords().filter((record) => record.offset % 2 === 0);
    expect(decodeRecords(kept)).toEqual(expected);
    const again = filterBatch(kept, 0, () => true, horizon + 5);
    expect(layout.baseTimestamp(again, 0)).toBe(horizon);
    expect(decodeRecords(again)).toEqual(expected);
  });

  it('keeps the append time of a LogAppendTime batch', () => {
    const batch = buildBatch([{ timestamp: 1 }, { timestamp: 2 }], { appendTimeMs: 99 });
    const kept = filterBatch(batch, 0, (cursor) => cursor.offset === 1);
    expect(layout.maxTimestamp(kept, 0)).toBe(99);
    expect(decodeRecords(kept)).toMatchObject([{ offset: 1, timestamp: 99 }]);
  });
});
