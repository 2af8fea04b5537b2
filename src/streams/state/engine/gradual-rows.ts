import type { RowSlice } from './row-slice.ts';

/** The order in which rows are given. */
export interface RowOrder {
  /** Whether the row is wanted, and has its time from..to. */
  has(row: number, from: number, to: number): boolean;
  compare(one: number, other: number): number;
  /** Sorts a few rows. */
  sort(rows: Int32Array): Int32Array;
}

/** More rows than these are divided into parts before they are sorted. */
const PART_ROWS = 4096;
/** Rows that are drawn for each part, to find where the parts begin. */
const DRAWN_PER_PART = 2;
/** Parts are numbered by 16 bits. */
const PARTS_MAX = 1 << 16;
/** So many rows are looked at in one step. */
const STEP_ROWS = 8;

/** Stands between rows where more work is to be done before the next one. */
export const BUSY = -1;

/**
 * Gives rows in order, a row or a bit of work each step, so that millions of them need neither a
 * long turn nor much memory: only the slice in hand is copied, and only a part of it is sorted. The
 * slices come in their order.
 */
export function* gradualRows(slices: Iterable<RowSlice>, order: RowOrder): Generator<number, void> {
  for (const { rows: list, from, to } of slices) {
    const rows = new Int32Array(list.length);
    let count = 0;
    for (let i = 0; i < rows.length; i++) {
      if (order.has(list.at(i), from, to)) rows[count++] = list.at(i);
      if (i % STEP_ROWS === 0) yield BUSY;
    }
    const wanted = rows.subarray(0, count);
    const ends = count <= PART_ROWS ? [count] : yield* divided(wanted, order);
    let start = 0;
    for (const end of ends) {
      let last = BUSY;
      for (const row of order.sort(wanted.subarray(start, end))) {
        if (row !== last) yield row;
        last = row;
      }
      start = end;
    }
  }
}

/** Puts the rows of each part together, the parts in order. Returns where each one ends. */
function* divided(rows: Int32Array, order: RowOrder): Generator<number, Int32Array> {
  const firsts = firstsOfParts(rows, order);
  const parts = new Uint16Array(rows.length);
  const ends = new Int32Array(firsts.length + 1);
  for (let i = 0; i < rows.length; i++) {
    parts[i] = partOf(rows[i]!, firsts, order);
    ends[parts[i]!]!++;
    if (i % STEP_ROWS === 0) yield BUSY;
  }
  for (let part = 1; part < ends.length; part++) ends[part]! += ends[part - 1]!;
  const nexts = Int32Array.from(ends, (_, part) => (part === 0 ? 0 : ends[part - 1]!));
  let moves = 0;
  for (let part = 0; part < ends.length; part++) {
    while (nexts[part]! < ends[part]!) {
      const at = nexts[part]!;
      const own = parts[at]!;
      const to = nexts[own]!++;
      swap(rows, at, to);
      swap(parts, at, to);
      if (moves++ % STEP_ROWS === 0) yield BUSY;
    }
  }
  return ends;
}

/** Some of the rows, in order: each begins a part, of which the first one begins before. */
function firstsOfParts(rows: Int32Array, order: RowOrder): Int32Array {
  const count = Math.min(Math.ceil(rows.length / PART_ROWS), PARTS_MAX);
  const step = Math.floor(rows.length / (count * DRAWN_PER_PART));
  const drawn = Int32Array.from({ length: count * DRAWN_PER_PART }, (_, i) => rows[i * step]!);
  return order.sort(drawn).filter((_, i) => i > 0 && i % DRAWN_PER_PART === 0);
}

function partOf(row: number, firsts: Int32Array, order: RowOrder): number {
  let from = 0;
  let to = firsts.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (order.compare(firsts[middle]!, row) <= 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function swap(list: Int32Array | Uint16Array, one: number, other: number): void {
  const kept = list[one]!;
  list[one] = list[other]!;
  list[other] = kept;
}
