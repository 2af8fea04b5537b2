/**
 * The scan of a segment after an unclean stop, or when its indexes are not sound: every batch is
 * checked, the data is cut behind the last sound one, and both indexes are written anew.
 *
 * Three things are told apart where a batch is not sound:
 *   - zeros to the end of the file: the reservation of a segment that was being written; no loss
 *   - a torn tail, or pages that a power loss left out: cut, and reported with the bytes dropped
 *   - damage with sound batches behind it: nothing is cut; readers are told CORRUPT there
 */
import { statSync } from 'node:fs';
import type { Logger } from '../base/logger.ts';
import { baseOffset, lastOffset, maxTimestamp } from '../records/batch-layout.ts';
import {
  hasLostPage,
  isZero,
  nextSoundBatch,
  orderedBatch,
  plausibleBatch,
} from './batch-check.ts';
import { unmapFile } from './file-map.ts';
import { INDEX_SUFFIX, LOG_SUFFIX, segmentPath, TIME_INDEX_SUFFIX } from './file-names.ts';
import { native } from './native.ts';
import { OFFSET_ENTRY_BYTES } from './offset-index.ts';
import type { SegmentFacts } from './segment.ts';
import { fileSize, replaceFile, storage } from './storage.ts';
import { TIME_ENTRY_BYTES } from './time-index.ts';

const WORD = 2 ** 32;

export interface RecoveredSegment {
  readonly facts: SegmentFacts;
  /** One above the last sound batch's last offset; the base offset where there is none. */
  readonly nextOffset: number;
  /** Bytes behind the last sound batch that were not zero: a torn tail, now cut off. */
  readonly droppedBytes: number;
  /** The file reached beyond its data: it was being written when the process ended. */
  readonly hadTail: boolean;
}

/** Index entries as they come out of a scan. */
class IndexBuilder {
  #bytes = Buffer.alloc(4096);
  #end = 0;

  get length(): number {
    return this.#end;
  }

  claim(length: number): number {
    if (this.#end + length > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)]);
    }
    this.#end += length;
    return this.#end - length;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  save(path: string): void {
    replaceFile(path, this.#bytes.subarray(0, this.#end), false);
  }
}

class SegmentScan {
  readonly #baseOffset: number;
  readonly #intervalBytes: number;
  readonly offsets = new IndexBuilder();
  readonly times = new IndexBuilder();
  nextOffset: number;
  maxTimestamp = -1;
  maxTimestampOffset = -1;
  firstTimestamp = -1;
  lastTimeEntryMs = 0;
  bytesSinceEntry = 0;
  readonly #found = new Float64Array(3);

  constructor(baseOffset: number, intervalBytes: number) {
    this.#baseOffset = baseOffset;
    this.#intervalBytes = intervalBytes;
    this.nextOffset = baseOffset;
  }

