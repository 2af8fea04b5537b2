/** Finding records by time, for ListOffsets: time index, offset index, batch headers, records. */
import { isCorrupt } from '../base/errors.ts';
import {
  baseOffset,
  lastOffset,
  maxTimestamp,
  partitionLeaderEpoch,
} from '../records/batch-layout.ts';
import { RecordCursor } from '../records/record-iterator.ts';
import { plausibleBatch } from './batch-check.ts';
import { mapFile, unmapFile } from './file-map.ts';
import { INDEX_SUFFIX, LOG_SUFFIX, TIME_INDEX_SUFFIX } from './file-names.ts';
import { OFFSET_ENTRY_BYTES, positionForOffset } from './offset-index.ts';
import type { Segment } from './segment.ts';
import { SegmentWindow } from './segment-window.ts';
import { entryBelowTimestamp, TIME_ENTRY_BYTES, timeOffsetAt } from './time-index.ts';

/**
 * The owner's thread has others to serve. One search looks into at most this many records there. A
 * batch with more of them, and every batch behind it, is left to a thread of the helper pool.
 */
const LOOKED_INTO_BYTES_MAX = 128 * 1024;

export interface TimestampPlace {
  readonly offset: number;
  readonly timestampMs: number;
  readonly leaderEpoch: number;
  /**
   * It is the position of a batch whose header says that the record is in it: see findInBatch().
   */
  readonly isBatch?: true;
}

/** The first record at or above `minOffset` whose timestamp is not below `timestampMs`, or null. */
export function findByTimestamp(
  segments: readonly Segment[],
  timestampMs: number,
  minOffset: number,
): TimestampPlace | null {
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i]!;
    const end = segments[i + 1]?.baseOffset ?? Number.POSITIVE_INFINITY;
    if (segment.maxTimestamp < timestampMs || end <= minOffset) continue;
    const found = findInSegment(segment, timestampMs, minOffset);
    if (found !== null) return found;
  }
  return null;
}

/** The first record with the largest timestamp of the whole log, or null where none has one. */
export function findNewest(segments: readonly Segment[], minOffset: number): TimestampPlace | null {
  let newestMs = -1;
  for (const segment of segments) newestMs = Math.max(newestMs, segment.maxTimestamp);
  return newestMs < 0 ? null : findByTimestamp(segments, newestMs, minOffset);
}

function findInSegment(
  segment: Segment,
  timestampMs: number,
  minOffset: number,
): TimestampPlace | null {
  const position = startOfSearch(segment, timestampMs, minOffset);
  const window = new SegmentWindow(segment.pathOf(LOG_SUFFIX), position, segment.sizeBytes);
  const cursor = new RecordCursor();
  let lookedIntoBytes = 0;
  try {
    // Damage ends the search. A fetch from there reports it.
    while (window.next()) {
      const { bytes, at, size } = window;
      if (plausibleBatch(bytes, at, at + size, 0) === 0) return null;
      if (maxTimestamp(bytes, at) < timestampMs || lastOffset(bytes, at) < minOffset) continue;
      const leftBytes = LOOKED_INTO_BYTES_MAX - lookedIntoBytes;
      if (size > leftBytes) return batchPlace(bytes, at, minOffset);
      const found = lookInto(cursor, bytes, at, timestampMs, minOffset, leftBytes);
      if (found !== null) return found;
      lookedIntoBytes += Math.max(size, cursor.bytes === bytes ? 0 : cursor.bytes.length);
    }
    return null;
  } finally {
    window.close();
  }
}

/** No batch before this position has a large enough timestamp or offset. */
function startOfSearch(segment: Segment, timestampMs: number, minOffset: number): number {
  const timeBytes = segment.timeEntries * TIME_ENTRY_BYTES;
  const indexBytes = segment.indexEntries * OFFSET_ENTRY_BYTES;
  if (indexBytes === 0) return 0;
  let relativeOffset = minOffset - segment.baseOffset;
  if (timeBytes > 0) {
    const path = segment.pathOf(TIME_INDEX_SUFFIX);
    const time = mapFile(path, timeBytes);
    const entry = entryBelowTimestamp(time, segment.timeEntries, timestampMs);
    if (entry >= 0) relativeOffset = Math.max(relativeOffset, timeOffsetAt(time, entry));
    unmapFile(path, time);
  }
  const path = segment.pathOf(INDEX_SUFFIX);
  const index = mapFile(path, indexBytes);
  const position = positionForOffset(index, indexBytes, relativeOffset, segment.sizeBytes);
  unmapFile(path, index);
  return position;
}

/**
 * The same within one batch, which opens to no more than `openedBytesMax`. Where it cannot be
 * opened, the answer is the batch: its producer may have written what nobody can open.
 */
export function findInBatch(
  batch: Buffer,
  timestampMs: number,
  minOffset: number,
  openedBytesMax: number,
): TimestampPlace | null {
  return lookInto(new RecordCursor(), batch, 0, timestampMs, minOffset, openedBytesMax);
}

function lookInto(
  cursor: RecordCursor,
  data: Buffer,
  at: number,
  timestampMs: number,
  minOffset: number,
  openedBytesMax: number,
): TimestampPlace | null {
  const leaderEpoch = partitionLeaderEpoch(data, at);
  try {
    cursor.open(data, at, openedBytesMax);
    while (cursor.next()) {
      if (cursor.timestamp >= timestampMs && cursor.offset >= minOffset) {
        return { offset: cursor.offset, timestampMs: cursor.timestamp, leaderEpoch };
      }
    }
  } catch (thrown) {
    if (!isCorrupt(thrown)) throw thrown;
    return batchPlace(data, at, minOffset);
  }
  // All records that are left of it lie before: compaction keeps a batch's own largest timestamp.
  return null;
}

function batchPlace(data: Buffer, at: number, minOffset: number): TimestampPlace {
  return {
    offset: Math.max(baseOffset(data, at), minOffset),
    timestampMs: maxTimestamp(data, at),
    leaderEpoch: partitionLeaderEpoch(data, at),
    isBatch: true,
  };
}
