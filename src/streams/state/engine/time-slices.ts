import { RowList } from './row-list.ts';
import type { RowSlice } from './row-slice.ts';

/**
 * Rows by slices of time, so that those of a stretch are found, and those of the past taken out,
 * without looking at all. A row that ended, or whose time has moved on, may still stand in a slice:
 * whoever reads one looks at the row.
 */
export class TimeSlices {
  readonly widthMs: number;
  #slices = new Map<number, RowList>();
  /** The one that a row was added to last. */
  #recent: RowList | undefined;
  #recentNumber = 0;
  /** The lowest number of a slice. */
  #first = Number.POSITIVE_INFINITY;

  constructor(widthMs: number) {
    this.widthMs = Math.max(1, Math.ceil(widthMs));
  }

  add(row: number, time: number): void {
    const number = Math.floor(time / this.widthMs);
    let slice = this.#recent;
    if (slice === undefined || number !== this.#recentNumber) {
      slice = this.#sliceOf(number);
      this.#recent = slice;
      this.#recentNumber = number;
    }
    slice.push(row);
  }

  /** A row of a slice that ends before `time`; -1 without one. It is in no slice then. */
  takeBefore(time: number): number {
    for (;;) {
      const slice = this.#firstBefore(time);
      if (slice === undefined) return -1;
      if (slice.length > 0) return slice.pop();
      this.#slices.delete(this.#first);
      if (this.#recentNumber === this.#first) this.#recent = undefined;
      this.#findFirst();
    }
  }

  /** Rows of all slices that meet from..to, in no order, some more than once. */
  between(from: number, to: number): RowList {
    const found = new RowList();
    if (from > to) return found;
    const first = Math.max(Math.floor(from / this.widthMs), this.#first);
    const last = Math.floor(to / this.widthMs);
    const isFew = last - first < this.#slices.size;
    if (isFew) {
      for (let number = first; number <= last; number++) copy(this.#slices.get(number), found);
      return found;
    }
    for (const [number, slice] of this.#slices) {
      if (number >= first && number <= last) copy(slice, found);
    }
    return found;
  }

  /** The slices that meet from..to one by one, in their order. */
  *inOrder(from: number, to: number): Generator<RowSlice, void> {
    const first = Math.floor(from / this.widthMs);
    const last = Math.floor(to / this.widthMs);
    const within = [...this.#slices.keys()].filter((number) => number >= first && number <= last);
    for (const number of within.sort((one, other) => one - other)) {
      const rows = this.#slices.get(number);
      const start = number * this.widthMs;
      if (rows !== undefined) yield { rows, from: start, to: start + this.widthMs - 1 };
    }
  }

  clear(): void {
    this.#slices = new Map();
    this.#recent = undefined;
    this.#first = Number.POSITIVE_INFINITY;
  }

  #sliceOf(number: number): RowList {
    let slice = this.#slices.get(number);
    if (slice === undefined) {
      slice = new RowList();
      this.#slices.set(number, slice);
      if (number < this.#first) this.#first = number;
    }
    return slice;
  }

  #firstBefore(time: number): RowList | undefined {
    if ((this.#first + 1) * this.widthMs > time) return undefined;
    return this.#slices.get(this.#first);
  }

  #findFirst(): void {
    let first = Number.POSITIVE_INFINITY;
    for (const number of this.#slices.keys()) first = Math.min(first, number);
    this.#first = first;
  }
}

function copy(from: RowList | undefined, to: RowList): void {
  if (from === undefined) return;
  for (let at = 0; at < from.length; at++) to.push(from.at(at));
}
