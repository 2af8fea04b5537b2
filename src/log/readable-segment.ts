/**
 * A segment as its readers see it. Bytes that an earlier process left are checked against their
 * checksums once before they are served; what this process wrote was checked on its way in.
 */
import { systemCodeOf } from '../base/errors.ts';
import { baseOffset, lastOffset, sizeInBytes } from '../records/batch-layout.ts';
import { nextSoundBatch, orderedBatch, plausibleBatch, soundBatch } from './batch-check.ts';
import { mapFile } from './file-map.ts';
import { DELETED_SUFFIX, INDEX_SUFFIX, LOG_SUFFIX, segmentPath } from './file-names.ts';
import { native } from './native.ts';
import {
  INDEX_STEP_BYTES,
  indexedPositionBelow,
  OFFSET_ENTRY_BYTES,
  positionForOffset,
} from './offset-index.ts';
import { fileSize } from './storage.ts';

const NO_BYTES = Buffer.alloc(0);
const MIN_MAP_BYTES = 256 * 1024;
const MAP_GROWTH = 8;
const MAX_RELATIVE_OFFSET = 2 ** 31 - 1;
/** So few bytes are walked rather than looked up. */
const WALK_BYTES = 8192;
/** What native.scanBatches() found. */
const scanned = new Float64Array(3);

export class ReadableSegment {
  readonly path: string;
  readonly baseOffset: number;
  /** How far it may be read: grows with the owner's messages while it is active. */
  sizeBytes: number;
  readonly #indexPath: string;
  /** [0, foreignBytes) came from an earlier process. */
  readonly #foreignBytes: number;
  #verifiedFrom = 0;
  #verifiedTo = 0;
  /** The lowest offset that a batch at #verifiedTo may have. */
  #verifiedOffset = 0;
  #bytes: Buffer = NO_BYTES;
  #index: Buffer = NO_BYTES;
  /** The data that the index map covers: with more of it the file may have grown. */
  #indexedBytes = 0;

  constructor(directory: string, baseOffset: number, sizeBytes: number, foreignBytes: number) {
    this.path = segmentPath(directory, baseOffset, LOG_SUFFIX);
    this.#indexPath = segmentPath(directory, baseOffset, INDEX_SUFFIX);
    this.baseOffset = baseOffset;
    this.sizeBytes = sizeBytes;
    this.#foreignBytes = foreignBytes;
  }

