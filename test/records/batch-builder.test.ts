import { describe, expect, it } from 'vitest';
import { BatchBuilder, buildBatch } from '../../src/records/batch-builder.ts';
import * as layout from '../../src/records/batch-layout.ts';
import { CODEC } from '../../src/records/codec-ids.ts';
import { decompress } from '../../src/records/compression.ts';
import { decodeRecords } from '../../src/records/record-iterator.ts';
import { JAVA_BASE_OFFSET, JAVA_GZIP, javaRecords } from './fixtures.ts';

describe('BatchBuilder', () => {
  it('writes the very bytes that the Java client writes', () => {
    const java = Buffer.from(JAVA_GZIP, 'base64');
    const ours = buildBatch(javaRecords(), {
      baseOffset: JAVA_BASE_OFFSET,
      leaderEpoch: 5,
      codec: CODEC.GZIP,
      producerId: 77,
      producerEpoch: 3,
      baseSequence: 20,
      transactional: true,
    });
    const afterCrc = layout.ATTRIBUTES;
    const records = layout.BATCH_HEADER_SIZE;
    expect(ours.subarray(12, 17)).toEqual(java.subarray(12, 17));
    expect(ours.subarray(afterCrc, records)).toEqual(java.subarray(afterCrc, records));
    const opened = (batch: Buffer) =>
      Buffer.from(decompress(CODEC.GZIP, batch.subarray(records), 100_000)).toString('hex');
    expect(opened(ours)).toBe(opened(java));
  });

  it('can be used again after a reset', () => {
    const builder = new BatchBuilder({ codec: CODEC.LZ4 });
    builder.append(5, null, Buffer.from('first'));
    const first = builder.build();
    builder.reset({ baseOffset: 7 });
    expect(builder.count).toBe(0);
    builder.append(3, Buffer.from('k'), Buffer.from('second'));
    const second = builder.build();
    expect(decodeRecords(first)[0]).toMatchObject({ offset: 0, timestamp: 5 });
    expect(decodeRecords(second)[0]).toMatchObject({ offset: 7, timestamp: 3 });
    expect(layout.maxTimestamp(second, 0)).toBe(3);
    expect(layout.codecId(second, 0)).toBe(CODEC.NONE);
  });

  it('knows its size before compression', () => {
    const builder = new BatchBuilder();
    builder.append(5, Buffer.alloc(10), Buffer.alloc(3000));
    builder.append(6, null, null);
    expect(builder.sizeInBytes).toBe(builder.build().length);
  });

  it('takes timestamps that go back, and keeps the largest', () => {
    const batch = buildBatch([{ timestamp: 1000 }, { timestamp: 2000 }, { timestamp: 500 }]);
    expect(layout.baseTimestamp(batch, 0)).toBe(1000);
    expect(layout.maxTimestamp(batch, 0)).toBe(2000);
    expect(decodeRecords(batch).map((record) => record.timestamp)).toEqual([1000, 2000, 500]);
  });

  it('leaves records without a timestamp at -1', () => {
    const batch = buildBatch([{ value: Buffer.from('v') }]);
    expect(layout.maxTimestamp(batch, 0)).toBe(layout.NO_TIMESTAMP);
    expect(decodeRecords(batch)[0]!.timestamp).toBe(-1);
  });

  it('makes a batch of LogAppendTime when told so', () => {
    const batch = buildBatch([{ timestamp: 5 }], { appendTimeMs: 99 });
    expect(layout.isLogAppendTime(batch, 0)).toBe(true);
    expect(decodeRecords(batch)[0]!.timestamp).toBe(99);
  });

  it('builds no batch without records', () => {
    expect(() => new BatchBuilder().build()).toThrow('a batch needs a record');
  });
});
