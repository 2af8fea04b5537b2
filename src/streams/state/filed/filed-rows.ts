/**
 * The rows of a store that are in a file, and those of them that are in memory. The store's table
 * has what the open transaction has written, and rows that were looked at lately; a commit writes
 * into the file, with the offset of the changelog in the same transaction of it. The file has
 *
 *   0                                how far it is, as JSON
 *   1   key of the row               timestamp (double, in stamped stores)   value
 *   2   key with its times in front  nothing; in stores whose rows have times
 *
 * and a check behind each value.
 */
import type { RowCursor, RowFile } from '../../topology/row-file.ts';
import type { StoreType } from '../../topology/store-type.ts';
import type { ByteTable } from '../engine/byte-table.ts';
import { Journal } from '../engine/journal.ts';
import type { RowTaker } from '../engine/row-taker.ts';
import { StateError } from '../state-error.ts';
import { CHECK_BYTES, isWhole } from './checked-row.ts';
import type { EntryOf } from './entry-of.ts';
import { behind, endOf, keyText, SPACE, spaced } from './file-keys.ts';
import { type FiledRow, type FiledRowSource, MergedRows } from './merged-rows.ts';
import type { TimeOrder } from './time-order.ts';
import { WrittenRows } from './written-rows.ts';

const PROGRESS_KEY = Buffer.of(SPACE.PROGRESS);
const NO_BYTES = new Uint8Array(0);
const FIRST_KEY_BYTES = 256;
/** Rows that may leave memory for one that comes. */
const LEAVE_PER_ROW = 4;
/** Old rows that a commit removes from the file, beside as many as it writes. */
const EXPIRED_PER_COMMIT = 4096;
/** What an open transaction may take in memory before a commit is asked for. */
const OPEN_BYTES_MAX = 32 << 20;
const OPEN_ROWS_MAX = 50_000;
const ABSENT = -1;

/** Whose rows they are, and of which form. */
export interface FileOwner {
  readonly applicationId: string;
  readonly task: string;
  readonly store: string;
  readonly form: string;
}

/** How far the file is. */
export interface FileProgress {
  /** Of the changelog: where it goes on; -1 where that is not known. */
  readonly offset: number;
  /** The highest time that the store has seen; -1 for none. */
  readonly time: number;
}

const NO_PROGRESS: FileProgress = { offset: -1, time: -1 };
const NO_ROW = Buffer.alloc(0);
const NO_CURSOR: RowCursor = {
  next: () => false,
  key: NO_ROW,
  value: NO_ROW,
  get: () => undefined,
  close: () => undefined,
};

export class FiledRows {
  readonly #table: ByteTable;
  readonly #file: RowFile;
  readonly #typeName: string;
  readonly #cacheBytes: number;
  readonly #order: TimeOrder | undefined;
  readonly #written = new WrittenRows();
  #owner: FileOwner | undefined;
  #state: 'closed' | 'opening' | 'open' = 'closed';
  #askForCommit: (() => void) | undefined;
  #isDamaged = false;
  /** While it is not 0, rows are held by their numbers. */
  #pins = 0;
  /** Where it is looked for rows that may leave. */
  #sweep = 0;
  #keyMemory = Buffer.allocUnsafeSlow(FIRST_KEY_BYTES);
  #time = -1;
  /** Rows of times before it go with the commit. */
  #oldest = Number.NEGATIVE_INFINITY;
  progress: FileProgress = NO_PROGRESS;

  /** `order` is that of rows with times. */
  constructor(table: ByteTable, type: StoreType, order?: TimeOrder) {
    this.#table = table;
    this.#file = type.newFile();
    this.#typeName = type.name;
    this.#cacheBytes = type.cacheBytes;
    this.#order = order;
  }

