import { DELETED_SUFFIX, segmentPath, TXN_INDEX_SUFFIX } from '../file-names.ts';
import { fileSize, readBytes } from '../storage.ts';
import type { AbortedTransaction } from './aborted-transaction.ts';
import { ABORTED_ENTRY_BYTES, abortedAt } from './transaction-index.ts';

const NO_BYTES = Buffer.alloc(0);
/** Read at once and kept: a reader mostly comes back for what follows. */
const CHUNK_ENTRIES = 1024;

/** The transaction index of a segment as its readers see it. A bounded piece of it is in memory. */
export class AbortedIndexReader {
  /** How many entries there are, as the owner told. */
  count = 0;
  readonly #path: string;
  #chunk: Buffer = NO_BYTES;
  #chunkFirst = 0;

  constructor(directory: string, baseOffset: number) {
    this.#path = segmentPath(directory, baseOffset, TXN_INDEX_SUFFIX);
  }

  /**
   * Adds the transactions that are aborted in this segment and have records in [from, end). True
   * where later segments cannot hold more of them: what lies below the last stable offset of an
   * entry was decided when that entry was written. Throws where the file cannot be read.
   */
  collect(from: number, end: number, into: AbortedTransaction[]): boolean {
    for (let i = this.#firstFrom(from); i < this.count; i++) {
      const entry = this.#entry(i);
      if (entry.firstOffset < end) into.push(entry);
      if (entry.lastStableOffset >= end) return true;
    }
    return false;
  }

  /** The first entry whose marker is at or above an offset; `count` where none is. */
  #firstFrom(offset: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entry(middle).lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #entry(index: number): AbortedTransaction {
    const place = index - this.#chunkFirst;
    if (place < 0 || (place + 1) * ABORTED_ENTRY_BYTES > this.#chunk.length) this.#load(index);
    return abortedAt(this.#chunk, index - this.#chunkFirst);
  }

  #load(index: number): void {
    const first = index - (index % CHUNK_ENTRIES);
    const count = Math.min(CHUNK_ENTRIES, this.count - first);
    // Its owner may be done with a segment before its readers hear of it.
    const path = fileSize(this.#path) < 0 ? this.#path + DELETED_SUFFIX : this.#path;
    const bytes = readBytes(path, first * ABORTED_ENTRY_BYTES, count * ABORTED_ENTRY_BYTES);
    if (bytes.length < count * ABORTED_ENTRY_BYTES) {
      throw new Error(`${path} ends before its entry ${first + count}`);
    }
    this.#chunk = bytes;
    this.#chunkFirst = first;
  }

  release(): void {
    this.#chunk = NO_BYTES;
  }
}
