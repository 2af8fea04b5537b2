/**
 * The read side of a partition's log, on a thread that does not own it. It knows what the owner
 * told in order: segments, the log end, the high watermark; it reads only below them. The slices
 * that it finds stay as they are for as long as sockets hold them.
 *
 * A call answers a number; what it found is in `bytes`, `start`, `length` and `nextOffset`.
 *
 * A page that the disk does not give reads as zeros: see native/src/faults.cc. A reader that met
 * one serves nothing any more.
 */

import { reasonOf, systemCodeOf } from '../base/errors.ts';
import { LogPosition, type PositionFields } from '../base/log-position.ts';
import { ReadLimits } from '../base/read-limits.ts';
import { plausibleBatch } from './batch-check.ts';
import { lostPageText } from './file-map.ts';
import { touchPages } from './map-faults.ts';
import { native } from './native.ts';
import { OUTCOME } from './outcome.ts';
import { portableCalls } from './portable/portable-calls.ts';
import { giveBackReadMemory } from './portable/read-memory.ts';
import { ReadableSegment } from './readable-segment.ts';
import { abortedBetween } from './transactions/aborted-between.ts';
import type { AbortedTransaction } from './transactions/aborted-transaction.ts';

const NO_BYTES = Buffer.alloc(0);
const NONE_ABORTED: readonly AbortedTransaction[] = [];
/** Where earlier reads ended: readers at the tail come back to exactly there. A power of two. */
const REMEMBERED = 8;
/** Maps of closed segments that are kept; more are made as they are needed. */
const MAX_CLOSED_MAPS = 8;

/** Without maps a reader has a copy of what it found, and there may be thousands of readers. */
const MAKES_COPIES = native === portableCalls;
/**
 * The one that read last on this thread: only it keeps the copies that it found. A reader of maps
 * does not stand here, or the maps of a deleted topic would stay.
 */
const latest: { reader: LogReader | null } = { reader: null };

export class LogReader {
  readonly directory: string;
  readonly limits: ReadLimits;
  /** Found by the last read(): a slice of `bytes` from `start`; empty where `length` is 0. */
  bytes: Buffer = NO_BYTES;
  start = 0;
  length = 0;
  /** The offset to read next; of the first batch behind what was found. */
  nextOffset = 0;
  /** Found by the last readAborted(), in the order of their markers. */
  aborted: readonly AbortedTransaction[] = NONE_ABORTED;
  /** What the last read() that failed met, in words; for CORRUPT also as file and position. */
  failure = '';
  corruptPath = '';
  corruptPosition = 0;
  /** A file was not there. The owner knows whether it removed it just now, or somebody else did. */
  missesFile = false;
  #segments: ReadableSegment[] = [];
  readonly #end = new LogPosition();
  readonly #rememberedOffsets = new Float64Array(REMEMBERED).fill(-1);
  readonly #rememberedPositions = new Float64Array(REMEMBERED);
  readonly #rememberedSegments: (ReadableSegment | null)[] = new Array(REMEMBERED).fill(null);
  #nextRemembered = 0;
  #mapped: ReadableSegment[] = [];
  #isLost = false;
  #hasAborted = false;
  #faultsSeen = native.mapFaults();

  /** For bytes that a socket has taken and nobody looks at any more: see read-memory. */
  static readonly giveBack = giveBackReadMemory;

  /** The caller that passes `limits` moves them. Reads only look at them. */
  constructor(directory: string, limits = new ReadLimits()) {
    this.directory = directory;
    this.limits = limits;
  }

  /** A segment that was there when the log was opened: all its bytes are checked before use. */
  addSegment(baseOffset: number, sizeBytes: number, abortedCount = 0): void {
    const segment = new ReadableSegment(this.directory, baseOffset, sizeBytes, sizeBytes);
    this.#setAborted(segment, abortedCount);
    this.#insert(segment);
  }

