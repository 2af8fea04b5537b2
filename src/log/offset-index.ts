/**
 * The sparse index from offsets to positions, one entry every `index.interval.bytes` of log:
 *
 *   0                        4                     8
 *   +------------------------+---------------------+
 *   | last offset of a batch | position of that    |   ... zero entries up to the reserved end
 *   | less the base offset   | batch in the log    |
 *   +------------------------+---------------------+
 *
 * No entry has position 0, so zero ends the entries. The owner stores an entry as one aligned word;
 * other threads believe only entries below the log end that the owner told them, and for those
 * everything was stored before.
 */
import { MappedFile } from './mapped-file.ts';

export const OFFSET_ENTRY_BYTES = 8;
/** A whole number of entries of both indexes and of pages. */
export const INDEX_STEP_BYTES = 12_288;
const MAX_INDEX_STEP_BYTES = 16 * INDEX_STEP_BYTES;

/** How far to reserve an index file next: doubling up to a limit, within what the topic allows. */
export function nextIndexReserve(reservedBytes: number, maxBytes: number): number {
  const step = Math.min(Math.max(reservedBytes, INDEX_STEP_BYTES), MAX_INDEX_STEP_BYTES);
  return Math.min(reservedBytes + step, Math.max(maxBytes, INDEX_STEP_BYTES));
}

/**
 * The position to scan from for an offset: of the last entry that is not above it, among those
 * below `endPosition`; 0 where there is none.
 */
export function positionForOffset(
  index: Buffer,
  indexBytes: number,
  relativeOffset: number,
  endPosition: number,
): number {
  let low = 0;
  let high = Math.floor(indexBytes / OFFSET_ENTRY_BYTES);
  let found = 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = middle * OFFSET_ENTRY_BYTES;
    const position = index.readInt32BE(at + 4);
    if (position > 0 && position < endPosition && index.readInt32BE(at) <= relativeOffset) {
      found = position;
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return found;
}

/** The largest indexed position that is not above `position`; 0 where there is none. */
export function indexedPositionBelow(index: Buffer, indexBytes: number, position: number): number {
  let low = 0;
  let high = Math.floor(indexBytes / OFFSET_ENTRY_BYTES);
  let found = 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = index.readInt32BE(middle * OFFSET_ENTRY_BYTES + 4);
    if (entry > 0 && entry <= position) {
      found = entry;
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return found;
}

/** The entries before the zero tail. */
export function countOffsetEntries(index: Buffer): number {
  let low = 0;
  let high = Math.floor(index.length / OFFSET_ENTRY_BYTES);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (index.readInt32BE(middle * OFFSET_ENTRY_BYTES + 4) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The owner's side: appends entries to the index of the active segment. */
export class OffsetIndexWriter {
  readonly #file: MappedFile;
  readonly #maxBytes: number;
  readonly #entry = Buffer.alloc(OFFSET_ENTRY_BYTES);
  #end: number;

  constructor(path: string, entries: number, maxBytes: number, fresh: boolean) {
    this.#file = new MappedFile(path);
    this.#maxBytes = maxBytes;
    this.#end = entries * OFFSET_ENTRY_BYTES;
    if (fresh) this.#file.create();
    this.#file.openLater(this.#end);
  }

  get entries(): number {
    return this.#end / OFFSET_ENTRY_BYTES;
  }

  get full(): boolean {
    return this.#end + OFFSET_ENTRY_BYTES > this.#maxBytes;
  }

  /** Room for one more entry: 0 or an errno. */
  makeRoom(): number {
    const end = this.#end + OFFSET_ENTRY_BYTES;
    const file = this.#file;
    if (file.hasRoom(end)) return 0;
    return file.makeRoom(end, nextIndexReserve(file.reservedBytes, this.#maxBytes));
  }

  /** Only after makeRoom() has answered 0: 0, or EIO where the file lost a page. */
  append(relativeOffset: number, position: number): number {
    const entry = this.#entry;
    entry.writeInt32BE(relativeOffset, 0);
    entry.writeInt32BE(position, 4);
    const lost = this.#file.store(this.#end, entry, 0, OFFSET_ENTRY_BYTES);
    if (lost === 0) this.#end += OFFSET_ENTRY_BYTES;
    return lost;
  }

  /** Drops the map; the zero tail stays, because readers may be searching through it. */
  release(): void {
    this.#file.close();
  }

  /** Cuts the zero tail as well: only when no reader is left. */
  close(): void {
    this.#file.cut(this.#end);
    this.#file.close();
  }
}
