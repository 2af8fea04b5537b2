import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogPosition } from '../../src/base/log-position.ts';
import { LogReader } from '../../src/log/log-reader.ts';
import { canBeRead } from '../../src/log/map-faults.ts';
import { portableReason } from '../../src/log/native.ts';
import { OUTCOME } from '../../src/log/outcome.ts';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import { baseOffset, lastOffset, sizeInBytes } from '../../src/records/batch-layout.ts';
import { append, appendMany, LogFixture, NOW } from './fixtures.ts';

let fixture: LogFixture;

beforeEach(() => {
  fixture = new LogFixture();
});

afterEach(() => {
  fixture.remove();
});

function follow(reader: LogReader, log: PartitionLog): void {
  reader.setEnd(log.end);
  reader.limits.moveTo(log.end);
}

function readerOf(log: PartitionLog): LogReader {
  const reader = new LogReader(log.directory);
  for (const { baseOffset, sizeBytes } of log.segments()) reader.addSegment(baseOffset, sizeBytes);
  follow(reader, log);
  return reader;
}

/** The first and last offset of what the reader found, after checking that it is whole batches. */
function found(reader: LogReader): [number, number] | null {
  if (reader.length === 0) return null;
  const end = reader.start + reader.length;
  let at = reader.start;
  let last = -1;
  while (at < end) {
    last = lastOffset(reader.bytes, at);
    at += sizeInBytes(reader.bytes, at);
  }
  expect(at).toBe(end);
  return [baseOffset(reader.bytes, reader.start), last];
}

