import type { ByteTable } from '../engine/byte-table.ts';
import type { RowListener } from '../engine/row-listener.ts';
import { TimeSlices } from '../engine/time-slices.ts';

const SLICES = 64;

/**
 * Finds rows of a stamped table that were not written for too long. A row stands in one slice,
 * mostly that of its first write: when that one is over, the row goes on to the slice of its last
 * write.
 */
export class RowTtl implements RowListener {
  readonly #table: ByteTable;
  readonly #ttlMs: number;
  readonly #slices: TimeSlices;

  constructor(table: ByteTable, ttlMs: number) {
    this.#table = table;
    this.#ttlMs = ttlMs;
    this.#slices = new TimeSlices(ttlMs / SLICES);
    table.listen(this);
  }

  added(row: number): void {
    this.#slices.add(row, this.#table.stampOf(row));
  }

  removed(): void {
    // Its place in a slice is recognized as stale when it is taken.
  }

  isExpired(row: number, streamTime: number): boolean {
    return this.#table.stampOf(row) + this.#ttlMs <= streamTime;
  }

  /** A row with a value that is too old; -1 without one. */
  takeExpired(streamTime: number): number {
    for (;;) {
      const row = this.#slices.takeBefore(streamTime - this.#ttlMs + 1);
      if (row < 0) return row;
      if (!this.#table.isLive(row)) continue;
      if (this.isExpired(row, streamTime)) return row;
      this.added(row);
    }
  }

  /** Rows that were taken are back. */
  refill(): void {
    this.#slices.clear();
    for (let row = 0; row < this.#table.rowsEnd; row++) {
      if (this.#table.isLive(row)) this.added(row);
    }
  }

  clear(): void {
    this.#slices.clear();
  }
}
