/**
 * The sparse index from timestamps to offsets. Entry n says: no batch up to that offset has a
 * larger timestamp. Both columns grow.
 *
 *   0                      8                        12
 *   +----------------------+------------------------+
 *   | max timestamp so far | last offset of the     |   ... zero entries up to the reserved end
 *   | int64                | batch that has it,     |
 *   |                      | less the base offset   |
 *   +----------------------+------------------------+
 */
import { MappedFile } from './mapped-file.ts';
import { nextIndexReserve } from './offset-index.ts';

export const TIME_ENTRY_BYTES = 12;
const WORD = 2 ** 32;

export function timestampAt(index: Buffer, entry: number): number {
  const at = entry * TIME_ENTRY_BYTES;
  return index.readInt32BE(at) * WORD + index.readUInt32BE(at + 4);
}

export function timeOffsetAt(index: Buffer, entry: number): number {
  return index.readInt32BE(entry * TIME_ENTRY_BYTES + 8);
}

/** The last entry whose timestamp is below `timestampMs`, or -1: a search may start after it. */
export function entryBelowTimestamp(index: Buffer, entries: number, timestampMs: number): number {
  let low = 0;
  let high = entries;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestampAt(index, middle) < timestampMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The entries before the zero tail. No entry has timestamp 0. */
export function countTimeEntries(index: Buffer): number {
  let low = 0;
  let high = Math.floor(index.length / TIME_ENTRY_BYTES);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestampAt(index, middle) !== 0 || timeOffsetAt(index, middle) !== 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The owner's side: appends entries to the time index of the active segment. */
export class TimeIndexWriter {
  readonly #file: MappedFile;
  readonly #maxBytes: number;
  readonly #entry = Buffer.alloc(TIME_ENTRY_BYTES);
  #end: number;
  #lastTimestamp: number;

  constructor(
    path: string,
    entries: number,
    lastTimestamp: number,
    maxBytes: number,
    fresh: boolean,
  ) {
    this.#file = new MappedFile(path);
    this.#maxBytes = maxBytes;
    this.#end = entries * TIME_ENTRY_BYTES;
    this.#lastTimestamp = Math.max(lastTimestamp, 0);
    if (fresh) {
      this.#file.create();
    }
    this.#file.openLater(this.#end);
  }

  get entries(): number {
    return this.#end / TIME_ENTRY_BYTES;
  }

  get lastTimestamp(): number {
    return this.#lastTimestamp;
  }

  /** The last entry is kept for the one that closes the segment. */
  get full(): boolean {
    return this.#end + 2 * TIME_ENTRY_BYTES > this.#maxBytes;
  }

  /** Room for two more entries, the second for the close of the segment: 0 or an errno. */
  makeRoom(): number {
    const end = this.#end + 2 * TIME_ENTRY_BYTES;
    const file = this.#file;
    if (file.hasRoom(end)) return 0;
    return file.makeRoom(end, nextIndexReserve(file.reservedBytes, this.#maxBytes));
  }

  /**
   * Only after makeRoom() has answered 0: 0, or EIO where the file lost a page. Does nothing where
   * the timestamp is not larger.
   */
  append(timestampMs: number, relativeOffset: number): number {
    if (timestampMs <= this.#lastTimestamp) return 0;
    const entry = this.#entry;
    entry.writeInt32BE(Math.floor(timestampMs / WORD), 0);
    entry.writeUInt32BE(timestampMs % WORD, 4);
    entry.writeInt32BE(relativeOffset, 8);
    const lost = this.#file.store(this.#end, entry, 0, TIME_ENTRY_BYTES);
    if (lost !== 0) return lost;
    this.#end += TIME_ENTRY_BYTES;
    this.#lastTimestamp = timestampMs;
    return 0;
  }

  /** Only the owner reads a time index, so its zero tail can always go. */
  cut(): void {
    this.#file.cut(this.#end);
  }

  release(): void {
    this.#file.close();
  }
}
