import type { ByteTable } from './byte-table.ts';
import type { View } from './held-blocks.ts';

/** Makes an entry of a row as it was when the view began. */
export type EntryReader<T> = (block: number, keyLength: number, valueLength: number) => T;

const STRIDE = 3;

/**
 * Entries of some rows, in the given order, as they were when the view was made, whatever is
 * written meanwhile. It needs no closing.
 */
export class RowView<T> implements IterableIterator<T>, View {
  readonly #table: ByteTable;
  readonly #cells: Int32Array;
  readonly #read: EntryReader<T>;
  #at: number;
  readonly #step: number;
  isOpen = true;

  constructor(table: ByteTable, rows: Int32Array, reverse: boolean, read: EntryReader<T>) {
    this.#table = table;
    this.#read = read;
    this.#cells = new Int32Array(rows.length * STRIDE);
    for (let i = 0; i < rows.length; i++) {
      this.#cells[i * STRIDE] = table.blockOf(rows[i]!);
      this.#cells[i * STRIDE + 1] = table.keyLength(rows[i]!);
      this.#cells[i * STRIDE + 2] = table.valueLength(rows[i]!);
    }
    this.#step = reverse ? -STRIDE : STRIDE;
    this.#at = reverse ? this.#cells.length - STRIDE : 0;
    if (rows.length === 0) this.isOpen = false;
    else table.held.add(this);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<T, undefined> {
    if (!this.isOpen) return { done: true, value: undefined };
    const at = this.#at;
    if (at < 0 || at >= this.#cells.length) return this.return();
    this.#at = at + this.#step;
    const cells = this.#cells;
    return { done: false, value: this.#read(cells[at]!, cells[at + 1]!, cells[at + 2]!) };
  }

  return(): IteratorResult<T, undefined> {
    if (this.isOpen) {
      this.isOpen = false;
      this.#table.held.ended(this);
    }
    return { done: true, value: undefined };
  }

  end(): void {
    this.isOpen = false;
  }
}
