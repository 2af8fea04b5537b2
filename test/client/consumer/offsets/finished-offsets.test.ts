import { describe, expect, it } from 'vitest';
import {
  FinishedOffsets,
  SPAN_MAX,
} from '../../../../src/client/consumer/offsets/finished-offsets.ts';
import {
  readFinishedRanges,
  writeFinishedRanges,
} from '../../../../src/client/consumer/offsets/finished-ranges.ts';

describe('FinishedOffsets', () => {
  it('passes no unfinished offset and keeps those beyond it', () => {
    const offsets = new FinishedOffsets(10);
    for (let offset = 10; offset < 16; offset++) offsets.begin(offset);
    offsets.finish(12);
    offsets.finish(13);
    offsets.finish(15);
    expect(offsets.committable).toBe(10);
    expect(readFinishedRanges(10, offsets.metadata())).toEqual([
      { start: 12, end: 14 },
      { start: 15, end: 16 },
    ]);
    offsets.finish(10);
    expect(offsets.committable).toBe(11);
    offsets.finish(11);
    expect(offsets.committable).toBe(14);
    offsets.finish(14);
    expect(offsets).toMatchObject({ committable: 16, unfinished: 0 });
    expect(offsets.metadata()).toBe('');
  });

  it('goes behind what compaction left of a batch', () => {
    const offsets = new FinishedOffsets(0);
    offsets.begin(3);
    offsets.begin(7, 20);
    offsets.finish(7);
    expect(offsets.committable).toBe(0);
    offsets.finish(3);
    expect(offsets.committable).toBe(20);
    offsets.finish(99);
    expect(offsets.committable).toBe(20);
  });

  it('begins no offset so far ahead that the metadata could not hold it', () => {
    const offsets = new FinishedOffsets(0);
    expect(offsets.isTooFar(1e9)).toBe(false);
    for (let offset = 0; offset < SPAN_MAX; offset++) offsets.begin(offset);
    expect(offsets.isTooFar(SPAN_MAX)).toBe(true);
    for (let offset = 1; offset < SPAN_MAX; offset += 2) offsets.finish(offset);
    const metadata = offsets.metadata();
    expect(metadata.length).toBeLessThanOrEqual(4096);
    expect(readFinishedRanges(0, metadata)).toHaveLength(SPAN_MAX / 2);
  });
});

describe('finished ranges', () => {
  it('come back as they were, in runs and in bits', () => {
    const runs = [{ start: 5_000_000_100, end: 5_000_900_000 }];
    expect(readFinishedRanges(5e9, writeFinishedRanges(5e9, runs))).toEqual(runs);
    const bits = Array.from({ length: 100 }, (_, i) => ({ start: 2 * i + 1, end: 2 * i + 2 }));
    expect(readFinishedRanges(0, writeFinishedRanges(0, bits))).toEqual(bits);
  });

  it('leaves out what does not fit', () => {
    const many = Array.from({ length: 3_000 }, (_, i) => ({
      start: 1000 * i + 1,
      end: 1000 * i + 2,
    }));
    const text = writeFinishedRanges(0, many);
    expect(text.length).toBeLessThanOrEqual(4096);
    const read = readFinishedRanges(0, text);
    expect(read).toEqual(many.slice(0, read.length));
    expect(read.length).toBeGreaterThan(500);
  });

  it('minds no metadata of others', () => {
    for (const metadata of [null, '', 'a note', 'mr1', 'mr1//', 'mr1CQ==', 'mr1AP8=']) {
      expect(readFinishedRanges(0, metadata)).toEqual([]);
    }
  });
});
