import { describe, expect, it } from 'vitest';
import { LogPosition } from '../../src/base/log-position.ts';
import { BatchEnds } from '../../src/partition/batch-ends.ts';

const SEGMENT_BASE = 5;

function filled(from: number, to: number): BatchEnds {
  const ends = new BatchEnds();
  addTo(ends, from, to);
  return ends;
}

function addTo(ends: BatchEnds, from: number, to: number): void {
  for (let offset = from; offset < to; offset++) {
    ends.add({ offset, segmentBase: SEGMENT_BASE, position: 100 * offset });
  }
}

/** The byte at which the batch before `offset` ends, or null. */
function taken(ends: BatchEnds, offset: number): number | null {
  const into = new LogPosition();
  if (!ends.take(offset, into)) return null;
  expect([into.offset, into.segmentBase]).toEqual([offset, SEGMENT_BASE]);
  return into.position;
}

describe('ends of batches', () => {
  it('are known until they are passed', () => {
    expect(taken(new BatchEnds(), 3)).toBeNull();
    const ends = filled(10, 20);
    expect(taken(ends, 9)).toBeNull();
    expect(taken(ends, 12)).toBe(1200);
    expect(taken(ends, 11)).toBeNull();
    expect(taken(ends, 12)).toBeNull();
    expect(taken(ends, 19)).toBe(1900);
    expect(taken(ends, 25)).toBeNull();
  });

  it('are not made up in the middle of a batch', () => {
    const ends = new BatchEnds();
    for (const offset of [10, 20, 30]) {
      ends.add({ offset, segmentBase: SEGMENT_BASE, position: 100 * offset });
    }
    expect(taken(ends, 15)).toBeNull();
    expect(taken(ends, 30)).toBe(3000);
  });

  it('go around the ring and into a larger one', () => {
    const ends = filled(0, 10);
    for (let round = 0; round < 50; round++) {
      addTo(ends, 10 + 7 * round, 17 + 7 * round);
      expect(taken(ends, 5 + 6 * round)).toBe(100 * (5 + 6 * round));
    }
  });

  it('are forgotten where there are too many, the oldest first, and where the log is cut', () => {
    const ends = filled(0, 3000);
    expect(taken(ends, 1975)).toBeNull();
    expect(taken(ends, 1976)).toBe(197_600);
    expect(taken(ends, 2999)).toBe(299_900);
    addTo(ends, 3000, 3005);
    ends.clear();
    expect(taken(ends, 3001)).toBeNull();
    addTo(ends, 3001, 3005);
    expect(taken(ends, 3001)).toBe(300_100);
  });
});