  #setAborted(segment: ReadableSegment, abortedCount: number): void {
    segment.aborted.count = abortedCount;
    if (abortedCount > 0) this.#hasAborted = true;
  }

  /** The owner rolled: the last segment so far ended with these. */
  segmentAdded(baseOffset: number, previousSizeBytes: number, previousAborted = 0): void {
    const previous = this.#segments.at(-1);
    if (previous !== undefined) {
      previous.sizeBytes = previousSizeBytes;
      this.#setAborted(previous, previousAborted);
    }
    this.#insert(new ReadableSegment(this.directory, baseOffset, 0, 0));
  }

  #insert(segment: ReadableSegment): void {
    const segments = this.#segments;
    let place = segments.length;
    while (place > 0 && segments[place - 1]!.baseOffset > segment.baseOffset) place--;
    segments.splice(place, 0, segment);
  }

  removeSegment(baseOffset: number): void {
    this.#segments = this.#segments.filter((segment) => segment.baseOffset !== baseOffset);
    this.#forget();
  }

  #forget(): void {
    this.#rememberedOffsets.fill(-1);
    this.#rememberedSegments.fill(null);
    this.#mapped = this.#mapped.filter((segment) => this.#segments.includes(segment));
    this.#dropFound();
  }

  /** The log end. It is called for every append, so it only stores. */
  setEnd(end: PositionFields, abortedCount = 0): void {
    this.#end.copy(end);
    const segments = this.#segments;
    const active = segments[segments.length - 1];
    if (active !== undefined && active.baseOffset === end.segmentBase) {
      active.sizeBytes = end.position;
      this.#setAborted(active, abortedCount);
    }
  }

  /**
   * Finds whole batches from the one that holds `fetchOffset` on, below `limit`, of at most
   * `maxBytes`; the first may be larger where `atLeastOneBatch`. One of OUTCOME.
   */
  read(
    fetchOffset: number,
    maxBytes: number,
    atLeastOneBatch: boolean,
    limit: PositionFields = this.limits.highWatermark,
  ): number {
    if (this.#isLost) return OUTCOME.STORAGE_FAILED;
    if (MAKES_COPIES && latest.reader !== this) this.#becomeLatest();
    try {
      return this.#judge(this.#read(fetchOffset, maxBytes, atLeastOneBatch, limit));
    } catch (thrown) {
      return this.#fail(thrown);
    }
  }

  #becomeLatest(): void {
    if (latest.reader !== null) latest.reader.#dropFound();
    latest.reader = this;
  }

  #dropFound(): void {
    this.bytes = NO_BYTES;
    this.length = 0;
  }

  /** The same up to the log end: for replicas, and for coordinators that load their partition. */
  readToEnd(fetchOffset: number, maxBytes: number, atLeastOneBatch: boolean): number {
    return this.read(fetchOffset, maxBytes, atLeastOneBatch, this.#end);
  }

  /** As read(), for callers that look into the bytes: every page of the result is readable. */
  readTouched(
    fetchOffset: number,
    maxBytes: number,
    atLeastOneBatch: boolean,
    limit: PositionFields = this.limits.highWatermark,
  ): number {
    const outcome = this.read(fetchOffset, maxBytes, atLeastOneBatch, limit);
    touchPages(this.bytes, this.start, this.start + this.length);
    return this.#judge(outcome);
  }

  /**
   * After a read() from this offset on that found something: the aborted transactions that what it
   * found may hold records of, in `aborted`. One of OUTCOME.
   */
  readAborted(fetchOffset: number): number {
    this.aborted = NONE_ABORTED;
    if (!this.#hasAborted) return OUTCOME.OK;
    try {
      const first = Math.max(this.#placeOf(fetchOffset), 0);
      this.aborted = abortedBetween(this.#segments, first, fetchOffset, this.nextOffset);
      return this.#judge(OUTCOME.OK);
    } catch (thrown) {
      return this.#fail(thrown);
    }
  }

  /** False where a page of what was read is lost. `failure` then names the file. */
  isWhole(): boolean {
    const faults = native.mapFaults();
    if (faults !== this.#faultsSeen) {
      this.#faultsSeen = faults;
      this.#findLost();
    }
    return !this.#isLost;
  }

  #findLost(): void {
    for (const segment of this.#segments) {
      const path = segment.lostPath;
      if (path === '') continue;
      this.#isLost = true;
      this.failure = lostPageText(path);
      segment.spoil();
    }
    if (this.#isLost) this.#forget();
  }

  #judge(outcome: number): number {
    return this.isWhole() ? outcome : OUTCOME.STORAGE_FAILED;
  }

  #fail(thrown: unknown): number {
    if (systemCodeOf(thrown) === 'EIO') this.#findLost();
    if (!this.isWhole()) return OUTCOME.STORAGE_FAILED;
    this.length = 0;
    if (systemCodeOf(thrown) === 'ENOENT') this.missesFile = true;
    this.failure = `${this.directory}: ${reasonOf(thrown)}`;
    return OUTCOME.STORAGE_FAILED;
  }

  #read(
    fetchOffset: number,
    maxBytes: number,
    atLeastOneBatch: boolean,
    limit: PositionFields,
  ): number {
    const { offset: limitOffset, segmentBase: limitBase, position: limitPosition } = limit;
    this.length = 0;
    this.nextOffset = fetchOffset;
    if (fetchOffset >= limitOffset) {
      return fetchOffset > this.#end.offset ? OUTCOME.OUT_OF_RANGE : OUTCOME.OK;
    }
    const segments = this.#segments;
    let segment = this.#recall(fetchOffset);
    let position = this.#recalledPosition;
    let place = -1;
    if (segment === null) {
      place = this.#placeOf(fetchOffset);
      if (place < 0) return OUTCOME.OUT_OF_RANGE;
      segment = segments[place]!;
      position = segment.locate(fetchOffset, limitIn(segment, limitBase, limitPosition));
      if (position < 0) return this.#corrupt(segment, -position - 1);
    }
    // Behind the end of a segment, or in a gap that compaction left there, the next segment goes
    // on.
    while (position >= limitIn(segment, limitBase, limitPosition)) {
      if (place < 0) place = segments.indexOf(segment);
      place++;
      if (place >= segments.length || segments[place]!.baseOffset > limitBase) return OUTCOME.OK;
      segment = segments[place]!;
      position = 0;
    }
    const limitHere = limitIn(segment, limitBase, limitPosition);
    return this.#take(segment, position, limitHere, maxBytes, atLeastOneBatch, limitOffset);
  }

  /** From a batch boundary to the last one within the limits. */
  #take(
    segment: ReadableSegment,
    position: number,
    limit: number,
    maxBytes: number,
    atLeastOneBatch: boolean,
    limitOffset: number,
  ): number {
    const held = segment.holdToSend(position, maxBytes, limit);
    const { bytes, origin } = segment;
    this.#touch(segment);
    // Such as zeros where somebody cut the file and the owner went on writing behind them.
    if (plausibleBatch(bytes, position - origin, limit - origin, segment.baseOffset) === 0) {
      return this.#corrupt(segment, position);
    }
    let end = limit;
    let next = this.#offsetAfter(segment, limitOffset);
    if (held < limit || limit - position > maxBytes) {
      end = segment.endWithin(position, held, limit, maxBytes, atLeastOneBatch);
      if (end < 0) return this.#corrupt(segment, -end - 1);
      if (end === position) return OUTCOME.OK;
    }
    const damaged = segment.verify(position, end);
    if (damaged >= 0) {
      if (damaged === position) return this.#corrupt(segment, damaged);
      end = damaged; // what lies before it is sound and is served first
    }
    if (end < limit) next = segment.offsetBehind(position, end);
    // All pages of a short stretch are touched. The encoder copies such a stretch, and by then it
    // is too late to find that a page is missing.
    touchPages(bytes, end - origin - 1, end - origin);
    this.bytes = bytes;
    this.start = position - origin;
    this.length = end - position;
    this.nextOffset = next;
    this.#remember(next, segment, end);
    return OUTCOME.OK;
  }

  /** The first offset behind all that is readable of a segment. */
  #offsetAfter(segment: ReadableSegment, limitOffset: number): number {
    const segments = this.#segments;
    const last = segments[segments.length - 1]!;
    if (segment === last) return limitOffset;
    const next = segments[segments.indexOf(segment) + 1];
    return next === undefined ? limitOffset : Math.min(next.baseOffset, limitOffset);
  }

  #corrupt(segment: ReadableSegment, position: number): number {
    this.corruptPath = segment.path;
    this.corruptPosition = position;
    this.failure = `${segment.path} is damaged at position ${position}`;
    return OUTCOME.CORRUPT;
  }

  #placeOf(offset: number): number {
    const segments = this.#segments;
    let low = 0;
    let high = segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (segments[middle]!.baseOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #recalledPosition = 0;

  #recall(offset: number): ReadableSegment | null {
    const offsets = this.#rememberedOffsets;
    for (let i = 0; i < REMEMBERED; i++) {
      if (offsets[i] === offset) {
        this.#recalledPosition = this.#rememberedPositions[i]!;
        return this.#rememberedSegments[i]!;
      }
    }
    return null;
  }

  #remember(offset: number, segment: ReadableSegment, position: number): void {
    const slot = this.#nextRemembered;
    this.#nextRemembered = (slot + 1) & (REMEMBERED - 1);
    this.#rememberedOffsets[slot] = offset;
    this.#rememberedPositions[slot] = position;
    this.#rememberedSegments[slot] = segment;
  }

  /** Drops the map that was used longest ago when there are many. The collector unmaps it. */
  #touch(segment: ReadableSegment): void {
    const mapped = this.#mapped;
    if (mapped[mapped.length - 1] === segment) return;
    const place = mapped.indexOf(segment);
    if (place >= 0) mapped.splice(place, 1);
    mapped.push(segment);
    if (mapped.length > MAX_CLOSED_MAPS) mapped.shift()!.release();
  }

  /**
   * How many bytes lie between an offset and the limit, without reading them. It is the largest
   * number where the log cannot be read: a waiter then reads, and meets the failure.
   */
  availableBytes(fetchOffset: number, limit: PositionFields = this.limits.highWatermark): number {
    if (fetchOffset >= limit.offset) return 0;
    if (this.#isLost) return Number.MAX_SAFE_INTEGER;
    try {
      return this.#bytesBetween(fetchOffset, limit);
    } catch {
      return Number.MAX_SAFE_INTEGER;
    }
  }

  #bytesBetween(fetchOffset: number, limit: PositionFields): number {
    const { segmentBase: base, position: end } = limit;
    const recalled = this.#recall(fetchOffset);
    const segments = this.#segments;
    const place = recalled !== null ? segments.indexOf(recalled) : this.#placeOf(fetchOffset);
    if (place < 0) return 0;
    const first = segments[place]!;
    let position = this.#recalledPosition;
    if (recalled === null) {
      position = first.locate(fetchOffset, limitIn(first, base, end));
      if (position < 0) return Number.MAX_SAFE_INTEGER;
    }
    let total = limitIn(first, base, end) - position;
    for (let i = place + 1; i < segments.length; i++) total += limitIn(segments[i]!, base, end);
    return total;
  }
}

/** How much of a segment lies below a limit. */
function limitIn(segment: ReadableSegment, limitBase: number, limitPosition: number): number {
  if (segment.baseOffset < limitBase) return segment.sizeBytes;
  if (segment.baseOffset > limitBase) return 0;
  return Math.min(limitPosition, segment.sizeBytes);
}
