import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import { findInBatch } from '../../src/log/timestamp-search.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import {
  ATTRIBUTES,
  maxTimestamp,
  recordCount,
  setBaseOffset,
  setCrc,
  setMaxTimestamp,
} from '../../src/records/batch-layout.ts';
import { CODEC } from '../../src/records/codec-ids.ts';
import { crc32c } from '../../src/records/crc32c.ts';
import { LogFixture, NOW } from './fixtures.ts';

const LARGE = 40_000;
const OPENED_BYTES_MAX = 4_000_000;

let fixture: LogFixture;
let log: PartitionLog;

beforeEach(() => {
  fixture = new LogFixture();
  log = fixture.open();
});

afterEach(() => {
  log.close(true);
  fixture.remove();
});

/** One record a millisecond. */
function batchOf(fromMs: number, count: number, codec: number): Buffer {
  const value = Buffer.from('v');
  const records = Array.from({ length: count }, (_, i) => ({ value, timestamp: fromMs + i }));
  return buildBatch(records, { codec });
}

/** Its header promises a record that is not in it. */
function lyingBatch(fromMs: number, count: number, codec: number, maxMs: number): Buffer {
  const batch = batchOf(fromMs, count, codec);
  setMaxTimestamp(batch, 0, maxMs);
  setCrc(batch, 0, crc32c(batch, ATTRIBUTES, batch.length));
  return batch;
}

function append(batch: Buffer): void {
  const base = log.logEndOffset;
  setBaseOffset(batch, 0, base);
  const last = base + recordCount(batch, 0) - 1;
  log.append(batch, 0, batch.length, last, maxTimestamp(batch, 0), NOW);
}

test.each([CODEC.NONE, CODEC.GZIP, CODEC.SNAPPY, CODEC.LZ4, CODEC.ZSTD])(
  'a batch with much in it is named, and looked through elsewhere, codec %d',
  (codec) => {
    append(batchOf(NOW, 10, codec));
    const large = batchOf(NOW + 10, LARGE, codec);
    append(large);
    expect(log.offsetForTimestamp(NOW + 7)).toMatchObject({ offset: 7 });
    expect(log.offsetForTimestamp(NOW + 7)).not.toHaveProperty('isBatch');
    const place = { offset: 10, timestampMs: NOW + 9 + LARGE, leaderEpoch: -1, isBatch: true };
    expect(log.offsetForTimestamp(NOW + 20_000)).toEqual(place);
    expect(log.maxTimestampOffset()).toEqual(place);
    expect(log.offsetForTimestamp(NOW + 20_000, 12_345)).toEqual({ ...place, offset: 12_345 });
    expect(log.offsetForTimestamp(NOW + 20_000, 10 + LARGE)).toBe(null);
    const found = findInBatch(large, NOW + 20_000, 0, OPENED_BYTES_MAX);
    expect(found).toMatchObject({ offset: 20_000, timestampMs: NOW + 20_000 });
    expect(findInBatch(large, NOW + LARGE + 10, 0, OPENED_BYTES_MAX)).toBe(null);
    if (codec === CODEC.NONE) return;
    const unopened = findInBatch(large, NOW + 20_000, 15, 1000);
    expect(unopened).toEqual({ ...place, offset: 15 });
  },
);

test('batches that do not hold what they promise are looked into a few at a time', () => {
  const count = 2000;
  const batches = 20;
  for (let i = 0; i < batches; i++) append(lyingBatch(NOW, count, CODEC.GZIP, NOW + 9000));
  append(batchOf(NOW + 9000, 1, CODEC.NONE));
  let from = 0;
  let commands = 0;
  for (;;) {
    const place = log.offsetForTimestamp(NOW + 9000, from);
    commands++;
    if (place?.isBatch !== true) {
      expect(place).toMatchObject({ offset: batches * count, timestampMs: NOW + 9000 });
      break;
    }
    expect(place.offset % count).toBe(0);
    from = place.offset + count;
  }
  expect(commands).toBeGreaterThan(2);
  expect(commands).toBeLessThan(batches);
});
