import { describe, expect, it } from 'vitest';
import { buildBatch } from '../../src/records/batch-builder.ts';
import * as layout from '../../src/records/batch-layout.ts';
import { hasValidCrc, INVALID_TIMESTAMP } from '../../src/records/batch-validator.ts';
import { decodeRecords } from '../../src/records/record-iterator.ts';
import { checkTimestamps, stampLogAppendTime } from '../../src/records/timestamp-policy.ts';

const NOW = 1_700_000_000_000;

function batchAt(...timestamps: number[]): Buffer {
  return buildBatch(timestamps.map((timestamp) => ({ value: Buffer.from('v'), timestamp })));
}

describe('timestamp policy', () => {
  it('passes batches at the very bounds', () => {
    expect(checkTimestamps(batchAt(NOW - 1000, NOW + 500), 0, NOW, 1000, 500)).toBe(0);
  });

  it('refuses what is too old or too far ahead', () => {
    expect(checkTimestamps(batchAt(NOW - 1001), 0, NOW, 1000, 500)).toBe(INVALID_TIMESTAMP);
    expect(checkTimestamps(batchAt(NOW, NOW + 501), 0, NOW, 1000, 500)).toBe(INVALID_TIMESTAMP);
    expect(checkTimestamps(batchAt(NOW - 1001, NOW), 0, NOW, 1000, 500)).toBe(INVALID_TIMESTAMP);
  });

  it('passes records without a timestamp', () => {
    expect(checkTimestamps(batchAt(-1), 0, NOW, 0, 0)).toBe(0);
  });

  it('stamps LogAppendTime in place with a new CRC, and every record has that time', () => {
    const batch = batchAt(5, 6, 7);
    stampLogAppendTime(batch, 0, NOW);
    expect(layout.isLogAppendTime(batch, 0)).toBe(true);
    expect(layout.maxTimestamp(batch, 0)).toBe(NOW);
    expect(hasValidCrc(batch, 0, batch.length)).toBe(true);
    expect(decodeRecords(batch).map((record) => record.timestamp)).toEqual([NOW, NOW, NOW]);
  });
});
