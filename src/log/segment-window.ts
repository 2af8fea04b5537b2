import { closeSync, openSync, readSync } from 'node:fs';
import { LOG_OVERHEAD, sizeInBytes } from '../records/batch-layout.ts';

const WINDOW_BYTES = 64 * 1024;

/**
 * Reads the batches of a segment one after the other with plain reads, for the owner's rare
 * searches: a map of a whole segment would cost it a garbage collection.
 */
export class SegmentWindow {
  /** Holds the batch that next() stepped to, from `at` on. */
  bytes: Buffer = Buffer.allocUnsafe(WINDOW_BYTES);
  at = 0;
  size = 0;
  readonly #fd: number;
  readonly #end: number;
  /** Of the file: where `bytes` begins, and how much of it is filled. */
  #start: number;
  #filled = 0;

  constructor(path: string, position: number, end: number) {
    this.#fd = openSync(path, 'r');
    this.#start = position;
    this.#end = end;
  }

  /** False at the end, and where no batch can be. */
  next(): boolean {
    this.at += this.size;
    if (!this.#holds(LOG_OVERHEAD)) return false;
    this.size = sizeInBytes(this.bytes, this.at);
    return this.size > LOG_OVERHEAD && this.#holds(this.size);
  }

  /** Reads on where the window ends before `length` bytes from `at`. */
  #holds(length: number): boolean {
    if (this.at + length <= this.#filled) return true;
    const position = this.#start + this.at;
    if (position + length > this.#end) return false;
    if (length > this.bytes.length) this.bytes = Buffer.allocUnsafe(length);
    const wanted = Math.min(this.bytes.length, this.#end - position);
    this.#start = position;
    this.at = 0;
    this.#filled = 0;
    while (this.#filled < wanted) {
      const left = wanted - this.#filled;
      const read = readSync(this.#fd, this.bytes, this.#filled, left, position + this.#filled);
      if (read === 0) break;
      this.#filled += read;
    }
    return length <= this.#filled;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
