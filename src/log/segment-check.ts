/**
 * The facts of a segment that a clean stop left behind, from its indexes and the few batches
 * behind the last index entry: nothing else is read.
 */
import { statSync } from 'node:fs';
import { BATCH_HEADER_SIZE, lastOffset, maxTimestamp } from '../records/batch-layout.ts';
import { plausibleBatch, soundBatch } from './batch-check.ts';
import { mapFile, unmapFile } from './file-map.ts';
import {
  INDEX_SUFFIX,
  LOG_SUFFIX,
  segmentPath,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from './file-names.ts';
import { countOffsetEntries, OFFSET_ENTRY_BYTES } from './offset-index.ts';
import type { SegmentFacts } from './segment.ts';
import { fileSize, readBytes, readIfThere, storage } from './storage.ts';
import { countTimeEntries, TIME_ENTRY_BYTES, timeOffsetAt, timestampAt } from './time-index.ts';
import { countAborted } from './transactions/transaction-index.ts';

/** A clean stop leaves no longer tail without an index entry. */
const MAX_TAIL_BYTES = 16 * 1024 * 1024;

export interface CheckedSegment {
  readonly facts: SegmentFacts;
  readonly nextOffset: number;
}

interface LastEntries {
  readonly indexEntries: number;
  readonly lastOffset: number;
  readonly lastPosition: number;
  readonly timeEntries: number;
  readonly lastTimeEntryMs: number;
  readonly lastTimeOffset: number;
}

function cutTail(path: string, fileBytes: number, dataBytes: number): void {
  if (dataBytes >= fileBytes) return;
  const fd = storage.open(path, 'r+');
  try {
    storage.truncate(fd, dataBytes);
  } finally {
    storage.close(fd);
  }
}

/** The ends of both indexes, their zero tails cut; null where a file is missing. */
function readLastEntries(directory: string, baseOffset: number): LastEntries | null {
  const indexPath = segmentPath(directory, baseOffset, INDEX_SUFFIX);
  const timePath = segmentPath(directory, baseOffset, TIME_INDEX_SUFFIX);
  const indexBytes = fileSize(indexPath);
  const timeBytes = fileSize(timePath);
  if (indexBytes < 0 || timeBytes < 0) return null;
  const index = mapFile(indexPath, indexBytes);
  const time = mapFile(timePath, timeBytes);
  const indexEntries = countOffsetEntries(index);
  const timeEntries = countTimeEntries(time);
  const lastAt = (indexEntries - 1) * OFFSET_ENTRY_BYTES;
  const entries: LastEntries = {
    indexEntries,
    lastOffset: indexEntries > 0 ? baseOffset + index.readInt32BE(lastAt) : -1,
    lastPosition: indexEntries > 0 ? index.readInt32BE(lastAt + 4) : 0,
    timeEntries,
    lastTimeEntryMs: timeEntries > 0 ? timestampAt(time, timeEntries - 1) : 0,
    lastTimeOffset: timeEntries > 0 ? baseOffset + timeOffsetAt(time, timeEntries - 1) : -1,
  };
  unmapFile(indexPath, index);
  unmapFile(timePath, time);
  cutTail(indexPath, indexBytes, indexEntries * OFFSET_ENTRY_BYTES);
  cutTail(timePath, timeBytes, timeEntries * TIME_ENTRY_BYTES);
  return entries;
}

/** Null where the indexes do not fit the log: the segment is then scanned. */
export function checkSegment(directory: string, baseOffset: number): CheckedSegment | null {
  const path = segmentPath(directory, baseOffset, LOG_SUFFIX);
  const status = statSync(path);
  const entries = readLastEntries(directory, baseOffset);
  if (entries === null || entries.lastPosition > status.size) return null;
  if (status.size - entries.lastPosition > MAX_TAIL_BYTES) return null;
  const tail = readBytes(path, entries.lastPosition, status.size - entries.lastPosition);
  const walked = walkTail(baseOffset, tail, entries);
  if (walked === null) return null;
  const { maxTimestamp: newestMs, maxTimestampOffset, nextOffset } = walked;
  const aborted = readIfThere(segmentPath(directory, baseOffset, TXN_INDEX_SUFFIX));
  const abortedCount = aborted === null ? 0 : countAborted(aborted, baseOffset, nextOffset);
  if (abortedCount < 0) return null;
  const facts: SegmentFacts = {
    baseOffset,
    sizeBytes: status.size,
    indexEntries: entries.indexEntries,
    timeEntries: entries.timeEntries,
    lastTimeEntryMs: entries.lastTimeEntryMs,
    maxTimestamp: newestMs,
    maxTimestampOffset,
    firstTimestamp: firstTimestampOf(path, status.size),
    bytesSinceIndexEntry: status.size - entries.lastPosition,
    modifiedMs: status.mtimeMs,
    abortedCount,
  };
  return { facts, nextOffset };
}

function firstTimestampOf(path: string, sizeBytes: number): number {
  if (sizeBytes < BATCH_HEADER_SIZE) return -1;
  return maxTimestamp(readBytes(path, 0, BATCH_HEADER_SIZE), 0);
}

interface WalkedTail {
  readonly nextOffset: number;
  readonly maxTimestamp: number;
  readonly maxTimestampOffset: number;
}

/** From the batch of the last index entry to the end of the file. */
function walkTail(base: number, tail: Buffer, entries: LastEntries): WalkedTail | null {
  let at = 0;
  let nextOffset = base;
  let newestMs = entries.timeEntries > 0 ? entries.lastTimeEntryMs : -1;
  let newestOffset = entries.lastTimeOffset;
  while (at < tail.length) {
    const size =
      at === 0
        ? soundBatch(tail, at, tail.length, base)
        : plausibleBatch(tail, at, tail.length, nextOffset);
    if (size === 0) return null;
    const last = lastOffset(tail, at);
    if (at === 0 && entries.indexEntries > 0 && last !== entries.lastOffset) return null;
    const timestamp = maxTimestamp(tail, at);
    if (timestamp > newestMs) {
      newestMs = timestamp;
      newestOffset = last;
    }
    nextOffset = last + 1;
    at += size;
  }
  return { nextOffset, maxTimestamp: newestMs, maxTimestampOffset: newestOffset };
}
