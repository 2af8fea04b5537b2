import { describe, expect, it } from 'vitest';
import { type BatchOptions, buildBatch, sealBatch } from '../../src/records/batch-builder.ts';
import * as layout from '../../src/records/batch-layout.ts';
import * as validator from '../../src/records/batch-validator.ts';
import { CODEC } from '../../src/records/codec-ids.ts';

const LATEST_PRODUCE = 13;
const MAX_BYTES = 1_048_588;

function batchOf(count: number, options: BatchOptions = {}): Buffer {
  const records = Array.from({ length: count }, (_, at) => ({
    value: Buffer.from(`value ${at}`),
    timestamp: 1_700_000_000_000 + at,
  }));
  return buildBatch(records, options);
}

function validate(batch: Buffer, version = LATEST_PRODUCE, maxBytes = MAX_BYTES): number {
  return validator.validateProducedBatch(batch, 0, batch.length, version, maxBytes);
}

/** Changes a good batch, and gives it a CRC that matches. */
function changed(change: (batch: Buffer) => void): Buffer {
  const batch = batchOf(3);
  change(batch);
  const length = layout.batchLength(batch, 0);
  sealBatch(batch);
  layout.setBatchLength(batch, 0, length);
  return batch;
}

describe('validateProducedBatch', () => {
  it('accepts plain, compressed, idempotent and transactional batches', () => {
    expect(validate(batchOf(1))).toBe(0);
    expect(validate(batchOf(5, { codec: CODEC.SNAPPY }))).toBe(0);
    expect(validate(batchOf(5, { producerId: 4, producerEpoch: 0, baseSequence: 0 }))).toBe(0);
    const producer = { producerId: 4, producerEpoch: 1, baseSequence: 9, transactional: true };
    expect(validate(batchOf(5, producer))).toBe(0);
  });

  it('finds the batch anywhere in a buffer', () => {
    const batch = batchOf(2);
    const buf = Buffer.concat([Buffer.alloc(7), batch, Buffer.alloc(9)]);
    expect(validator.validateProducedBatch(buf, 7, batch.length, 9, MAX_BYTES)).toBe(0);
  });

  it('wants exactly one whole batch', () => {
    const batch = batchOf(2);
    expect(validate(Buffer.alloc(0))).toBe(validator.INVALID_RECORD);
    expect(validate(Buffer.concat([batch, batch]))).toBe(validator.INVALID_RECORD);
    expect(validate(Buffer.concat([batch, Buffer.alloc(1)]))).toBe(validator.INVALID_RECORD);
    for (let end = 0; end < batch.length; end++) {
      expect(validate(batch.subarray(0, end))).toBe(validator.INVALID_RECORD);
    }
  });

  it('refuses lengths that no batch can have', () => {
    for (const length of [-1, 0, 13, -(2 ** 31)]) {
      const batch = batchOf(1);
      layout.setBatchLength(batch, 0, length);
      expect(validate(batch)).toBe(validator.CORRUPT_MESSAGE);
    }
    const short = batchOf(1).subarray(0, 50);
    layout.setBatchLength(short, 0, 50 - 12);
    expect(validate(short)).toBe(validator.CORRUPT_MESSAGE);
  });

  it('refuses the message sets of magic 0 and 1, and unknown magic', () => {
    for (const [magic, code] of [
      [0, validator.INVALID_RECORD],
      [1, validator.INVALID_RECORD],
      [3, validator.CORRUPT_MESSAGE],
      [0xff, validator.CORRUPT_MESSAGE],
    ] as const) {
      const batch = batchOf(1);
      batch[layout.MAGIC] = magic;
      expect(validate(batch)).toBe(code);
    }
  });

  it('refuses zstd before Produce version 7, and codecs that do not exist', () => {
    const batch = changed((buf) => layout.setAttributes(buf, 0, CODEC.ZSTD));
    expect(validate(batch, 6)).toBe(validator.UNSUPPORTED_COMPRESSION_TYPE);
    expect(validate(batch, 7)).toBe(0);
    const unknown = changed((buf) => layout.setAttributes(buf, 0, 5));
    expect(validate(unknown)).toBe(validator.UNSUPPORTED_COMPRESSION_TYPE);
  });

  it('refuses a batch larger than max.message.bytes before it looks at the CRC', () => {
    const batch = batchOf(2);
    expect(validate(batch, 9, batch.length)).toBe(0);
    expect(validate(batch, 9, batch.length - 1)).toBe(validator.MESSAGE_TOO_LARGE);
    batch[batch.length - 1]! ^= 1;
    expect(validate(batch, 9, batch.length - 1)).toBe(validator.MESSAGE_TOO_LARGE);
  });

  it('finds every flipped bit under the CRC', () => {
    const batch = batchOf(2);
    for (let at = layout.LAST_OFFSET_DELTA; at < batch.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        batch[at]! ^= 1 << bit;
        expect(validate(batch)).toBe(validator.CORRUPT_MESSAGE);
        batch[at]! ^= 1 << bit;
      }
    }
    expect(validate(batch)).toBe(0);
  });

  it.each<[string, (batch: Buffer) => void]>([
    ['a base offset other than 0', (buf) => layout.setBaseOffset(buf, 0, 1)],
    ['no records', (buf) => layout.setRecordCount(buf, 0, 0)],
    ['a negative record count', (buf) => layout.setRecordCount(buf, 0, -1)],
    ['a count that the offsets deny', (buf) => layout.setRecordCount(buf, 0, 4)],
    ['a last offset delta that is too large', (buf) => layout.setLastOffsetDelta(buf, 0, 3)],
    ['a control batch', (buf) => layout.setAttributes(buf, 0, layout.CONTROL_FLAG)],
    ['a delete horizon', (buf) => layout.setAttributes(buf, 0, layout.DELETE_HORIZON_FLAG)],
    ['a producer without a sequence', (buf) => layout.setProducer(buf, 0, 5, 0, -1)],
    ['a producer without an epoch', (buf) => layout.setProducer(buf, 0, 5, -1, 0)],
    ['a producer id past 2^53', (buf) => layout.setProducer(buf, 0, 2 ** 60, 0, 0)],
    [
      'a transactional batch without a producer',
      (buf) => layout.setAttributes(buf, 0, layout.TRANSACTIONAL_FLAG),
    ],
  ])('refuses %s', (_what, change) => {
    expect(validate(changed(change))).toBe(validator.INVALID_RECORD);
    expect(validator.rejectionReason).not.toBe('');
  });

  it('refuses a batch that claims LogAppendTime', () => {
    const batch = changed((buf) => layout.setAttributes(buf, 0, layout.LOG_APPEND_TIME_FLAG));
    expect(validate(batch)).toBe(validator.INVALID_TIMESTAMP);
  });
});
