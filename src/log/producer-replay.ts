/**
 * Producer state after a start: the newest sound snapshot, then the batches behind it. A snapshot
 * holds one batch of a producer, but the window holds five. So a stretch of log before the snapshot
 * is read for the other four: a client that was cut off may retry any of them.
 */
import {
  baseOffset,
  baseSequence,
  isControl,
  isTransactional,
  lastOffset,
  lastSequence,
  maxTimestamp,
  producerEpoch,
  producerId,
} from '../records/batch-layout.ts';
import { storedMarker } from '../records/stored-marker.ts';
import { nextSoundBatch, plausibleBatch } from './batch-check.ts';
import { mapFile, unmapFile } from './file-map.ts';
import { INDEX_SUFFIX, LOG_SUFFIX, segmentPath, TXN_INDEX_SUFFIX } from './file-names.ts';
import { native } from './native.ts';
import { indexedPositionBelow, OFFSET_ENTRY_BYTES, positionForOffset } from './offset-index.ts';
import { loadSnapshot } from './producer-snapshot.ts';
import { type ProducerEntry, ProducerState } from './producer-state.ts';
import { fileSize, replaceFile, storage } from './storage.ts';
import type { AbortedTransaction } from './transactions/aborted-transaction.ts';
import { encodeAborted } from './transactions/transaction-index.ts';

const LOOK_BACK_BYTES = 1024 * 1024;

/** What a replay must know of a segment. */
export interface ReplayedSegment {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  readonly indexEntries: number;
  abortedCount: number;
}

/**
 * Brings the producers to their state at the log end. The transaction indexes of the segments from
 * `indexFrom` on are written anew from what the replay finds.
 */

export function rebuildProducers(
  directory: string,
  segments: readonly ReplayedSegment[],
  state: ProducerState,
  logEndOffset: number,
  wallMs: number,
  indexFrom = Number.POSITIVE_INFINITY,
): void {
  const from = loadSnapshot(directory, state, Math.min(logEndOffset, indexFrom), wallMs);
  if (state.size > 0) completeWindows(directory, segments, state, from, wallMs);
  for (let i = 0; i < segments.length; i++) {
    const end = segments[i + 1]?.baseOffset ?? logEndOffset;
    const segment = segments[i]!;
    const aborted: AbortedTransaction[] = [];
    if (end > from) replay(directory, segment, state, from, 0, end, wallMs, aborted);
    if (segment.baseOffset >= indexFrom) saveIndex(directory, segment, aborted);
  }
  state.endOffset = logEndOffset;
}

/** After a scan the segment is synced, so its index must be as well. */
function saveIndex(
  directory: string,
  segment: ReplayedSegment,
  aborted: readonly AbortedTransaction[],
): void {
  const path = segmentPath(directory, segment.baseOffset, TXN_INDEX_SUFFIX);
  if (aborted.length > 0) replaceFile(path, encodeAborted(aborted), true);
  else if (fileSize(path) >= 0) storage.unlink(path);
  segment.abortedCount = aborted.length;
}

/** Feeds the batches of [from, end) that idempotent producers wrote. */
function replay(
  directory: string,
  segment: ReplayedSegment,
  state: ProducerState,
  from: number,
  lookBackBytes: number,
  end: number,
  wallMs: number,
  aborted: AbortedTransaction[],
): void {
  const path = segmentPath(directory, segment.baseOffset, LOG_SUFFIX);
  const bytes = mapFile(path, segment.sizeBytes);
  let at = startOf(directory, segment, from, lookBackBytes);
  for (;;) {
    at = native.skipPlainBatches(bytes, at, segment.sizeBytes);
    if (at >= segment.sizeBytes) break;
    const size = plausibleBatch(bytes, at, segment.sizeBytes, 0);
    if (size === 0) {
      at = nextSoundBatch(bytes, at, segment.sizeBytes, 0);
      if (at < 0) break;
      continue;
    }
    const base = baseOffset(bytes, at);
    if (base >= end) break;
    if (base >= from || lookBackBytes > 0) {
      replayBatch(state, bytes, at, wallMs, segment.baseOffset, at, aborted);
    }
    at += size;
  }
  unmapFile(path, bytes);
}

/** What a stored batch says of its producer. It starts at `position` of the segment. */
export function replayBatch(
  state: ProducerState,
  bytes: Buffer,
  at: number,
  wallMs: number,
  segmentBase: number,
  position: number,
  aborted: AbortedTransaction[] = [],
): void {
  const id = producerId(bytes, at);
  if (id < 0) return;
  const epoch = producerEpoch(bytes, at);
  const timestamp = maxTimestamp(bytes, at);
  const base = baseOffset(bytes, at);
  if (isControl(bytes, at)) {
    const marker = storedMarker(bytes, at);
    if (marker !== null) {
      const ended = marker.isCommit ? null : state.abortedBy(id, base);
      if (ended !== null) aborted.push(ended);
      state.endTransaction(id, epoch, marker.coordinatorEpoch, base, timestamp, wallMs);
    }
    return;
  }
  const first = baseSequence(bytes, at);
  const end = lastSequence(bytes, at);
  const last = lastOffset(bytes, at);
  const entry = state.update(id, epoch, first, end, base, last, timestamp, wallMs);
  if (isTransactional(bytes, at)) state.beginTransaction(entry, base, segmentBase, position);
}

/** A batch boundary at or below an offset, and further back by some bytes where asked. */
function startOf(
  directory: string,
  segment: ReplayedSegment,
  offset: number,
  lookBackBytes: number,
): number {
  const indexBytes = segment.indexEntries * OFFSET_ENTRY_BYTES;
  if (indexBytes === 0) return 0;
  const path = segmentPath(directory, segment.baseOffset, INDEX_SUFFIX);
  const index = mapFile(path, indexBytes);
  const relative = offset - segment.baseOffset;
  let at = relative <= 0 ? 0 : segment.sizeBytes;
  if (relative > 0 && relative <= 2 ** 31 - 1) {
    at = positionForOffset(index, indexBytes, relative, segment.sizeBytes);
  }
  if (lookBackBytes > 0) {
    at = indexedPositionBelow(index, indexBytes, Math.max(at - lookBackBytes, 0));
  }
  unmapFile(path, index);
  return at;
}

function completeWindows(
  directory: string,
  segments: readonly ReplayedSegment[],
  state: ProducerState,
  snapshotOffset: number,
  wallMs: number,
): void {
  const before = segments.filter((segment) => segment.baseOffset < snapshotOffset);
  let first = before.length;
  let bytes = 0;
  while (first > 0 && bytes < LOOK_BACK_BYTES) bytes += before[--first]!.sizeBytes;
  const seen = new ProducerState(Number.POSITIVE_INFINITY, state.size * 2 + 1024);
  for (const segment of before.slice(first)) {
    const end = snapshotOffset;
    replay(directory, segment, seen, snapshotOffset, LOOK_BACK_BYTES, end, wallMs, []);
  }
  for (const full of seen.entries()) {
    const entry = state.entry(full.producerId);
    if (entry === undefined || !isSame(full, entry)) continue;
    full.coordinatorEpoch = entry.coordinatorEpoch;
    full.lastTimestamp = entry.lastTimestamp;
    full.transaction = entry.transaction;
    full.seenMs = entry.seenMs;
    state.restore(full);
  }
}

function isSame(one: ProducerEntry, other: ProducerEntry): boolean {
  return (
    one.epoch === other.epoch &&
    one.lastSequence === other.lastSequence &&
    one.lastOffset === other.lastOffset
  );
}
