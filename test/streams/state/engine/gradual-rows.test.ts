import { describe, expect, it } from 'vitest';
import { BUSY, gradualRows } from '../../../../src/streams/state/engine/gradual-rows.ts';
import { RowList } from '../../../../src/streams/state/engine/row-list.ts';
import type { RowSlice } from '../../../../src/streams/state/engine/row-slice.ts';

const MOST_PER_STEP = 5_000;

function sliceOf(rows: readonly number[], from = 0): RowSlice {
  const list = new RowList();
  for (const row of rows) list.push(row);
  return { rows: list, from, to: from + 9 };
}

/** Row n has the rank n * 7919 modulo a prime, so that no order of rows is that of their ranks. */
const rankOf = (row: number): number => (row * 7919) % 104_729;

describe('gradualRows', () => {
  it.each([0, 1, 4096, 4097, 50_000])('gives %d rows of a list in order, each once', (count) => {
    const rows = Array.from({ length: count }, (_, i) => i + 1);
    let looks = 0;
    let most = 0;
    const order = {
      has: (row: number) => {
        looks++;
        return row % 3 !== 0;
      },
      compare: (one: number, other: number) => {
        looks++;
        return rankOf(one) - rankOf(other);
      },
      sort: (some: Int32Array) => some.toSorted((one, other) => rankOf(one) - rankOf(other)),
    };
    const given: number[] = [];
    for (const row of gradualRows([sliceOf([...rows, ...rows.slice(0, 10)])], order)) {
      most = Math.max(most, looks);
      looks = 0;
      if (row !== BUSY) given.push(row);
    }
    const wanted = rows.filter((row) => row % 3 !== 0);
    expect(given).toEqual(wanted.sort((one, other) => rankOf(one) - rankOf(other)));
    expect(most).toBeLessThan(MOST_PER_STEP);
  });

  it('gives one slice after the other, and a row in the slice of its time', () => {
    const order = {
      has: (row: number, from: number, to: number) => row >= from && row <= to,
      compare: (one: number, other: number) => one - other,
      sort: (some: Int32Array) => some.toSorted(),
    };
    const slices = [sliceOf([3, 11, 2]), sliceOf([], 10), sliceOf([12, 3, 11, 12], 10)];
    const given = [...gradualRows(slices, order)].filter((row) => row !== BUSY);
    expect(given).toEqual([2, 3, 11, 12]);
  });
});
