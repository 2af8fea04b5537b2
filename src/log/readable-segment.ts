/**
 * A segment as its readers see it. Bytes that an earlier process left are checked against their
 * checksums once before they are served; what this process wrote was checked on its way in.
 */
import {
  BATCH_HEADER_SIZE,
  baseOffset,
  LOG_OVERHEAD,
  lastOffset,
  sizeInBytes,
} from '../records/batch-layout.ts';
import { nextSoundBatch, orderedBatch, plausibleBatch, soundBatch } from './batch-check.ts';
import { INDEX_SUFFIX, LOG_SUFFIX, segmentPath } from './file-names.ts';
import { MappedSource } from './mapped-source.ts';
import { native } from './native.ts';
import { indexedPositionBelow, positionForOffset } from './offset-index.ts';
import { portableCalls } from './portable/portable-calls.ts';
import { ReadSource } from './portable/read-source.ts';
import type { SegmentSource } from './segment-source.ts';
import { AbortedIndexReader } from './transactions/aborted-index-reader.ts';

const MAX_RELATIVE_OFFSET = 2 ** 31 - 1;
/** Without maps, a sound batch is looked for so far behind a damaged one. */
const DAMAGE_BYTES_MAX = 64 * 1024 * 1024;
/** A batch and what follows it, by which the order of their offsets is judged. */
const ORDERED_BATCHES = 3;
/** Stretches up to this length are walked without the index. */
const WALK_BYTES = 8192;
/** What native.scanBatches() found. */
const scanned = new Float64Array(3);

export class ReadableSegment {
  readonly path: string;
  readonly baseOffset: number;
  /** How far it may be read: grows with the owner's messages while it is active. */
  sizeBytes: number;
  readonly aborted: AbortedIndexReader;
  readonly #source: SegmentSource;
  /** [0, foreignBytes) came from an earlier process. */
  readonly #foreignBytes: number;
  #verifiedFrom = 0;
  #verifiedTo = 0;
  /** The lowest offset that a batch at #verifiedTo may have. */
  #verifiedOffset = 0;

  constructor(directory: string, baseOffset: number, sizeBytes: number, foreignBytes: number) {
    this.path = segmentPath(directory, baseOffset, LOG_SUFFIX);
    const indexPath = segmentPath(directory, baseOffset, INDEX_SUFFIX);
    this.#source =
      native === portableCalls
        ? new ReadSource(this.path, indexPath)
        : new MappedSource(this.path, indexPath);
    this.aborted = new AbortedIndexReader(directory, baseOffset);
    this.baseOffset = baseOffset;
    this.sizeBytes = sizeBytes;
    this.#foreignBytes = foreignBytes;
  }

  /** The bytes that were held last, from `origin` of the file on. */
  get bytes(): Buffer {
    return this.#source.bytes;
  }

  get origin(): number {
    return this.#source.origin;
  }

  /** See SegmentSource. */
  holdToSend(position: number, maxBytes: number, limit: number): number {
    return this.#source.holdToSend(position, maxBytes, limit);
  }

  /** Lets go of what is held; slices that sockets hold stay. */
  release(): void {
    this.#source.release();
    this.aborted.release();
  }

  /** The file of which a page that was read here is lost, or ''. */
  get lostPath(): string {
    return this.#source.lostPath;
  }

  /** Lets go of what is held; slices that sockets hold are not sent. */
  spoil(): void {
    this.#source.spoil();
  }

