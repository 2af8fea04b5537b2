import { failPoint } from '../../base/fail-point.ts';
import { fileSize, storage } from '../storage.ts';
import type { AbortedTransaction } from './aborted-transaction.ts';
import { ABORTED_ENTRY_BYTES, encodeAborted } from './transaction-index.ts';

const CLOSED = -1;

/** The transaction index of the segment that is written. Its file is made for the first entry. */
export class TransactionIndexWriter {
  readonly #path: string;
  #fd = CLOSED;
  /** The entries that count. The file may hold another one, whose marker was not appended. */
  count: number;

  constructor(path: string, count: number) {
    this.#path = path;
    this.count = count;
  }

  /** -1 while there is nothing to sync. */
  get fd(): number {
    return this.#fd;
  }

  /**
   * Writes an entry that counts once its marker is in the log: see `commit`. Throws what the disk
   * says. True where the file was made.
   */
  write(aborted: AbortedTransaction): boolean {
    const isNew = this.#fd === CLOSED && fileSize(this.#path) < 0;
    if (this.#fd === CLOSED) this.#fd = storage.open(this.#path, isNew ? 'w+' : 'r+');
    if (failPoint !== null) failPoint('txn-index-before-write');
    storage.write(this.#fd, encodeAborted([aborted]), this.count * ABORTED_ENTRY_BYTES);
    if (failPoint !== null) failPoint('txn-index-after-write');
    return isNew;
  }

  commit(): void {
    this.count++;
  }

  /** The segment is written no more: the file ends with the last entry that counts. */
  cut(): void {
    if (this.#fd !== CLOSED) storage.truncate(this.#fd, this.count * ABORTED_ENTRY_BYTES);
  }

  sync(): void {
    if (this.#fd !== CLOSED) storage.sync(this.#fd);
  }

  close(): void {
    if (this.#fd !== CLOSED) storage.close(this.#fd);
    this.#fd = CLOSED;
  }
}
