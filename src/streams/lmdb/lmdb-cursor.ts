import type { RowCursor } from '../topology/row-file.ts';
import type { LmdbDatabase, LmdbEntry, LmdbReadTransaction } from './lmdb-module.ts';

const NO_BYTES = Buffer.alloc(0);

/** Rows of a read transaction of its own. */
export class LmdbCursor implements RowCursor {
  readonly #database: LmdbDatabase;
  readonly #transaction: LmdbReadTransaction;
  readonly #rows: Iterator<LmdbEntry>;
  readonly #to: Uint8Array;
  readonly #onClosed: (cursor: LmdbCursor) => void;
  #isOpen = true;
  key = NO_BYTES;
  value = NO_BYTES;

  constructor(
    database: LmdbDatabase,
    from: Uint8Array,
    to: Uint8Array,
    reverse: boolean,
    onClosed: (cursor: LmdbCursor) => void,
  ) {
    this.#database = database;
    this.#to = to;
    this.#onClosed = onClosed;
    const transaction = database.useReadTransaction();
    this.#transaction = transaction;
    const range = reverse
      ? { start: to, end: from, inclusiveEnd: true, reverse, transaction }
      : { start: from, end: to, transaction };
    this.#rows = database.getRange(range)[Symbol.iterator]();
  }

  next(): boolean {
    while (this.#isOpen) {
      const { done, value: row } = this.#rows.next();
      if (done === true) break;
      // In reverse, the range of lmdb begins with its start.
      if (Buffer.compare(row.key, this.#to) >= 0) continue;
      this.key = asBuffer(row.key);
      this.value = asBuffer(row.value);
      return true;
    }
    this.close();
    return false;
  }

  get(key: Uint8Array): Buffer | undefined {
    if (!this.#isOpen) return undefined;
    return readValue(this.#database, key, this.#transaction);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#rows.return?.();
    this.#transaction.done();
    this.#onClosed(this);
  }
}

/** Valid until the next value is read. */
export function readValue(
  database: LmdbDatabase,
  key: Uint8Array,
  transaction?: LmdbReadTransaction,
): Buffer | undefined {
  const options = transaction === undefined ? undefined : { transaction };
  const found = database.getBinaryFast(key, options);
  if (found === undefined) return undefined;
  // What lmdb gives has a length of its own.
  return Buffer.from(found.buffer as ArrayBuffer, found.byteOffset, database.lastSize);
}

function asBuffer(bytes: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}