describe('read', () => {
  it('begins at the batch that holds the offset and gives whole batches only', () => {
    const log = fixture.open();
    appendMany(log, 10, { records: 5, recordBytes: 20 });
    const reader = readerOf(log);
    const size = log.end.position / 10;
    expect(reader.read(12, size * 2.5, true)).toBe(OUTCOME.OK);
    expect(found(reader)).toEqual([10, 19]);
    expect(reader.nextOffset).toBe(20);
    expect(reader.read(20, 1 << 20, true)).toBe(OUTCOME.OK);
    expect(found(reader)).toEqual([20, 49]);
    expect(reader.nextOffset).toBe(50);
    log.close(true);
  });

  it('ends at the limit that it is given, in whichever segment that lies', () => {
    const log = fixture.open({ settings: { segmentBytes: 500 } });
    const stable = new LogPosition();
    for (let i = 0; i < 20; i++) {
      if (i === 9) stable.copy(log.end);
      append(log);
    }
    const reader = readerOf(log);
    reader.limits.lastStable.copy(stable);
    const { lastStable, highWatermark } = reader.limits;
    let committed = 0;
    while (committed < 20) {
      expect(reader.read(committed, 1 << 20, true, lastStable)).toBe(OUTCOME.OK);
      if (reader.length === 0) break;
      committed = reader.nextOffset;
    }
    expect(committed).toBe(9);
    expect(reader.availableBytes(9, lastStable)).toBe(0);
    expect(reader.read(9, 1 << 20, true, highWatermark)).toBe(OUTCOME.OK);
    expect(found(reader)![0]).toBe(9);
    const size = reader.availableBytes(19);
    expect(reader.availableBytes(0, lastStable)).toBe(9 * size);
    log.close(true);
  });

  it('gives the first batch even if it is larger than asked, but only where it may', () => {
    const log = fixture.open();
    appendMany(log, 3, { recordBytes: 1000 });
    const reader = readerOf(log);
    expect(reader.read(1, 10, true)).toBe(OUTCOME.OK);
    expect(found(reader)).toEqual([1, 1]);
    expect(reader.read(1, 10, false)).toBe(OUTCOME.OK);
    expect(reader.length).toBe(0);
    expect(reader.read(1, 0, true)).toBe(OUTCOME.OK);
    expect(found(reader)).toEqual([1, 1]);
    log.close(true);
  });

  it('stops at the high watermark, and readToEnd at the log end', () => {
    const log = fixture.open();
    appendMany(log, 4);
    const reader = readerOf(log);
    appendMany(log, 4);
    reader.setEnd(log.end);
    expect(reader.read(0, 1 << 20, true)).toBe(OUTCOME.OK);
    expect(found(reader)).toEqual([0, 3]);
    expect(reader.read(4, 1 << 20, true)).toBe(OUTCOME.OK);
    expect(reader.length).toBe(0);
    expect(reader.readToEnd(4, 1 << 20, true)).toBe(OUTCOME.OK);
    expect(found(reader)).toEqual([4, 7]);
    expect(reader.read(9, 1 << 20, true)).toBe(OUTCOME.OUT_OF_RANGE);
    log.close(true);
  });

  it('goes on in the next segment at the end of one', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000 } });
    appendMany(log, 30);
    const reader = readerOf(log);
    const seen: number[] = [];
    let offset = 0;
    while (offset < 30) {
      expect(reader.read(offset, 1 << 20, true)).toBe(OUTCOME.OK);
      const range = found(reader)!;
      for (let i = range[0]; i <= range[1]; i++) seen.push(i);
      offset = reader.nextOffset;
    }
    expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => i));
    log.close(true);
  });

  it('finds every offset of a long log through the index', () => {
    const log = fixture.open({ settings: { indexIntervalBytes: 700, segmentBytes: 60_000 } });
    for (let i = 0; i < 800; i++) append(log, { records: 1 + (i % 4), recordBytes: 20 });
    const reader = readerOf(log);
    for (let offset = 0; offset < log.logEndOffset; offset += 7) {
      expect(reader.read(offset, 3000, true)).toBe(OUTCOME.OK);
      const [first, last] = found(reader)!;
      expect(first).toBeLessThanOrEqual(offset);
      expect(first + 3).toBeGreaterThanOrEqual(offset);
      expect(last).toBeGreaterThanOrEqual(offset);
      expect(reader.length).toBeLessThanOrEqual(3000);
    }
    log.close(true);
  });

  it('fills large reads up to the last batch that fits', () => {
    const log = fixture.open();
    appendMany(log, 5000);
    const reader = readerOf(log);
    const size = log.end.position / 5000;
    for (const maxBytes of [8192, 50_000, 100_001, 300_000]) {
      expect(reader.read(100, maxBytes, true)).toBe(OUTCOME.OK);
      expect(reader.length).toBe(Math.floor(maxBytes / size) * size);
      expect(found(reader)![0]).toBe(100);
      expect(reader.nextOffset).toBe(100 + Math.floor(maxBytes / size));
    }
    log.close(true);
  });

  it('steps over the hole that a compaction left at the end of a segment', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000 } });
    appendMany(log, 12);
    const segments = log.segments();
    const reader = new LogReader(log.directory);
    const batch = segments[0]!.sizeBytes / 5;
    reader.addSegment(0, 3 * batch); // offsets 3 and 4 are gone
    for (const { baseOffset, sizeBytes } of segments.slice(1)) {
      reader.addSegment(baseOffset, sizeBytes);
    }
    follow(reader, log);
    expect(reader.read(3, 1 << 20, true)).toBe(OUTCOME.OK);
    expect(found(reader)).toEqual([5, 9]);
    expect(reader.read(0, 1 << 20, true)).toBe(OUTCOME.OK);
    expect(found(reader)).toEqual([0, 2]);
    expect(reader.read(reader.nextOffset, 1 << 20, true)).toBe(OUTCOME.OK);
    expect(found(reader)).toEqual([5, 9]);
    log.close(true);
  });

  it('answers out of range below the first segment', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000 } });
    appendMany(log, 12);
    const reader = readerOf(log);
    reader.removeSegment(0);
    expect(reader.read(2, 100, true)).toBe(OUTCOME.OUT_OF_RANGE);
    expect(reader.read(5, 1 << 20, true)).toBe(OUTCOME.OK);
    log.close(true);
  });

  it('says so where the file of a segment is gone', () => {
    const log = fixture.open();
    appendMany(log, 3);
    const reader = readerOf(log);
    log.delete();
    expect(reader.read(0, 1 << 20, true)).toBe(OUTCOME.STORAGE_FAILED);
    expect(reader.failure).toMatch(/ENOENT/);
    expect(reader.length).toBe(0);
  });
});

