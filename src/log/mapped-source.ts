import { systemCodeOf } from '../base/errors.ts';
import { mapFile } from './file-map.ts';
import { DELETED_SUFFIX } from './file-names.ts';
import { native } from './native.ts';
import { INDEX_STEP_BYTES, OFFSET_ENTRY_BYTES } from './offset-index.ts';
import type { SegmentSource } from './segment-source.ts';
import { fileSize } from './storage.ts';

const NO_BYTES = Buffer.alloc(0);
const MIN_MAP_BYTES = 256 * 1024;
const MAP_GROWTH = 8;

/** A segment through maps, which are never unmapped by hand: sockets may hold slices of them. */
export class MappedSource implements SegmentSource {
  bytes: Buffer = NO_BYTES;
  readonly origin = 0;
  readonly isWhole = true;
  readonly #path: string;
  readonly #indexPath: string;
  #index: Buffer = NO_BYTES;
  /** The data that the index map covers: with more of it the file may have grown. */
  #indexedBytes = 0;

  constructor(path: string, indexPath: string) {
    this.#path = path;
    this.#indexPath = indexPath;
  }

  /**
   * A map that covers [0, limit). It may reach beyond the end of the file, where nothing is
   * touched: V8 counts maps as memory and collects garbage for large ones, so there should be few.
   */
  hold(_start: number, _end: number, limit: number): void {
    if (this.bytes.length >= limit) return;
    let length = Math.max(this.bytes.length, MIN_MAP_BYTES);
    while (length < limit) length *= MAP_GROWTH;
    this.bytes = mapStored(this.#path, length);
  }

  holdToSend(start: number, _maxBytes: number, limit: number): number {
    this.hold(start, limit, limit);
    return limit;
  }

  indexFor(limit: number): Buffer {
    if (limit <= this.#indexedBytes) return this.#index;
    const before = this.#index;
    if (before.length > 0 && hasRoom(before, limit)) {
      this.#indexedBytes = limit;
      return before;
    }
    // Whole entries of what is reserved now: the owner never cuts it while there are readers.
    const sizeBytes = Math.max(fileSize(this.#indexPath), 0);
    const wholeBytes = sizeBytes - (sizeBytes % OFFSET_ENTRY_BYTES);
    if (wholeBytes > before.length) this.#index = mapFile(this.#indexPath, wholeBytes);
    this.#indexedBytes = limit;
    return this.#index;
  }

  get lostPath(): string {
    if (native.isLost(this.bytes)) return this.#path;
    return native.isLost(this.#index) ? this.#indexPath : '';
  }

  spoil(): void {
    native.spoil(this.bytes);
    native.spoil(this.#index);
    this.release();
  }

  release(): void {
    this.bytes = NO_BYTES;
    this.#index = NO_BYTES;
    this.#indexedBytes = 0;
  }
}

/** Its owner may be done with a segment before its readers hear of it: then it has another name. */
function mapStored(path: string, length: number): Buffer {
  try {
    return mapFile(path, length);
  } catch (thrown) {
    const nextPath = path + DELETED_SUFFIX;
    if (systemCodeOf(thrown) !== 'ENOENT' || fileSize(nextPath) < 0) throw thrown;
    return mapFile(nextPath, length);
  }
}

/** Whether the last entry of an index map is still empty or lies beyond the data asked for. */
function hasRoom(index: Buffer, limit: number): boolean {
  const last = index.readInt32BE(index.length - OFFSET_ENTRY_BYTES + 4);
  return (last === 0 && index.length >= INDEX_STEP_BYTES) || last >= limit;
}
