import type { GradualEntries } from '../../topology/gradual-entries.ts';
import type { ByteTable } from '../engine/byte-table.ts';
import { compareBytes } from '../engine/compare-bytes.ts';
import { BUSY, gradualRows } from '../engine/gradual-rows.ts';
import type { RowChains } from '../engine/row-chains.ts';
import { sortByPrefix } from '../engine/sort-rows.ts';
import { TimeSlices } from '../engine/time-slices.ts';
import { type EntryOf, entryIn } from '../filed/entry-of.ts';

/** The order of rows of one time. */
export interface OrderOfOneTime {
  /** Numbers in an order that `compare` makes complete. */
  numbers(rows: Int32Array): Float64Array;
  /** All that decides between two rows. */
  compare(one: number, other: number): number;
}

/** The rows of a table whose keys have times, by those. */
export class RowsByTime {
  readonly #table: ByteTable;
  readonly #chains: RowChains;
  readonly #order: OrderOfOneTime;
  readonly #slices: TimeSlices;

  constructor(table: ByteTable, chains: RowChains, sliceMs: number, order: OrderOfOneTime) {
    this.#table = table;
    this.#chains = chains;
    this.#order = order;
    this.#slices = new TimeSlices(sliceMs);
    table.listen({
      added: (row) => this.#slices.add(row, chains.major(row)),
      removed: () => undefined,
    });
  }

  /** Live rows of keys (null is an open end) within the times, by time, then by the order. */
  between(
    from: number,
    to: number,
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
  ): Int32Array {
    const found = this.#slices.between(from, to);
    const matching = found.rows.filter((row) => this.#matches(row, from, to, keyFrom, keyTo));
    const sorted = this.#sorted(matching);
    return sorted.filter((row, at) => at === 0 || row !== sorted[at - 1]);
  }

  /**
   * What is there of all keys within the times, in the same order, bit by bit. None of it may be
   * dropped meanwhile.
   */
  gradually<T>(from: number, to: number, entryOf: EntryOf<T>): GradualEntries<T> {
    const table = this.#table;
    const chains = this.#chains;
    const rows = gradualRows(this.#slices.inOrder(from, to), {
      has: (row, start, end) => {
        return this.#matches(row, Math.max(from, start), Math.min(to, end), null, null);
      },
      compare: (one, other) => {
        const order = chains.major(one) - chains.major(other);
        return order !== 0 ? order : this.#order.compare(one, other);
      },
      sort: (some) => this.#sorted(some),
    });
    return {
      next: () => {
        const { value: row = BUSY, done } = rows.next();
        if (done === true) return undefined;
        if (row === BUSY || !table.isLive(row)) return null;
        const [keyLength, valueLength] = [table.keyLength(row), table.valueLength(row)];
        return entryIn(table, table.blockOf(row), keyLength, valueLength, entryOf);
      },
    };
  }

  /** Drops so many rows of times before this one that no open transaction has touched. */
  expire(before: number, most: number): void {
    for (let left = most; left > 0; left--) {
      const row = this.#slices.takeBefore(before);
      if (row < 0) return;
      if (!this.#table.isRow(row) || this.#chains.major(row) >= before) continue;
      if (this.#table.isTouched(row)) {
        this.#slices.add(row, this.#chains.major(row));
        return;
      }
      this.#table.drop(row);
    }
  }

  clear(): void {
    this.#slices.clear();
  }

  #sorted(rows: Int32Array): Int32Array {
    if (rows.length === 0) return rows;
    const majors = Float64Array.from(rows, (row) => this.#chains.major(row));
    const compare = (one: number, other: number) => this.#order.compare(one, other);
    return sortByPrefix(rows, majors, this.#order.numbers(rows), compare);
  }

  #matches(
    row: number,
    from: number,
    to: number,
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
  ): boolean {
    if (!this.#table.isLive(row)) return false;
    const time = this.#chains.major(row);
    if (time < from || time > to) return false;
    const start = this.#table.keyStart(row);
    const end = start + this.#table.keyLength(row) - this.#chains.suffixBytes;
    return isKeyWithin(this.#table.chunkOf(row), start, end, keyFrom, keyTo);
  }
}

/** Whether a key is one of from..to, null for open ends. */
export function isKeyWithin(
  chunk: Buffer,
  start: number,
  end: number,
  from: Uint8Array | null,
  to: Uint8Array | null,
): boolean {
  if (from !== null && compareBytes(chunk, start, end, from, 0, from.length) < 0) return false;
  return to === null || compareBytes(chunk, start, end, to, 0, to.length) <= 0;
}
