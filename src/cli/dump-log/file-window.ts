import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { MillraceError, reasonOf } from '../../base/errors.ts';

const WINDOW_BYTES = 1 << 20;

/** A part of a file in memory that moves along as the file is read from its start to its end. */
export class FileWindow {
  readonly path: string;
  readonly sizeBytes: number;
  readonly #fd: number;
  #bytes = Buffer.alloc(0);
  #start = 0;

  constructor(path: string) {
    this.path = path;
    this.#fd = open(path);
    this.sizeBytes = fstatSync(this.#fd).size;
  }

  /** A view of these bytes, good until the next call. They must lie within the file. */
  view(position: number, length: number): Buffer {
    const from = position - this.#start;
    if (from < 0 || from + length > this.#bytes.length) {
      this.#load(position, Math.max(length, WINDOW_BYTES));
      return this.#bytes.subarray(0, length);
    }
    return this.#bytes.subarray(from, from + length);
  }

  /** Whether only zeros are left from here on: the reservation of a file that is being written. */
  isZeroFrom(position: number): boolean {
    for (let at = position; at < this.sizeBytes; at += WINDOW_BYTES) {
      const bytes = this.view(at, Math.min(WINDOW_BYTES, this.sizeBytes - at));
      if (bytes.some((byte) => byte !== 0)) return false;
    }
    return true;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #load(position: number, length: number): void {
    const wanted = Math.min(length, this.sizeBytes - position);
    const bytes = Buffer.allocUnsafe(wanted);
    let filled = 0;
    while (filled < wanted) {
      const count = readSync(this.#fd, bytes, filled, wanted - filled, position + filled);
      if (count === 0) {
        const message = `${this.path}: became shorter while it was read`;
        throw new MillraceError('MILLRACE_STORAGE', message);
      }
      filled += count;
    }
    this.#bytes = bytes;
    this.#start = position;
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (thrown) {
    const message = `cannot read ${path}: ${reasonOf(thrown)}`;
    throw new MillraceError('MILLRACE_BAD_ARGUMENT', message, thrown);
  }
}
