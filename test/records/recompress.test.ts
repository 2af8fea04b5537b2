import { describe, expect, it } from 'vitest';
import { buildBatch, type RecordInput, sealBatch } from '../../src/records/batch-builder.ts';
import * as layout from '../../src/records/batch-layout.ts';
import * as validator from '../../src/records/batch-validator.ts';
import { CODEC } from '../../src/records/codec-ids.ts';
import { OUTGROWN, recompress } from '../../src/records/recompress.ts';
import { decodeRecords } from '../../src/records/record-iterator.ts';
import { Random } from './random.ts';

const LEVELS = { gzip: 6, lz4: 9, zstd: 3 };
const MAX_BYTES = 1_000_000;
const KEEP = -1;

const records: RecordInput[] = Array.from({ length: 20 }, (_, at) => ({
  key: Buffer.from(`k${at}`),
  value: Buffer.from('some value '.repeat(at)),
  timestamp: 1_700_000_000_000 + at,
}));

function run(batch: Buffer, codec: number, keysRequired = false, bytesMax = MAX_BYTES) {
  return recompress(batch, codec, LEVELS, keysRequired, bytesMax);
}

describe('recompress', () => {
  it('stores a produced batch with the codec of the topic', () => {
    const batch = buildBatch(records, { codec: CODEC.GZIP });
    for (const codec of Object.values(CODEC)) {
      const { error, rebuilt } = run(batch, codec);
      expect(error).toBe(0);
      expect(layout.codecId(rebuilt, 0)).toBe(codec);
      expect(validator.validateProducedBatch(rebuilt, 0, rebuilt.length, 13, MAX_BYTES)).toBe(0);
      expect(decodeRecords(rebuilt)).toEqual(decodeRecords(batch));
    }
  });

  it('keeps the batch where the codec is to stay, and still checks its records', () => {
    const batch = buildBatch(records, { codec: CODEC.SNAPPY });
    expect(run(batch, KEEP)).toEqual({ error: 0, rebuilt: batch });
    layout.setRecordCount(batch, 0, 19);
    layout.setLastOffsetDelta(batch, 0, 18);
    sealBatch(batch);
    expect(run(batch, KEEP).error).toBe(validator.INVALID_RECORD);
    expect(run(batch, CODEC.LZ4).error).toBe(validator.INVALID_RECORD);
  });

  it('wants keys for compacted topics, behind any codec', () => {
    const batch = buildBatch([...records, { value: Buffer.from('v') }], { codec: CODEC.ZSTD });
    expect(run(batch, KEEP, true).error).toBe(validator.INVALID_RECORD);
    expect(run(batch, CODEC.GZIP, true).error).toBe(validator.INVALID_RECORD);
    expect(run(batch, CODEC.GZIP, false).error).toBe(0);
  });

  it.each(Object.values(CODEC).filter((codec) => codec !== CODEC.NONE))(
    'opens no more of codec %i than it may',
    (codec) => {
      const batch = buildBatch([{ value: Buffer.alloc(300_000) }], { codec });
      const other = codec === CODEC.LZ4 ? CODEC.GZIP : CODEC.LZ4;
      const opened = (target: number, openedBytesMax: number) =>
        recompress(batch, target, LEVELS, false, MAX_BYTES, openedBytesMax).error;
      expect(opened(other, 400_000)).toBe(0);
      expect(opened(other, 200_000)).toBe(OUTGROWN);
      expect(opened(KEEP, 200_000)).toBe(OUTGROWN);
      expect(opened(KEEP, 400_000)).toBe(0);
    },
  );

  it('opens what is stored plainly no further than it may be stored', () => {
    const batch = buildBatch([{ value: Buffer.alloc(300_000) }], { codec: CODEC.GZIP });
    const { error } = recompress(batch, CODEC.NONE, LEVELS, false, 200_000, 250_000);
    expect(error).toBe(validator.MESSAGE_TOO_LARGE);
    expect(recompress(batch, CODEC.NONE, LEVELS, false, 400_000, 250_000).error).toBe(OUTGROWN);
  });

  it('measures the batch before and after', () => {
    const noise = { value: new Random(1).bytes(3000) };
    const plain = buildBatch([noise]);
    expect(run(plain, CODEC.GZIP, false, plain.length - 1).error).toBe(validator.MESSAGE_TOO_LARGE);
    const packed = buildBatch([{ value: Buffer.alloc(3000) }], { codec: CODEC.GZIP });
    expect(run(packed, CODEC.NONE, false, 500).error).toBe(validator.MESSAGE_TOO_LARGE);
    expect(run(packed, CODEC.LZ4, false, 500).error).toBe(0);
  });

  it('answers the code of the first thing that is wrong', () => {
    const batch = buildBatch(records, { codec: CODEC.GZIP });
    expect(run(batch.subarray(0, 70), CODEC.LZ4).error).toBe(validator.INVALID_RECORD);
    const flipped = Buffer.from(batch);
    flipped[80]! ^= 1;
    expect(run(flipped, CODEC.LZ4).error).toBe(validator.CORRUPT_MESSAGE);
    sealBatch(flipped);
    expect(run(flipped, CODEC.LZ4).error).toBe(validator.INVALID_RECORD);
    const control = buildBatch(records, { control: true });
    expect(run(control, CODEC.LZ4).error).toBe(validator.INVALID_RECORD);
  });
});