  add(bytes: Buffer, at: number, size: number): void {
    const last = lastOffset(bytes, at);
    const timestamp = maxTimestamp(bytes, at);
    if (at === 0) this.firstTimestamp = timestamp;
    if (timestamp > this.maxTimestamp) {
      this.maxTimestamp = timestamp;
      this.maxTimestampOffset = last;
    }
    if (this.bytesSinceEntry > this.#intervalBytes) {
      const place = this.offsets.claim(OFFSET_ENTRY_BYTES);
      this.offsets.bytes.writeInt32BE(last - this.#baseOffset, place);
      this.offsets.bytes.writeInt32BE(at, place + 4);
      this.addTimeEntry();
      this.bytesSinceEntry = 0;
    }
    this.bytesSinceEntry += size;
    this.nextOffset = last + 1;
  }

  /** Takes many batches at once, as long as there is nothing to see and no index entry due. */
  addStretch(bytes: Buffer, at: number): number {
    const budget = this.#intervalBytes - this.bytesSinceEntry;
    if (at === 0 || budget < 0) return at;
    const found = this.#found;
    const end = native.scanBatches(bytes, at, bytes.length, this.nextOffset, budget, found);
    this.nextOffset = found[0]!;
    this.bytesSinceEntry += end - at;
    if (found[1]! > this.maxTimestamp) {
      this.maxTimestamp = found[1]!;
      this.maxTimestampOffset = found[2]!;
    }
    return end;
  }

  addTimeEntry(): void {
    if (this.maxTimestamp <= this.lastTimeEntryMs) return;
    const place = this.times.claim(TIME_ENTRY_BYTES);
    this.times.bytes.writeInt32BE(Math.floor(this.maxTimestamp / WORD), place);
    this.times.bytes.writeUInt32BE(this.maxTimestamp % WORD, place + 4);
    this.times.bytes.writeInt32BE(this.maxTimestampOffset - this.#baseOffset, place + 8);
    this.lastTimeEntryMs = this.maxTimestamp;
  }
}

export interface RecoveryPlace {
  readonly directory: string;
  readonly baseOffset: number;
  readonly indexIntervalBytes: number;
  /** All below it reached the disk: what is damaged there is kept, never cut. */
  readonly recoveryPoint: number;
  /** Segments may end before the next one begins. */
  readonly compact: boolean;
  /** A process that was killed may have left its last writes in memory only. */
  readonly sync: boolean;
  readonly logger: Logger;
}

export function recoverSegment(place: RecoveryPlace): RecoveredSegment {
  const path = segmentPath(place.directory, place.baseOffset, LOG_SUFFIX);
  const fd = storage.open(path, 'r+');
  try {
    const fileBytes = fileSize(path);
    const bytes = fileBytes === 0 ? Buffer.alloc(0) : native.mapReadOnly(fd, fileBytes);
    const scan = new SegmentScan(place.baseOffset, place.indexIntervalBytes);
    const end = scanBatches(place, path, bytes, scan);
    const kept = endOfKept(place, path, bytes, end, scan);
    const droppedBytes = isZero(bytes, kept, fileBytes) ? 0 : fileBytes - kept;
    unmapFile(path, bytes); // before anything is cut for what was read
    if (kept < fileBytes) storage.truncate(fd, kept);
    if (place.sync) storage.sync(fd);
    if (droppedBytes > 0) {
      place.logger.warn(
        `recovery: ${path} is torn at position ${kept}: ${droppedBytes} bytes dropped`,
      );
    }
    const { nextOffset } = scan;
    const facts = finish(place, path, scan, kept);
    return { facts, nextOffset, droppedBytes, hadTail: kept < fileBytes };
  } finally {
    storage.close(fd);
  }
}

/**
 * Where the file is to end: behind damage that lies below the recovery point, otherwise before it.
 * What lay below the recovery point was on the disk. If it is gone it leaves a hole, because its
 * offsets must not be given to other records.
 */
function endOfKept(
  place: RecoveryPlace,
  path: string,
  bytes: Buffer,
  end: number,
  scan: SegmentScan,
): number {
  if (scan.nextOffset >= place.recoveryPoint) return end;
  if (isZero(bytes, end, bytes.length)) {
    if (place.compact) return end;
    place.logger.error(
      `recovery: ${path} ends at position ${end}, before offset ${scan.nextOffset}, though all ` +
        `below offset ${place.recoveryPoint} was on the disk: what was behind it is lost`,
    );
    scan.nextOffset = place.recoveryPoint;
    return end;
  }
  const size = plausibleBatch(bytes, end, bytes.length, 0);
  const kept = size > 0 ? end + size : bytes.length;
  place.logger.error(
    `recovery: ${path} is damaged at positions ${end} to ${kept} (from offset ` +
      `${scan.nextOffset} on): kept, not served`,
  );
  scan.nextOffset = place.recoveryPoint;
  return kept;
}

/** The end of the last sound batch. */
function scanBatches(place: RecoveryPlace, path: string, bytes: Buffer, scan: SegmentScan): number {
  let at = 0;
  while (at < bytes.length) {
    const size = orderedBatch(bytes, at, bytes.length, scan.nextOffset);
    if (size === 0) {
      const next = soundBatchBehindDamage(bytes, at, scan.nextOffset);
      if (next < 0) return at;
      place.logger.error(
        `recovery: ${path} is damaged at positions ${at} to ${next} ` +
          `(offsets ${scan.nextOffset} to ${baseOffset(bytes, next) - 1}): kept, not served`,
      );
      at = next;
      continue;
    }
    scan.add(bytes, at, size);
    at = scan.addStretch(bytes, at + size);
  }
  return at;
}

function soundBatchBehindDamage(bytes: Buffer, at: number, offset: number): number {
  if (isZero(bytes, at, Math.min(at + 64, bytes.length))) return -1;
  const next = nextSoundBatch(bytes, at, bytes.length, offset);
  return next < 0 || hasLostPage(bytes, at, next) ? -1 : next;
}

function finish(
  place: RecoveryPlace,
  path: string,
  scan: SegmentScan,
  sizeBytes: number,
): SegmentFacts {
  scan.addTimeEntry();
  scan.offsets.save(segmentPath(place.directory, place.baseOffset, INDEX_SUFFIX));
  scan.times.save(segmentPath(place.directory, place.baseOffset, TIME_INDEX_SUFFIX));
  return {
    baseOffset: place.baseOffset,
    sizeBytes,
    indexEntries: scan.offsets.length / OFFSET_ENTRY_BYTES,
    timeEntries: scan.times.length / TIME_ENTRY_BYTES,
    lastTimeEntryMs: scan.lastTimeEntryMs,
    maxTimestamp: scan.maxTimestamp,
    maxTimestampOffset: scan.maxTimestampOffset,
    firstTimestamp: scan.firstTimestamp,
    bytesSinceIndexEntry: scan.bytesSinceEntry,
    modifiedMs: statSync(path).mtimeMs,
    abortedCount: 0,
  };
}