describe('a reader that follows the owner', () => {
  it('sees every append, over growth of the map and rolls', () => {
    const log = fixture.open({ settings: { segmentBytes: 900_000 } });
    const reader = readerOf(log);
    const { events } = fixture.listener;
    let told = 0;
    for (let i = 0; i < 3000; i++) {
      append(log, { recordBytes: 1000 });
      for (; told < events.length; told++) {
        const [, base, size] = /^added (\d+) after (\d+)$/.exec(events[told]!)!;
        reader.segmentAdded(Number(base), Number(size));
      }
      follow(reader, log);
      expect(reader.read(i, 1 << 20, true)).toBe(OUTCOME.OK);
      expect(found(reader)).toEqual([i, i]);
    }
    expect(log.segments().length).toBeGreaterThan(3);
    log.close(true);
  });

  it('still finds what the owner is done with until it hears of that', () => {
    const settings = { segmentBytes: 1000, retentionBytes: 0, delete: true };
    const log = fixture.open({ settings });
    appendMany(log, 30, { records: 1, recordBytes: 100 });
    const reader = readerOf(log);
    const end = log.logEndOffset;
    log.applyRetention(NOW, end);
    expect(log.logStartOffset).toBeGreaterThan(0);
    expect(reader.read(0, 1 << 20, true)).toBe(OUTCOME.OK);
    expect(found(reader)![0]).toBe(0);
    expect(reader.missesFile).toBe(false);
    log.close(true);
  });

  it('keeps slices readable after the segment was deleted', async () => {
    const settings = { segmentBytes: 1000, fileDeleteDelayMs: 0 };
    const log = fixture.open({ settings });
    appendMany(log, 12);
    const reader = readerOf(log);
    expect(reader.read(0, 1 << 20, true)).toBe(OUTCOME.OK);
    const slice = reader.bytes.subarray(reader.start, reader.start + reader.length);
    const copy = Buffer.from(slice);
    log.deleteRecordsBefore(10, NOW);
    log.releaseDeleted(NOW);
    reader.removeSegment(0);
    reader.removeSegment(5);
    expect(slice.equals(copy)).toBe(true);
    log.close(true);
    expect(slice.equals(copy)).toBe(true);
  });
});

describe('a file that is cut while it is read', () => {
  it('is served no more, nor is the rest of its log', () => {
    const log = fixture.open({ settings: { segmentBytes: 30_000 } });
    appendMany(log, 20, { recordBytes: 9000 });
    const reader = readerOf(log);
    const [first, second, third] = log.segments();
    expect(reader.read(second!.baseOffset, 1 << 20, true)).toBe(OUTCOME.OK);
    const sent = reader.bytes.subarray(reader.start, reader.start + reader.length);
    fixture.cut(second!.baseOffset, 12_000);
    expect(reader.isWhole()).toBe(true);
    expect(reader.read(first!.baseOffset, 1 << 20, true)).toBe(OUTCOME.OK);
    expect(reader.read(second!.baseOffset, 1 << 20, true)).toBe(OUTCOME.STORAGE_FAILED);
    expect(reader.length).toBe(0);
    expect(reader.isWhole()).toBe(false);
    expect(reader.failure).toContain(fixture.segmentFile(second!.baseOffset));
    expect(reader.read(third!.baseOffset, 1 << 20, true)).toBe(OUTCOME.STORAGE_FAILED);
    expect(reader.readToEnd(third!.baseOffset, 1 << 20, true)).toBe(OUTCOME.STORAGE_FAILED);
    // Who held a slice of a map has zeros now, also of what was sound: it must not be sent.
    expect(canBeRead([sent])).toBe(portableReason !== '');
    expect(readerOf(log).read(third!.baseOffset, 1 << 20, true)).toBe(OUTCOME.OK);
    log.close(false);
  });

  it('is found out before who looks into its bytes sees them', () => {
    const log = fixture.open();
    appendMany(log, 10, { recordBytes: 9000 });
    const reader = readerOf(log);
    expect(reader.readTouched(0, 1 << 20, true)).toBe(OUTCOME.OK);
    fixture.cut(0, 30_000);
    expect(reader.readTouched(0, 50_000, true)).toBe(OUTCOME.STORAGE_FAILED);
    expect(reader.length).toBe(0);
    log.close(false);
  });

  it('is damaged where it grew again', () => {
    const log = fixture.open();
    appendMany(log, 4, { recordBytes: 9000 });
    const reader = readerOf(log);
    const end = log.end.position;
    fixture.cut(0, end / 2);
    fixture.cut(0, end);
    expect(reader.read(1, 1 << 20, true)).toBe(OUTCOME.OK);
    expect(reader.read(2, 1 << 20, true)).toBe(OUTCOME.CORRUPT);
    expect(reader.corruptPosition).toBe(end / 2);
    log.close(false);
  });
});

describe('availableBytes', () => {
  it('counts what a read could give up to the high watermark', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000 } });
    appendMany(log, 12);
    const reader = readerOf(log);
    const size = log.segments()[0]!.sizeBytes / 5;
    expect(reader.availableBytes(0)).toBe(12 * size);
    expect(reader.availableBytes(11)).toBe(size);
    expect(reader.availableBytes(12)).toBe(0);
    reader.read(7, 1 << 20, true);
    expect(reader.nextOffset).toBe(10);
    expect(reader.availableBytes(10)).toBe(2 * size);
    log.close(true);
  });
});
