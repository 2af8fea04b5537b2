import { futimesSync } from 'node:fs';
import { lastOffset, maxTimestamp } from '../../records/batch-layout.ts';
import {
  CLEANED_SUFFIX,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  SEGMENT_SUFFIXES,
  segmentPath,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from '../file-names.ts';
import type { SegmentFacts } from '../segment.ts';
import { fileSize, storage } from '../storage.ts';
import type { AbortedTransaction } from '../transactions/aborted-transaction.ts';
import { encodeAborted } from '../transactions/transaction-index.ts';

const MS_PER_SECOND = 1000;
const FLUSH_BYTES = 1024 * 1024;
/** One sync of hundreds of megabytes at the end would hold up everybody who writes to the disk. */
const WRITE_OUT_BYTES = 4 * FLUSH_BYTES;
const WORD = 2 ** 32;

/**
 * Writes a cleaned segment and its indexes aside, with the suffix that a start removes. It is on
 * the disk when `finish` returns; until the owner swaps it in it does not exist for anybody.
 */
export class SegmentWriter {
  readonly baseOffset: number;
  readonly #directory: string;
  readonly #indexIntervalBytes: number;
  #fd: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #flushedBytes = 0;
  #writtenOutBytes = 0;
  #sizeBytes = 0;
  #bytesSinceEntry = 0;
  readonly #index: number[] = [];
  readonly #times: number[] = [];
  readonly #aborted: AbortedTransaction[] = [];
  #maxTimestamp = -1;
  #maxTimestampOffset = -1;
  #firstTimestamp = -1;

  constructor(directory: string, baseOffset: number, indexIntervalBytes: number) {
    this.#directory = directory;
    this.baseOffset = baseOffset;
    this.#indexIntervalBytes = indexIntervalBytes;
    this.#fd = storage.open(segmentPath(directory, baseOffset, LOG_SUFFIX) + CLEANED_SUFFIX, 'w+');
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** One whole batch. The bytes must stay as they are until `finish`, or the next MiB. */
  append(batch: Buffer): void {
    const timestamp = maxTimestamp(batch, 0);
    const relative = lastOffset(batch, 0) - this.baseOffset;
    if (this.#sizeBytes === 0) this.#firstTimestamp = timestamp;
    if (timestamp > this.#maxTimestamp) {
      this.#maxTimestamp = timestamp;
      this.#maxTimestampOffset = relative;
    }
    if (this.#bytesSinceEntry > this.#indexIntervalBytes) {
      this.#index.push(relative, this.#sizeBytes);
      this.#addTime();
      this.#bytesSinceEntry = 0;
    }
    this.#bytesSinceEntry += batch.length;
    this.#sizeBytes += batch.length;
    this.#pending.push(batch);
    this.#pendingBytes += batch.length;
    if (this.#pendingBytes >= FLUSH_BYTES) this.#flush();
  }

  /** The abort marker that was appended last is still needed. */
  addAborted(aborted: AbortedTransaction): void {
    this.#aborted.push(aborted);
  }

  #addTime(): void {
    const last = this.#times.at(-2) ?? -1;
    if (this.#maxTimestamp > last) this.#times.push(this.#maxTimestamp, this.#maxTimestampOffset);
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pending, this.#pendingBytes);
    storage.write(this.#fd, bytes, this.#flushedBytes);
    this.#flushedBytes += bytes.length;
    this.#pending = [];
    this.#pendingBytes = 0;
    const freshBytes = this.#flushedBytes - this.#writtenOutBytes;
    if (freshBytes < WRITE_OUT_BYTES) return;
    storage.writeOut(this.#fd, this.#writtenOutBytes, freshBytes);
    this.#writtenOutBytes = this.#flushedBytes;
  }

  /**
   * `modifiedMs` is the age of what is replaced. A segment that compaction empties has no other
   * age. With a new one, retention would keep it and all behind it for as long again.
   */
  finish(modifiedMs: number): SegmentFacts {
    if (this.#pendingBytes > 0) this.#flush();
    if (this.#maxTimestamp >= 0) this.#addTime();
    futimesSync(this.#fd, modifiedMs / MS_PER_SECOND, modifiedMs / MS_PER_SECOND);
    storage.sync(this.#fd);
    this.#closeLog();
    this.#writeAside(INDEX_SUFFIX, offsetEntries(this.#index));
    this.#writeAside(TIME_INDEX_SUFFIX, timeEntries(this.#times));
    if (this.#aborted.length > 0) {
      this.#writeAside(TXN_INDEX_SUFFIX, encodeAborted(this.#aborted));
    }
    return {
      baseOffset: this.baseOffset,
      sizeBytes: this.#sizeBytes,
      indexEntries: this.#index.length / 2,
      timeEntries: this.#times.length / 2,
      lastTimeEntryMs: this.#times.at(-2) ?? -1,
      maxTimestamp: this.#maxTimestamp,
      maxTimestampOffset: this.baseOffset + this.#maxTimestampOffset,
      firstTimestamp: this.#firstTimestamp,
      bytesSinceIndexEntry: this.#bytesSinceEntry,
      modifiedMs,
      abortedCount: this.#aborted.length,
    };
  }

  /** Drops what was written so far. */
  abandon(): void {
    this.#closeLog();
    removeCleaned(this.#directory, this.baseOffset);
  }

  #closeLog(): void {
    if (this.#fd >= 0) storage.close(this.#fd);
    this.#fd = -1;
  }

  #writeAside(suffix: string, bytes: Buffer): void {
    const path = segmentPath(this.#directory, this.baseOffset, suffix) + CLEANED_SUFFIX;
    const fd = storage.open(path, 'w+');
    if (bytes.length > 0) storage.write(fd, bytes, 0);
    storage.sync(fd);
    storage.close(fd);
  }
}

/** Removes what a cleaning wrote aside and nobody will swap in. */
export function removeCleaned(directory: string, baseOffset: number): void {
  for (const suffix of SEGMENT_SUFFIXES) {
    const path = segmentPath(directory, baseOffset, suffix) + CLEANED_SUFFIX;
    if (fileSize(path) >= 0) storage.unlink(path);
  }
}

function offsetEntries(pairs: readonly number[]): Buffer {
  const bytes = Buffer.alloc(pairs.length * 4);
  for (const [i, value] of pairs.entries()) bytes.writeInt32BE(value, i * 4);
  return bytes;
}

function timeEntries(pairs: readonly number[]): Buffer {
  const bytes = Buffer.alloc((pairs.length / 2) * 12);
  for (let i = 0; i < pairs.length; i += 2) {
    const at = (i / 2) * 12;
    bytes.writeInt32BE(Math.floor(pairs[i]! / WORD), at);
    bytes.writeUInt32BE(pairs[i]! % WORD, at + 4);
    bytes.writeInt32BE(pairs[i + 1]!, at + 8);
  }
  return bytes;
}
