import { describe, expect, it } from 'vitest';
import { buildBatch } from '../../src/records/batch-builder.ts';
import * as layout from '../../src/records/batch-layout.ts';
import { CODEC } from '../../src/records/codec-ids.ts';

describe('batch layout', () => {
  it('reads every header field at any position', () => {
    const batch = buildBatch(
      [
        { key: Buffer.from('k'), value: null, timestamp: 1_700_000_000_000 },
        { value: Buffer.from('v'), timestamp: 1_700_000_000_009 },
      ],
      {
        baseOffset: 2 ** 40 + 5,
        leaderEpoch: 7,
        codec: CODEC.GZIP,
        producerId: 2 ** 33,
        producerEpoch: 3,
        baseSequence: 11,
        transactional: true,
      },
    );
    const at = 13;
    const buf = Buffer.concat([Buffer.alloc(at, 0xee), batch]);
    expect(layout.baseOffset(buf, at)).toBe(2 ** 40 + 5);
    expect(layout.batchLength(buf, at)).toBe(batch.length - 12);
    expect(layout.sizeInBytes(buf, at)).toBe(batch.length);
    expect(layout.partitionLeaderEpoch(buf, at)).toBe(7);
    expect(layout.magic(buf, at)).toBe(2);
    expect(layout.codecId(buf, at)).toBe(CODEC.GZIP);
    expect(layout.isLogAppendTime(buf, at)).toBe(false);
    expect(layout.isTransactional(buf, at)).toBe(true);
    expect(layout.isControl(buf, at)).toBe(false);
    expect(layout.hasDeleteHorizon(buf, at)).toBe(false);
    expect(layout.lastOffsetDelta(buf, at)).toBe(1);
    expect(layout.lastOffset(buf, at)).toBe(2 ** 40 + 6);
    expect(layout.baseTimestamp(buf, at)).toBe(1_700_000_000_000);
    expect(layout.maxTimestamp(buf, at)).toBe(1_700_000_000_009);
    expect(layout.producerId(buf, at)).toBe(2 ** 33);
    expect(layout.producerEpoch(buf, at)).toBe(3);
    expect(layout.baseSequence(buf, at)).toBe(11);
    expect(layout.lastSequence(buf, at)).toBe(12);
    expect(layout.recordCount(buf, at)).toBe(2);
  });

  it('writes and reads back 64-bit numbers of both signs', () => {
    const buf = Buffer.alloc(61);
    for (const value of [0, -1, 1, -2, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53) + 1]) {
      layout.setMaxTimestamp(buf, 0, value);
      expect(layout.maxTimestamp(buf, 0)).toBe(value);
      expect(Number(buf.readBigInt64BE(layout.MAX_TIMESTAMP))).toBe(value);
    }
  });

  it('lets sequences wrap from 2^31 - 1 to 0', () => {
    const buf = Buffer.alloc(61);
    layout.setProducer(buf, 0, 1, 0, 2 ** 31 - 1);
    layout.setLastOffsetDelta(buf, 0, 0);
    expect(layout.lastSequence(buf, 0)).toBe(2 ** 31 - 1);
    layout.setLastOffsetDelta(buf, 0, 3);
    expect(layout.lastSequence(buf, 0)).toBe(2);
    expect(layout.sequenceAfter(2 ** 31 - 1, 1)).toBe(0);
    layout.setProducer(buf, 0, -1, -1, -1);
    expect(layout.lastSequence(buf, 0)).toBe(-1);
  });

  it('stamps base offset and leader epoch without touching the CRC', async () => {
    const { hasValidCrc } = await import('../../src/records/batch-validator.ts');
    const batch = buildBatch([{ value: Buffer.from('v') }]);
    layout.setBaseOffset(batch, 0, 123_456_789_012);
    layout.setPartitionLeaderEpoch(batch, 0, 42);
    expect(hasValidCrc(batch, 0, batch.length)).toBe(true);
    expect(layout.lastOffset(batch, 0)).toBe(123_456_789_012);
  });

  it('tells whole batches from cut ones and from bytes that are none', () => {
    const batch = buildBatch([{ value: Buffer.from('v') }]);
    expect(layout.wholeBatchSize(batch, 0, batch.length)).toBe(batch.length);
    for (let end = 0; end < batch.length; end++) {
      expect(layout.wholeBatchSize(batch, 0, end)).toBe(0);
    }
    const old = Buffer.from(batch);
    old[layout.MAGIC] = 1;
    expect(layout.wholeBatchSize(old, 0, old.length)).toBe(-1);
    const short = Buffer.from(batch);
    layout.setBatchLength(short, 0, 40);
    expect(layout.wholeBatchSize(short, 0, short.length)).toBe(-1);
    layout.setBatchLength(short, 0, -5);
    expect(layout.wholeBatchSize(short, 0, short.length)).toBe(-1);
  });
});
