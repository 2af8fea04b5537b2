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
 * Batches are opened on their owner's thread, which has others to serve: one that grows past the
 * first, or any behind the second of one search, is not opened.
 */
const OPENED_BYTES_MAX = 4 * 1024 * 1024;
const SEARCH_BYTES_MAX = 16 * 1024 * 1024;

export interface TimestampPlace {
  readonly offset: number;
  readonly timestampMs: number;
  readonly leaderEpoch: number;
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
  let openedBytes = 0;
  try {
    // Damage ends the search: a fetch of it says so.
    while (window.next()) {
      const { bytes, at, size } = window;
      if (plausibleBatch(bytes, at, at + size, 0) === 0) return null;
      if (maxTimestamp(bytes, at) < timestampMs || lastOffset(bytes, at) < minOffset) continue;
      if (openedBytes > SEARCH_BYTES_MAX) return wholeBatch(bytes, at, minOffset);
      const found = findInBatch(cursor, bytes, at, timestampMs, minOffset);
      if (found !== null) return found;
      openedBytes += cursor.bytes === bytes ? size : cursor.bytes.length;
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

function findInBatch(
  cursor: RecordCursor,
  data: Buffer,
  at: number,
  timestampMs: number,
  minOffset: number,
): TimestampPlace | null {
  const leaderEpoch = partitionLeaderEpoch(data, at);
  try {
    cursor.open(data, at, OPENED_BYTES_MAX);
    while (cursor.next()) {
      if (cursor.timestamp >= timestampMs && cursor.offset >= minOffset) {
        return { offset: cursor.offset, timestampMs: cursor.timestamp, leaderEpoch };
      }
    }
  } catch (thrown) {
    if (!isCorrupt(thrown)) throw thrown;
    return wholeBatch(data, at, minOffset);
  }
  // All its records that are left lie before: compaction keeps a batch's own largest timestamp.
  return null;
}

/** Its header says that the record is in it; its producer may have written what nobody can open. */
function wholeBatch(data: Buffer, at: number, minOffset: number): TimestampPlace {
  return {
    offset: Math.max(baseOffset(data, at), minOffset),
    timestampMs: maxTimestamp(data, at),
    leaderEpoch: partitionLeaderEpoch(data, at),
  };
}
