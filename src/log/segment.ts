/**
 * One segment: a stretch of the log in its own files, named by its base offset. The last one of a
 * log is active and is written; the others are closed and hold no descriptor.
 */
import { assert } from '../base/assert.ts';
import { failPoint } from '../base/fail-point.ts';
import { BATCH_HEADER_SIZE } from '../records/batch-layout.ts';
import { lostPage } from './file-map.ts';
import {
  INDEX_SUFFIX,
  LOG_SUFFIX,
  segmentPath,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from './file-names.ts';
import { OFFSET_ENTRY_BYTES, OffsetIndexWriter } from './offset-index.ts';
import { ReservedFile } from './reserved-file.ts';
import { storage } from './storage.ts';
import { TimeIndexWriter } from './time-index.ts';
import type { AbortedTransaction } from './transactions/aborted-transaction.ts';
import { TransactionIndexWriter } from './transactions/transaction-index-writer.ts';

const FIRST_RESERVE_BYTES = 64 * 1024;
const MAX_RESERVE_STEP_BYTES = 64 * 1024 * 1024;
const MAX_RELATIVE_OFFSET = 2 ** 31 - 1;
const MAX_POSITION = 2 ** 31 - 1;

/** What is known of a segment's files once they have been checked. */
export interface SegmentFacts {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  readonly indexEntries: number;
  readonly timeEntries: number;
  readonly lastTimeEntryMs: number;
  readonly maxTimestamp: number;
  readonly maxTimestampOffset: number;
  readonly firstTimestamp: number;
  readonly bytesSinceIndexEntry: number;
  readonly modifiedMs: number;
  /** The entries of its transaction index. A scan leaves them to the replay of the producers. */
  abortedCount: number;
}

export function emptySegmentFacts(baseOffset: number, wallMs: number): SegmentFacts {
  return {
    baseOffset,
    sizeBytes: 0,
    indexEntries: 0,
    timeEntries: 0,
    lastTimeEntryMs: -1,
    maxTimestamp: -1,
    maxTimestampOffset: -1,
    firstTimestamp: -1,
    bytesSinceIndexEntry: 0,
    modifiedMs: wallMs,
    abortedCount: 0,
  };
}

/** The settings that a segment keeps from its activation to its end. */
export interface SegmentLimits {
  readonly segmentBytes: number;
  readonly segmentIndexBytes: number;
  readonly indexIntervalBytes: number;
}

/** What a crash may leave: nothing yet, or a header without its records. */
function halfAppend(source: Buffer, at: number, log: ReservedFile, position: number): void {
  failPoint?.('append-before-copy');
  log.write(position, source, at, BATCH_HEADER_SIZE);
  failPoint?.('append-after-header');
}

/** What a crash may leave of several batches: some of them whole, and nothing of the others. */
function halfGathered(
  source: Buffer,
  parts: Int32Array,
  count: number,
  log: ReservedFile,
  position: number,
): void {
  halfAppend(source, parts[0]!, log, position);
  if (count === 1) return;
  log.writeParts(position, source, parts, count >> 1);
  failPoint?.('append-between-batches');
}

export class Segment {
  readonly directory: string;
  readonly baseOffset: number;
  /** The true end of the data: the file may be reserved far beyond it. */
  sizeBytes: number;
  maxTimestamp: number;
  maxTimestampOffset: number;
  /** Of the first batch, by which `segment.ms` is counted; -1 while there is none. */
  firstTimestamp: number;
  /** When it was made or last written: its age where no record has a timestamp. */
  modifiedMs: number;
  #indexEntries: number;
  #timeEntries: number;
  #lastTimeEntryMs: number;
  #bytesSinceIndexEntry: number;
  #indexIntervalBytes = 0;
  #reserveLimitBytes = 0;
  #log: ReservedFile | null = null;
  #index: OffsetIndexWriter | null = null;
  #time: TimeIndexWriter | null = null;
  readonly #aborted: TransactionIndexWriter;
  #hasIndexTail = false;

  constructor(directory: string, facts: SegmentFacts) {
    this.directory = directory;
    this.baseOffset = facts.baseOffset;
    this.sizeBytes = facts.sizeBytes;
    this.maxTimestamp = facts.maxTimestamp;
    this.maxTimestampOffset = facts.maxTimestampOffset;
    this.firstTimestamp = facts.firstTimestamp;
    this.modifiedMs = facts.modifiedMs;
    this.#indexEntries = facts.indexEntries;
    this.#timeEntries = facts.timeEntries;
    this.#lastTimeEntryMs = facts.lastTimeEntryMs;
    this.#bytesSinceIndexEntry = facts.bytesSinceIndexEntry;
    this.#aborted = new TransactionIndexWriter(this.pathOf(TXN_INDEX_SUFFIX), facts.abortedCount);
  }

  get active(): boolean {
    return this.#log !== null;
  }

  get fd(): number {
    return this.#log === null ? -1 : this.#log.fd;
  }

  /** Those that a sync of the segment needs. */
  get descriptors(): number[] {
    return [this.fd, this.#aborted.fd].filter((fd) => fd >= 0);
  }

  /** The transactions whose abort marker lies in this segment. */
  get abortedCount(): number {
    return this.#aborted.count;
  }

  /** The replay of the producers has found them. */
  set abortedCount(count: number) {
    this.#aborted.count = count;
  }

  /** It is known of the active segment only, since the others hold no descriptor. */
  get isRemoved(): boolean {
    return this.#log !== null && storage.isRemoved(this.#log.fd);
  }

  pathOf(suffix: string): string {
    return segmentPath(this.directory, this.baseOffset, suffix);
  }

  /** Opens the files for writing, or makes them where `fresh`. Throws what the disk says. */
  activate(limits: SegmentLimits, fresh: boolean): void {
    const indexBytes = limits.segmentIndexBytes;
    const log = new ReservedFile(this.pathOf(LOG_SUFFIX));
    if (fresh) log.create();
    else log.open(this.sizeBytes);
    this.#log = log;
    this.#index = new OffsetIndexWriter(
      this.pathOf(INDEX_SUFFIX),
      this.#indexEntries,
      indexBytes,
      fresh,
    );
    this.#time = new TimeIndexWriter(
      this.pathOf(TIME_INDEX_SUFFIX),
      this.#timeEntries,
      this.#lastTimeEntryMs,
      indexBytes,
      fresh,
    );
    this.#indexIntervalBytes = limits.indexIntervalBytes;
    this.#reserveLimitBytes = limits.segmentBytes;
  }

  /** Whether a batch cannot go into this segment whatever the configuration says. */
  cannotHold(length: number, lastOffset: number): boolean {
    return (
      lastOffset - this.baseOffset > MAX_RELATIVE_OFFSET || this.sizeBytes + length > MAX_POSITION
    );
  }

  get indexesFull(): boolean {
    return (this.#index?.full ?? false) || (this.#time?.full ?? false);
  }

  /** Room for a batch and its index entries: 0, or the errno that says why not. */
  makeRoom(length: number): number {
    const log = this.#log!;
    const end = this.sizeBytes + length;
    if (end > log.reservedBytes) {
      const errno = log.reserve(end, this.#reserveTo(log.reservedBytes));
      if (errno !== 0) return errno;
    }
    if (this.#bytesSinceIndexEntry <= this.#indexIntervalBytes) return 0;
    const errno = this.#index!.makeRoom();
    return errno !== 0 ? errno : this.#time!.makeRoom();
  }

  #reserveTo(reservedBytes: number): number {
    const step = Math.min(Math.max(reservedBytes, FIRST_RESERVE_BYTES), MAX_RESERVE_STEP_BYTES);
    return Math.min(reservedBytes + step, this.#reserveLimitBytes);
  }

  /**
   * Writes one whole batch: 0, or an errno and the log ends where it did. Only after
   * makeRoom(length) has answered 0.
   */
  append(
    source: Buffer,
    at: number,
    length: number,
    lastOffset: number,
    maxTimestamp: number,
    wallMs: number,
  ): number {
    const log = this.#log!;
    const position = this.sizeBytes;
    if (failPoint !== null) halfAppend(source, at, log, position);
    const errno = log.write(position, source, at, length);
    return errno !== 0 ? errno : this.took(length, lastOffset, maxTimestamp, wallMs);
  }

  /**
   * Writes batches of `source`, a position and a length each, of `bytes` in all: 0, or an errno and
   * the log ends where it did. Only after makeRoom(bytes) has answered 0; took() must follow for
   * each.
   */
  writeParts(source: Buffer, parts: Int32Array, count: number): number {
    const log = this.#log!;
    if (failPoint !== null) halfGathered(source, parts, count, log, this.sizeBytes);
    return log.writeParts(this.sizeBytes, source, parts, count);
  }

  /**
   * Cuts off what was written behind the end of the data and not taken. A recovery would take whole
   * batches there for data. Throws what the disk says.
   */
  cutRest(): void {
    this.#log!.cut(this.sizeBytes);
  }

  /**
   * A batch was written at the end: 0, or an errno and the log ends where it did. Only after
   * makeRoom(length) has answered 0.
   */
  took(length: number, lastOffset: number, maxTimestamp: number, wallMs: number): number {
    const position = this.sizeBytes;
    if (failPoint !== null) failPoint('append-before-index');
    if (position === 0) this.firstTimestamp = maxTimestamp;
    if (maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = maxTimestamp;
      this.maxTimestampOffset = lastOffset;
    }
    if (this.#bytesSinceIndexEntry > this.#indexIntervalBytes) {
      const lost = this.#addIndexEntries(lastOffset, position);
      if (lost !== 0) return lost;
      this.#bytesSinceIndexEntry = 0;
    }
    this.#bytesSinceIndexEntry += length;
    this.sizeBytes = position + length;
    this.modifiedMs = wallMs;
    if (failPoint !== null) failPoint('append-after-index');
    return 0;
  }

  /** Before an abort marker is appended. Throws what the disk says. True where a file was made. */
  writeAborted(aborted: AbortedTransaction): boolean {
    if (failPoint !== null) failPoint('abort-before-index');
    return this.#aborted.write(aborted);
  }

  /** That marker was appended. */
  commitAborted(): void {
    if (failPoint !== null) failPoint('abort-after-marker');
    this.#aborted.commit();
  }

  #addIndexEntries(lastOffset: number, position: number): number {
    const lost = this.#index!.append(lastOffset - this.baseOffset, position);
    if (lost !== 0) return lost;
    return this.#time!.append(this.maxTimestamp, this.maxTimestampOffset - this.baseOffset);
  }

  /**
   * Ends the writing: the log is cut to its data, which readers never look beyond, and keeps its
   * descriptor until closeLog(). The zero tail of the offset index stays where other threads may be
   * searching through it. Where the disk refuses a cut, it throws and the segment can still be
   * written.
   */
  seal(readersGone: boolean): void {
    this.#endTimeIndex();
    this.#log!.cut(this.sizeBytes);
    this.#time!.cut();
    this.#aborted.cut();
    this.#closeIndexes(readersGone);
  }

  #endTimeIndex(): void {
    const time = this.#time!;
    if (this.maxTimestamp < 0 || time.makeRoom() !== 0) return; // the disk is full
    const lost = time.append(this.maxTimestamp, this.maxTimestampOffset - this.baseOffset);
    if (lost !== 0) throw lostPage(this.pathOf(TIME_INDEX_SUFFIX));
  }

  #closeIndexes(readersGone: boolean): void {
    const index = this.#index!;
    const time = this.#time!;
    this.#indexEntries = index.entries;
    this.#timeEntries = time.entries;
    this.#lastTimeEntryMs = time.lastTimestamp;
    this.#index = null;
    this.#time = null;
    if (readersGone) index.close();
    else index.release();
    this.#hasIndexTail = !readersGone;
    time.release();
  }

  /** At a stop, when nobody reads any more: the zero tail that seal() had to leave. */
  cutIndexTail(): void {
    if (!this.#hasIndexTail) return;
    this.#hasIndexTail = false;
    const fd = storage.open(this.pathOf(INDEX_SUFFIX), 'r+');
    try {
      storage.truncate(fd, this.#indexEntries * OFFSET_ENTRY_BYTES);
    } finally {
      storage.close(fd);
    }
  }

  sync(): void {
    assert(this.#log !== null, 'a segment without descriptor cannot be synced');
    this.#log.sync();
    this.#aborted.sync();
  }

  closeLog(): void {
    this.#log?.close();
    this.#log = null;
    this.#aborted.close();
  }

  /** Drops everything as it is: after a disk failure, and before a removal. */
  abandon(): void {
    this.#index?.release();
    this.#time?.release();
    this.#index = null;
    this.#time = null;
    this.closeLog();
  }

  get indexEntries(): number {
    return this.#index === null ? this.#indexEntries : this.#index.entries;
  }

  get timeEntries(): number {
    return this.#time === null ? this.#timeEntries : this.#time.entries;
  }
}