  /** The offset behind the batches of [start, end), both batch boundaries, verified and held. */
  offsetBehind(start: number, end: number): number {
    const { bytes, origin } = this.#source;
    const isNextHeld = origin + bytes.length >= end + LOG_OVERHEAD;
    if (end >= this.#foreignBytes && isNextHeld) return baseOffset(bytes, end - origin);
    if (end === this.#verifiedTo) return this.#verifiedOffset;
    // The batch at `end` may be damaged, and its offset with it: ask the one before it.
    let at = start - origin;
    let offset = this.baseOffset;
    while (at < end - origin) {
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
    const relative = Math.min(offset - this.baseOffset, MAX_RELATIVE_OFFSET);
    let at = 0;
    if (relative > 0 && limit > WALK_BYTES) {
      const index = this.#source.indexFor(limit);
      at = positionForOffset(index, index.length, relative, limit);
      if (at > 0 && !this.#leadsTo(at, offset, limit)) at = 0;
    }
    let minOffset = this.baseOffset;
    while (at < limit) {
      const size = this.#stepFrom(at, limit, minOffset);
      if (size === 0) {
        // Damage on the way does not matter to this read, unless the offset lies in it.
        const next = this.#behindDamage(at, limit, minOffset);
        if (next < 0 || this.#baseOffsetAt(next) > offset) return -1 - at;
        at = next;
        continue;
      }
      const { bytes, origin } = this.#source;
      minOffset = lastOffset(bytes, at - origin) + 1;
      if (minOffset > offset) return at;
      at += size;
    }
    return limit;
  }

  #baseOffsetAt(at: number): number {
    return baseOffset(this.#source.bytes, at - this.#source.origin);
  }

  /** The next sound batch behind a damaged one, as far as that is looked for; or -1. */
  #behindDamage(at: number, limit: number, minOffset: number): number {
    const source = this.#source;
    const end = source.isWhole ? limit : Math.min(limit, at + DAMAGE_BYTES_MAX);
    source.hold(at, end, limit);
    const { bytes, origin } = source;
    const next = nextSoundBatch(bytes, at - origin, end - origin, minOffset);
    return next < 0 ? -1 : next + origin;
  }

  /** Has the header of a batch be held and, where `count` is above 0, that many whole batches. */
  #holdBatches(at: number, count: number, limit: number): void {
    const source = this.#source;
    source.hold(at, Math.min(at + BATCH_HEADER_SIZE, limit), limit);
    if (source.isWhole) return;
    let end = at;
    for (let i = 0; i < count; i++) {
      const { bytes, origin } = source;
      const size = plausibleBatch(bytes, end - origin, limit - origin, 0);
      if (size === 0) return;
      end += size;
      source.hold(at, Math.min(end + BATCH_HEADER_SIZE, limit), limit);
    }
  }

  /** The size of the batch at `at`, checked as far as it needs to be; 0 where it is damaged. */
  #stepFrom(at: number, limit: number, minOffset: number): number {
    const isForeign = at < this.#foreignBytes;
    this.#holdBatches(at, isForeign ? ORDERED_BATCHES : 0, limit);
    const { bytes, origin } = this.#source;
    return isForeign
      ? orderedBatch(bytes, at - origin, limit - origin, minOffset)
      : plausibleBatch(bytes, at - origin, limit - origin, minOffset);
  }

  /** An index entry is believed only if a batch stands there that is not too far: bits do flip. */
  #leadsTo(at: number, offset: number, limit: number): boolean {
    return this.#isBoundary(at, limit) && this.#baseOffsetAt(at) <= offset;
  }

  #isBoundary(at: number, limit: number): boolean {
    if (at >= limit) return false;
    const isForeign = at < this.#foreignBytes;
    this.#holdBatches(at, isForeign ? 1 : 0, limit);
    const { bytes, origin } = this.#source;
    return isForeign
      ? soundBatch(bytes, at - origin, limit - origin, this.baseOffset) > 0
      : plausibleBatch(bytes, at - origin, limit - origin, this.baseOffset) > 0;
  }

  /** The last batch boundary of [position, held) within `maxBytes`; see LogReader.read(). */
  endWithin(
    position: number,
    held: number,
    limit: number,
    maxBytes: number,
    atLeastOne: boolean,
  ): number {
    let at = position;
    if (maxBytes > WALK_BYTES && this.#source.isWhole) {
      const index = this.#source.indexFor(limit);
      const jump = indexedPositionBelow(index, index.length, position + maxBytes);
      if (jump > position && this.#isBoundary(jump, limit)) at = jump;
    }
    const { bytes, origin } = this.#source;
    const stop = Math.min(position + maxBytes, held);
    while (at < limit) {
      if (held - at < BATCH_HEADER_SIZE && held < limit) return at;
      const size = plausibleBatch(bytes, at - origin, limit - origin, this.baseOffset);
      if (size === 0) return at > position ? at : -1 - at;
      if (at + size > stop) return at === position && atLeastOne ? at + size : at;
      at += size;
    }
    return at;
  }

  /**
   * Checks the batches of [start, end), all of them held, that this process did not write; -1, or
   * the position of the first that is damaged.
   */
  verify(start: number, end: number): number {
    if (start >= this.#foreignBytes) return -1;
    const stop = Math.min(end, this.#foreignBytes);
    if (start >= this.#verifiedFrom && stop <= this.#verifiedTo) return -1;
    const { bytes, origin } = this.#source;
    const connected = start >= this.#verifiedFrom && start <= this.#verifiedTo;
    let at = (connected ? Math.max(start, this.#verifiedTo) : start) - origin;
    const stopAt = stop - origin;
    let minOffset = at + origin === this.#verifiedTo ? this.#verifiedOffset : this.baseOffset;
    while (at < stopAt) {
      const size = orderedBatch(bytes, at, end - origin, minOffset);
      if (size === 0) break;
      const next = lastOffset(bytes, at) + 1;
      at = native.scanBatches(bytes, at + size, stopAt, next, stopAt, scanned);
      minOffset = scanned[0]!;
    }
    if (!connected) this.#verifiedFrom = start;
    this.#verifiedTo = at + origin;
    this.#verifiedOffset = minOffset;
    return at < stopAt ? at + origin : -1;
  }
}