  /** About how many rows it has, without those of the open transaction. */
  get count(): number {
    if (this.#state !== 'open') return 0;
    const entries = Math.max(this.#file.rowCount - 1, 0);
    return this.#order === undefined ? entries : entries >>> 1;
  }

  /**
   * In the directory of a task. A promise where the file must be looked at first. `askForCommit` is
   * called while the open transaction takes much memory.
   */
  open(
    directory: string | undefined,
    owner: FileOwner,
    askForCommit?: () => void,
  ): Promise<void> | undefined {
    this.#owner = owner;
    this.#askForCommit = askForCommit;
    this.#state = 'opening';
    const looked = this.#file.open(directory, owner.store);
    if (looked !== undefined) return looked.then(() => this.#opened());
    this.#opened();
    return undefined;
  }

  /** Brings a row into memory; -1 where the file has none. The table has none of the key. */
  load(key: Uint8Array): number {
    const fileKey = this.#fileKey(key);
    if (this.#state !== 'open' && !this.#openAlone()) return ABSENT;
    this.boundOpen();
    if (this.#written.removes(key)) return ABSENT;
    const value = this.#file.get(fileKey);
    if (value === undefined) return ABSENT;
    if (this.#pins === 0 && this.#written.count === 0) this.#makeRoom(LEAVE_PER_ROW);
    this.#place(key, this.#checked(fileKey, value));
    return this.#table.find(key);
  }

  /** The same for all rows from one key to another whose keys are as long. */
  loadBetween(from: Uint8Array, to: Uint8Array): void {
    if (this.#state !== 'open' && !this.#openAlone()) return;
    const table = this.#table;
    const cursor = this.#file.cursor(spaced(SPACE.ROWS, from), behind(SPACE.ROWS, to), false);
    try {
      while (cursor.next()) {
        const key = cursor.key.subarray(1);
        if (key.length !== from.length || table.find(key) >= 0 || this.#written.removes(key))
          continue;
        this.#place(key, this.#checked(cursor.key, cursor.value));
      }
    } finally {
      cursor.close();
    }
  }

  /** Asks for a commit where the open transaction takes too much. Called before a row may come. */
  boundOpen(): void {
    const { arena, journal } = this.#table;
    const isLarge = arena.usedBytes > this.#cacheBytes + OPEN_BYTES_MAX;
    if (journal.count > 0 && (isLarge || journal.count > OPEN_ROWS_MAX)) this.#askForCommit?.();
  }

  /** Rows are held by their numbers until `unpin`: none leaves memory meanwhile. */
  pin(): void {
    this.#pins++;
  }

  unpin(): void {
    this.#pins--;
  }

  /**
   * Entries by key, from one to another, null for open ends. `rows` are those in memory in this
   * order, with those that are gone.
   */
  byKey<T>(
    rows: Int32Array,
    from: Uint8Array | null,
    to: Uint8Array | null,
    toInclusive: boolean,
    reverse: boolean,
    entryOf: EntryOf<T>,
  ): IterableIterator<T> {
    const start = spaced(SPACE.ROWS, from ?? NO_BYTES);
    const end = endOf(SPACE.ROWS, to, toInclusive);
    const source = this.#source(start, end, reverse, (key, value) => {
      return { order: key.subarray(1), key: key.subarray(1), value };
    });
    const given = reverse ? rows.toReversed() : rows;
    const orders = Array.from(given, (row) => this.#table.keyBytes(row));
    return new MergedRows(this.#table, given, orders, source, reverse, entryOf);
  }

  /** Entries by time, then as the order says, of rows that `isWanted` by their keys. */
  byTime<T>(
    from: number,
    to: number,
    isWanted: (chunk: Buffer, keyStart: number, keyEnd: number) => boolean,
    reverse: boolean,
    entryOf: EntryOf<T>,
  ): IterableIterator<T> {
    const table = this.#table;
    const order = this.#order!;
    const [start, end] = order.between(from, to);
    const first = spaced(SPACE.TIMES, start);
    const source = this.#source(first, spaced(SPACE.TIMES, end), reverse, (entry, _value, get) => {
      const key = order.keyOf(entry.subarray(1));
      if (!isWanted(key, 0, key.length)) return null;
      const fileKey = spaced(SPACE.ROWS, key);
      const value = get(fileKey);
      if (value === undefined) throw this.#damaged('a row is missing that its time says is there');
      return { order: entry.subarray(1), key, value: this.#checked(fileKey, value) };
    });
    const found: { readonly order: Buffer; readonly row: number }[] = [];
    for (let row = 0; row < table.rowsEnd; row++) {
      if (!table.isRow(row)) continue;
      const chunk = table.chunkOf(row);
      const keyStart = table.keyStart(row);
      const keyEnd = keyStart + table.keyLength(row);
      if (!order.isWithin(chunk, keyEnd, from, to) || !isWanted(chunk, keyStart, keyEnd)) continue;
      found.push({ order: order.orderOf(chunk, keyStart, keyEnd), row });
    }
    const sign = reverse ? -1 : 1;
    found.sort((one, other) => Buffer.compare(one.order, other.order) * sign);
    const rows = Int32Array.from(found, ({ row }) => row);
    const orders = found.map((each) => each.order);
    return new MergedRows(table, rows, orders, source, reverse, entryOf);
  }

  /** Takes down what the open transaction has written. `settle` calls for each of its rows. */
  prepare(settle: (take: RowTaker) => void, time: number, oldest: number): void {
    if (this.#state !== 'open') this.#openAlone();
    this.#time = time;
    this.#oldest = oldest;
    settle((row) => this.#take(row));
  }

  /** Whether the prepared transaction has anything to write. */
  get hasNews(): boolean {
    return this.#written.count > 0;
  }

  /** Writes what was prepared. Where the disk refuses, the file is as it was before. */
  commit(offset: number): void {
    const { progress } = this;
    const next = { offset: offset < 0 ? progress.offset : offset, time: this.#time };
    const written = this.#written;
    this.#expire(written.count);
    written.putProgress(Buffer.from(JSON.stringify({ ...this.#owner, ...next })));
    this.#file.write(written);
    this.#written.clear();
    this.progress = next;
    this.#makeRoom(this.#table.rowsEnd);
  }

  /** Removes what is in the file. */
  erase(): void {
    this.#written.clear();
    this.progress = NO_PROGRESS;
    this.#time = -1;
    if (this.#state === 'open') this.#file.erase();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#written.clear();
    this.progress = NO_PROGRESS;
    this.#file.close(this.#isDamaged);
    this.#isDamaged = false;
  }

  #opened(): void {
    // It was closed while it was looked at.
    if (this.#state !== 'opening') return;
    const text = this.#file.get(PROGRESS_KEY);
    this.#state = 'open';
    if (text === undefined) return;
    if (!isWhole(PROGRESS_KEY, text)) {
      this.erase();
      return;
    }
    const json = text.toString('utf8', 0, text.length - CHECK_BYTES);
    const { applicationId, task, store, form, ...progress } = JSON.parse(json) as FileOwner &
      FileProgress;
    const owner = this.#owner!;
    if (applicationId !== owner.applicationId || task !== owner.task || store !== owner.store) {
      const whose = `store ${store} in task ${task} of application ${applicationId}`;
      throw new StateError(
        'STATE_FOREIGN',
        `the file of store ${owner.store} has rows of ${whose}`,
      );
    }
    // The store has become another one.
    if (form !== owner.form) this.erase();
    else this.progress = progress;
  }

  /** Where nobody keeps its transactions, it is a temporary file. False while it is opened. */
  #openAlone(): boolean {
    if (this.#state === 'opening') return false;
    const [applicationId, task, form] = ['', '', ''];
    return this.open(undefined, { applicationId, task, store: 'store', form }) === undefined;
  }

  /** In memory that is used again. */
  #fileKey(key: Uint8Array): Buffer {
    const length = key.length + 1;
    if (length > this.#file.keyBytesMax) {
      const most = this.#file.keyBytesMax - 1;
      const what = `a key of ${key.length} bytes: stores in ${this.#typeName} take up to ${most}`;
      throw new StateError('STATE_ARGUMENT', what);
    }
    if (length > this.#keyMemory.length) this.#keyMemory = Buffer.allocUnsafeSlow(length * 2);
    this.#keyMemory[0] = SPACE.ROWS;
    this.#keyMemory.set(key, 1);
    return this.#keyMemory.subarray(0, length);
  }

  #place(key: Uint8Array, value: Buffer): void {
    const table = this.#table;
    if (!table.isStamped) table.load(key, value, -1);
    else table.load(key, value.subarray(8), value.readDoubleLE(0));
  }

  /** The value without its check. */
  #checked(key: Uint8Array, value: Buffer): Buffer {
    if (isWhole(key, value)) return value.subarray(0, value.length - CHECK_BYTES);
    throw this.#damaged('a row is not as it was written');
  }

  #damaged(what: string): StateError {
    this.#isDamaged = true;
    const store = this.#owner?.store;
    return new StateError('STATE_DAMAGED', `the file of store ${store} is damaged: ${what}`);
  }

  /** What is removed by the prepared commit is left out, whatever commits meanwhile. */
  #source(
    from: Buffer,
    to: Buffer,
    reverse: boolean,
    rowOf: (
      key: Buffer,
      value: Buffer,
      get: (key: Uint8Array) => Buffer | undefined,
    ) => FiledRow | null,
  ): FiledRowSource {
    if (this.#state !== 'open' && !this.#openAlone())
      return { cursor: NO_CURSOR, next: () => null };
    const { removed } = this.#written;
    const cursor = this.#file.cursor(from, to, reverse);
    const get = (key: Uint8Array) => cursor.get(key);
    return {
      cursor,
      next: () => {
        while (cursor.next()) {
          const row = rowOf(cursor.key, this.#checked(cursor.key, cursor.value), get);
          if (row !== null && !(removed.size > 0 && removed.has(keyText(row.key)))) return row;
        }
        return null;
      },
    };
  }

  #take(row: number): void {
    const table = this.#table;
    const written = this.#written;
    const chunk = table.chunkOf(row);
    const keyStart = table.keyStart(row);
    const keyEnd = keyStart + table.keyLength(row);
    const order = this.#order?.orderOf(chunk, keyStart, keyEnd);
    if (!table.isLive(row)) {
      written.removeRow(chunk, keyStart, keyEnd);
      if (order !== undefined) written.removeTimes(order);
      return;
    }
    written.putRow(chunk, keyStart, keyEnd, table.valueStart(row) + table.valueLength(row));
    const isNew = table.journal.slots[table.slotOf(row) * Journal.STRIDE + 1] === 0;
    if (order !== undefined && isNew) written.putTimes(order);
  }

  /** Rows of the past leave the file, a few more than come. */
  #expire(rows: number): void {
    const order = this.#order;
    if (order === undefined || this.#oldest <= 0) return;
    const [start, end] = order.between(0, this.#oldest - 1);
    const cursor = this.#file.cursor(spaced(SPACE.TIMES, start), spaced(SPACE.TIMES, end), false);
    for (let left = rows + EXPIRED_PER_COMMIT; left > 0 && cursor.next(); left--) {
      const entry = cursor.key.subarray(1);
      const key = order.keyOf(entry);
      this.#written.removeRow(key, 0, key.length);
      this.#written.removeTimes(entry);
    }
    cursor.close();
  }

  /** Looks at so many rows at most whether they may leave memory. */
  #makeRoom(rows: number): void {
    const table = this.#table;
    for (let left = rows; left > 0 && table.arena.usedBytes > this.#cacheBytes; left--) {
      if (this.#sweep >= table.rowsEnd) this.#sweep = 0;
      const row = this.#sweep++;
      if (table.isLive(row) && !table.isTouched(row)) table.drop(row);
    }
  }
}
