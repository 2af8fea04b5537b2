import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diskError, onDisk } from '../state/disk/on-disk.ts';
import { StateError } from '../state/state-error.ts';
import type { RowChanges, RowCursor, RowFile } from '../topology/row-file.ts';
import { leaveMark, removeMark, takeMark } from './close-mark.ts';
import { LmdbCursor, readValue } from './lmdb-cursor.ts';
import { type LmdbDatabase, openLmdb } from './lmdb-module.ts';

/** Of a file with pages of 4 KB. */
const KEY_BYTES_MAX = 1978;

/** Looks at a file in another process. Resolves to whether it is whole; `signal` ends it. */
export type FileCheck = (path: string, signal: AbortSignal) => Promise<boolean>;

/**
 * Rows in a file of lmdb. Its pages have no checks, and a damaged one may end the process that
 * reads it. So a file that was not closed cleanly, or is not as it was at the close, is looked at
 * by another process first. One that is not whole is thrown away.
 */
export class LmdbFile implements RowFile {
  readonly keyBytesMax = KEY_BYTES_MAX;
  readonly #check: FileCheck;
  readonly #cursors = new Set<LmdbCursor>();
  #path = '';
  #isTemporary = false;
  #database: LmdbDatabase | undefined;
  #checking: AbortController | undefined;

  constructor(check: FileCheck) {
    this.#check = check;
  }

  open(directory: string | undefined, store: string): Promise<void> | undefined {
    this.#isTemporary = directory === undefined;
    const folder = directory ?? mkdtempSync(join(tmpdir(), 'millrace-rows-'));
    this.#path = join(folder, `${store}.rows`);
    const failure = `${this.#path} cannot be opened`;
    return onDisk(failure, () => {
      mkdirSync(folder, { recursive: true });
      if (existsSync(this.#path) && !takeMark(this.#path)) return this.#openChecked(failure);
      this.#database = openLmdb(this.#path);
      return undefined;
    });
  }

  get(key: Uint8Array): Buffer | undefined {
    return readValue(this.#open, key);
  }

  cursor(from: Uint8Array, to: Uint8Array, reverse: boolean): RowCursor {
    const cursor = new LmdbCursor(this.#open, from, to, reverse, (ended) => {
      this.#cursors.delete(ended);
    });
    this.#cursors.add(cursor);
    return cursor;
  }

  write(changes: RowChanges): void {
    const database = this.#open;
    this.#written(() => {
      database.transactionSync(() => {
        for (let change = 0; change < changes.count; change++) {
          const value = changes.value(change);
          if (value === null) database.removeSync(changes.key(change));
          else database.putSync(changes.key(change), value);
        }
      });
    });
  }

  get rowCount(): number {
    return this.#open.getStats().entryCount;
  }

  erase(): void {
    const database = this.#open;
    this.#endCursors();
    this.#written(() => database.clearSync());
  }

  close(isDamaged: boolean): void {
    this.#checking?.abort();
    const database = this.#database;
    if (database === undefined) return;
    this.#database = undefined;
    this.#endCursors();
    database.close();
    if (isDamaged || this.#isTemporary) this.#remove();
    else leaveMark(this.#path);
  }

  async #openChecked(failure: string): Promise<void> {
    const checking = new AbortController();
    this.#checking = checking;
    const isWhole = await this.#check(this.#path, checking.signal);
    this.#checking = undefined;
    if (checking.signal.aborted) return;
    onDisk(failure, () => {
      if (!isWhole) this.#remove();
      this.#database = openLmdb(this.#path);
    });
  }

  get #open(): LmdbDatabase {
    if (this.#database !== undefined) return this.#database;
    throw new StateError('STATE_CLOSED', `${this.#path} is not open`);
  }

  #written(write: () => void): void {
    try {
      write();
    } catch (thrown) {
      throw diskError(`${this.#path} cannot be written`, thrown);
    }
  }

  #endCursors(): void {
    for (const cursor of [...this.#cursors]) cursor.close();
  }

  #remove(): void {
    removeMark(this.#path);
    rmSync(this.#path, { force: true });
    rmSync(`${this.#path}-lock`, { force: true });
    if (this.#isTemporary) rmSync(dirname(this.#path), { recursive: true, force: true });
  }
}
