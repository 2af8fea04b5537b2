import type { RowCursor } from '../../topology/row-file.ts';
import type { ByteTable } from '../engine/byte-table.ts';
import type { View } from '../engine/held-blocks.ts';
import { type EntryOf, entryIn } from './entry-of.ts';

/** Block, length of the key, length of the value: -1 of a row that is gone. */
const STRIDE = 3;

/** A row of the file. */
export interface FiledRow {
  /** By which rows are ordered. */
  readonly order: Buffer;
  readonly key: Buffer;
  /** With the timestamp before it in stamped tables; without its check. */
  readonly value: Buffer;
}

/** Rows of the file in their order. */
export interface FiledRowSource {
  readonly cursor: RowCursor;
  /** Null behind the last one. */
  next(): FiledRow | null;
}

/** Cursors whose iterations were dropped unread. */
const dropped = new FinalizationRegistry<RowCursor>((cursor) => cursor.close());

/**
 * Entries of rows in memory and of those in the file, in one order, as they were when it began. A
 * row in memory hides that in the file, also where it is gone.
 */
export class MergedRows<T> implements IterableIterator<T>, View {
  readonly #table: ByteTable;
  readonly #cells: Int32Array;
  readonly #orders: readonly Buffer[];
  readonly #filed: FiledRowSource;
  readonly #direction: number;
  readonly #stampBytes: number;
  readonly #entryOf: EntryOf<T>;
  #at = 0;
  /** Undefined before it is read. */
  #nextFiled: FiledRow | null | undefined;
  isOpen = true;

  /** `rows` are in memory, in the order of `orders`, which is that of the file's rows. */
  constructor(
    table: ByteTable,
    rows: Int32Array,
    orders: readonly Buffer[],
    filed: FiledRowSource,
    reverse: boolean,
    entryOf: EntryOf<T>,
  ) {
    this.#table = table;
    this.#orders = orders;
    this.#filed = filed;
    this.#direction = reverse ? -1 : 1;
    this.#stampBytes = table.isStamped ? 8 : 0;
    this.#entryOf = entryOf;
    this.#cells = new Int32Array(rows.length * STRIDE);
    for (let i = 0; i < rows.length; i++) {
      this.#cells[i * STRIDE] = table.blockOf(rows[i]!);
      this.#cells[i * STRIDE + 1] = table.keyLength(rows[i]!);
      this.#cells[i * STRIDE + 2] = table.valueLength(rows[i]!);
    }
    table.held.add(this);
    dropped.register(this, filed.cursor, this);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<T, undefined> {
    while (this.isOpen) {
      if (this.#nextFiled === undefined) this.#nextFiled = this.#filed.next();
      const filed = this.#nextFiled;
      const at = this.#at;
      const order = at < this.#orders.length ? this.#orders[at] : undefined;
      if (order === undefined && filed === null) break;
      const difference = this.#compare(order, filed);
      if (difference >= 0) this.#nextFiled = undefined;
      if (difference > 0) return { done: false, value: this.#filedEntry(filed!) };
      this.#at++;
      const cell = at * STRIDE;
      const cells = this.#cells;
      if (cells[cell + 2]! < 0) continue;
      const entryOf = this.#entryOf;
      const [block, keyLength, valueLength] = [cells[cell]!, cells[cell + 1]!, cells[cell + 2]!];
      const value = entryIn(this.#table, block, keyLength, valueLength, entryOf);
      return { done: false, value };
    }
    return this.return();
  }

  return(): IteratorResult<T, undefined> {
    if (this.isOpen) {
      this.end();
      this.#table.held.ended(this);
    }
    return { done: true, value: undefined };
  }

  end(): void {
    this.isOpen = false;
    dropped.unregister(this);
    this.#filed.cursor.close();
  }

  /** Above zero where the row of the file comes first. */
  #compare(order: Buffer | undefined, filed: FiledRow | null): number {
    if (order === undefined) return 1;
    if (filed === null) return -1;
    return Buffer.compare(order, filed.order) * this.#direction;
  }

  #filedEntry({ key, value }: FiledRow): T {
    const stampBytes = this.#stampBytes;
    const stamp = stampBytes > 0 ? value.readDoubleLE(0) : -1;
    return this.#entryOf(key, 0, key.length, value, stampBytes, value.length, stamp);
  }
}