  /**
   * A map that covers [0, end). It may reach beyond the end of the file, where nothing is touched:
   * V8 counts maps as memory and collects garbage for large ones, so there should be few of them.
   */
  mapTo(end: number): Buffer {
    if (this.#bytes.length >= end) return this.#bytes;
    let length = Math.max(this.#bytes.length, MIN_MAP_BYTES);
    while (length < end) length *= MAP_GROWTH;
    this.#bytes = mapStored(this.path, length);
    return this.#bytes;
  }

  /** Drops the maps; slices that sockets hold keep theirs. */
  release(): void {
    this.#bytes = NO_BYTES;
    this.#index = NO_BYTES;
    this.#indexedBytes = 0;
  }

  /** The file of which a page that was read here is lost, or ''. */
  get lostPath(): string {
    if (native.isLost(this.#bytes)) return this.path;
    return native.isLost(this.#index) ? this.#indexPath : '';
  }

  /** Drops the maps; slices that sockets hold are not sent. */
  spoil(): void {
    native.spoil(this.#bytes);
    native.spoil(this.#index);
    this.release();
  }

  /** The offset behind the batches of [start, end), both of them batch boundaries and verified. */
  offsetBehind(start: number, end: number): number {
    const bytes = this.#bytes;
    if (end >= this.#foreignBytes) return baseOffset(bytes, end);
    if (end === this.#verifiedTo) return this.#verifiedOffset;
    // The batch at `end` may be damaged, and its offset with it: ask the one before it.
    let at = start;
    let offset = this.baseOffset;
    while (at < end) {
      offset = lastOffset(bytes, at) + 1;
      at += sizeInBytes(bytes, at);
    }
    return offset;
  }

  /**
   * The position of the first batch whose last offset is not below `offset`; `limit` where all are.
   * Damage in the way is answered as -1 less its position.
   */
  locate(offset: number, limit: number): number {
    const bytes = this.mapTo(limit);
    const relative = Math.min(offset - this.baseOffset, MAX_RELATIVE_OFFSET);
    let at = 0;
    if (relative > 0 && limit > WALK_BYTES) {
      const index = this.#mapIndex(limit);
      at = positionForOffset(index, index.length, relative, limit);
      if (at > 0 && !this.#leadsTo(at, offset, limit)) at = 0;
    }
    let minOffset = this.baseOffset;
    while (at < limit) {
      const size = this.#stepFrom(at, limit, minOffset);
      if (size === 0) {
        // Damage on the way is none of this read's, unless the offset lies in it.
        const next = nextSoundBatch(bytes, at, limit, minOffset);
        if (next < 0 || baseOffset(bytes, next) > offset) return -1 - at;
        at = next;
        continue;
      }
      minOffset = lastOffset(bytes, at) + 1;
      if (minOffset > offset) return at;
      at += size;
    }
    return limit;
  }

  /** The size of the batch at `at`, checked as far as it needs to be; 0 where it is damaged. */
  #stepFrom(at: number, limit: number, minOffset: number): number {
    return at < this.#foreignBytes
      ? orderedBatch(this.#bytes, at, limit, minOffset)
      : plausibleBatch(this.#bytes, at, limit, minOffset);
  }

  /** An index entry is believed only if a batch stands there that is not too far: bits do flip. */
  #leadsTo(at: number, offset: number, limit: number): boolean {
    const bytes = this.#bytes;
    const size = plausibleBatch(bytes, at, limit, this.baseOffset);
    if (size === 0 || baseOffset(bytes, at) > offset) return false;
    return at >= this.#foreignBytes || soundBatch(bytes, at, limit, this.baseOffset) > 0;
  }

  /** The last batch boundary within `maxBytes` of one; see LogReader.read(). */
  endWithin(position: number, limit: number, maxBytes: number, atLeastOne: boolean): number {
    const bytes = this.#bytes;
    let at = position;
    if (maxBytes > WALK_BYTES) {
      const index = this.#mapIndex(limit);
      const jump = indexedPositionBelow(index, index.length, position + maxBytes);
      if (jump > position && this.#isBoundary(jump, limit)) at = jump;
    }
    const stop = position + maxBytes;
    while (at < limit) {
      const size = plausibleBatch(bytes, at, limit, this.baseOffset);
      if (size === 0) return at > position ? at : -1 - at;
      if (at + size > stop) return at === position && atLeastOne ? at + size : at;
      at += size;
    }
    return at;
  }

  #isBoundary(at: number, limit: number): boolean {
    if (at >= limit) return false;
    const size = plausibleBatch(this.#bytes, at, limit, this.baseOffset);
    if (size === 0) return false;
    return at >= this.#foreignBytes || soundBatch(this.#bytes, at, limit, this.baseOffset) > 0;
  }

  /** The index as far as it is needed for `limit` bytes of data. */
  #mapIndex(limit: number): Buffer {
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

  /**
   * Checks the batches of [start, end) that this process did not write; -1, or the position of the
   * first that is damaged.
   */
  verify(start: number, end: number): number {
    if (start >= this.#foreignBytes) return -1;
    const stop = Math.min(end, this.#foreignBytes);
    if (start >= this.#verifiedFrom && stop <= this.#verifiedTo) return -1;
    const bytes = this.#bytes;
    const connected = start >= this.#verifiedFrom && start <= this.#verifiedTo;
    let at = connected ? Math.max(start, this.#verifiedTo) : start;
    let minOffset = at === this.#verifiedTo ? this.#verifiedOffset : this.baseOffset;
    while (at < stop) {
      const size = orderedBatch(bytes, at, end, minOffset);
      if (size === 0) break;
      at = native.scanBatches(bytes, at + size, stop, lastOffset(bytes, at) + 1, stop, scanned);
      minOffset = scanned[0]!;
    }
    if (!connected) this.#verifiedFrom = start;
    this.#verifiedTo = at;
    this.#verifiedOffset = minOffset;
    return at < stop ? at : -1;
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
