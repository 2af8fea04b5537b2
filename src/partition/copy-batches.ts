import { ERROR } from '../base/kafka-errors.ts';
import { plausibleBatch, soundBatch } from '../log/batch-check.ts';
import { OUTCOME } from '../log/outcome.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { replayBatch } from '../log/producer-replay.ts';
import type { AbortedTransaction } from '../log/transactions/aborted-transaction.ts';
import {
  baseOffset,
  isControl,
  lastOffset,
  maxTimestamp,
  partitionLeaderEpoch,
  producerId,
  sizeInBytes,
  wholeBatchSize,
} from '../records/batch-layout.ts';
import { storedMarker } from '../records/stored-marker.ts';
import type { Follower } from './follower.ts';
import type { Partition } from './partition.ts';
import { cutUntaken, takeWritten } from './written-batches.ts';

/** The bounds of a stretch of batches, for one write. */
const stretch = new Int32Array(2);

/**
 * Appends the whole batches of the leader's in [at, end) unchanged. 0, or the error code of the
 * first that cannot be taken: those before it are in the log. A follower whose disk is slow gets
 * many batches in one answer, so all that follow each other go to the log in one write.
 */
export function copyBatches(
  partition: Pick<Partition, 'log' | 'bounds'>,
  role: Follower,
  memory: Buffer,
  at: number,
  end: number,
  wallMs: number,
): number {
  const { log } = partition;
  let next = at;
  for (;;) {
    const size = wholeBatchSize(memory, next, end);
    if (size === 0) return 0;
    if (size < 0) return ERROR.CORRUPT_MESSAGE;
    const refused = errorOfBatch(log, role, memory, next, size, log.logEndOffset);
    if (refused !== 0) return refused;
    const behind = next + size;
    const stretchEnd = endOfStretch(log, role, memory, next, behind, end, wallMs);
    const taken =
      stretchEnd > behind ? copyStretch(partition, memory, next, stretchEnd, wallMs) : 0;
    if (taken === 0) {
      const error = copyBatch(partition, memory, next, size, wallMs);
      if (error !== 0) return error;
    }
    next += taken || size;
  }
}

/**
 * The offsets of a batch may leave a gap, as compaction does, but never go back. Its epoch may be
 * older than the leader's own. 0, or the error code.
 */
function errorOfBatch(
  log: PartitionLog,
  role: Follower,
  memory: Buffer,
  at: number,
  size: number,
  logEndOffset: number,
): number {
  const end = at + size;
  if (plausibleBatch(memory, at, end, 0) === 0) return ERROR.CORRUPT_MESSAGE;
  if (baseOffset(memory, at) < logEndOffset) return ERROR.OFFSET_OUT_OF_RANGE;
  if (soundBatch(memory, at, end, 0) === 0) return ERROR.CORRUPT_MESSAGE;
  const epoch = partitionLeaderEpoch(memory, at);
  if (epoch > role.epoch) return ERROR.UNKNOWN_LEADER_EPOCH;
  return epoch < log.epochs.latest ? ERROR.FENCED_LEADER_EPOCH : 0;
}

/** Up to where batches may be written together with the one in [at, next), which is judged. */
function endOfStretch(
  log: PartitionLog,
  role: Follower,
  memory: Buffer,
  at: number,
  next: number,
  end: number,
  wallMs: number,
): number {
  if (!isPlain(log, memory, at, next - at, wallMs)) return at;
  let last = at;
  let stretchEnd = next;
  for (;;) {
    const size = wholeBatchSize(memory, stretchEnd, end);
    if (size <= 0) return stretchEnd;
    const bytes = stretchEnd + size - at;
    if (plausibleBatch(memory, stretchEnd, stretchEnd + size, 0) === 0) return stretchEnd;
    if (!isPlain(log, memory, stretchEnd, bytes, wallMs)) return stretchEnd;
    const logEnd = lastOffset(memory, last) + 1;
    if (errorOfBatch(log, role, memory, stretchEnd, size, logEnd) !== 0) return stretchEnd;
    last = stretchEnd;
    stretchEnd += size;
  }
}

/**
 * Whether the batch can be written as it is, as the last one of so many bytes. What begins an epoch
 * or a segment, or aborts a transaction, needs other files to be written first.
 */
function isPlain(
  log: PartitionLog,
  memory: Buffer,
  at: number,
  bytes: number,
  wallMs: number,
): boolean {
  if (partitionLeaderEpoch(memory, at) !== log.epochs.latest) return false;
  const newest = maxTimestamp(memory, at);
  const segment = log.readyFor(bytes, lastOffset(memory, at), newest, wallMs);
  // An empty segment takes its first batch whatever its limits are.
  if (segment === null || segment.sizeBytes === 0) return false;
  return !isControl(memory, at) || storedMarker(memory, at)?.isCommit === true;
}

/** Writes the batches in [at, end) at once. How many bytes of them the log has taken. */
function copyStretch(
  { log, bounds }: Pick<Partition, 'log' | 'bounds'>,
  memory: Buffer,
  at: number,
  end: number,
  wallMs: number,
): number {
  const segment = log.readyFor(end - at, baseOffset(memory, at), maxTimestamp(memory, at), wallMs);
  if (segment === null || segment.makeRoom(end - at) !== 0) return 0;
  stretch[0] = at;
  stretch[1] = end - at;
  let next = at;
  if (segment.writeParts(memory, stretch, 1) === 0) {
    while (next < end) {
      const size = sizeInBytes(memory, next);
      if (!takeWritten(log, memory, next, size, baseOffset(memory, next), wallMs)) break;
      tookCopy(log, memory, next, size, wallMs);
      bounds.batchAdded();
      next += size;
    }
  }
  if (next < end) cutUntaken(log, segment);
  return next - at;
}

/** 0, or the error code, and then nothing has changed. */
function copyBatch(
  { log, bounds }: Pick<Partition, 'log' | 'bounds'>,
  memory: Buffer,
  at: number,
  size: number,
  wallMs: number,
): number {
  log.epochs.assign(partitionLeaderEpoch(memory, at), baseOffset(memory, at));
  const last = lastOffset(memory, at);
  const newest = maxTimestamp(memory, at);
  const aborted = abortedBy(log, memory, at);
  const outcome = log.append(memory, at, size, last, newest, wallMs, aborted);
  if (outcome !== OUTCOME.OK) return ERROR.KAFKA_STORAGE_ERROR;
  tookCopy(log, memory, at, size, wallMs);
  bounds.batchAdded();
  return 0;
}

/** The log ends with the batch. Its producers learn of it. */
function tookCopy(
  log: PartitionLog,
  memory: Buffer,
  at: number,
  size: number,
  wallMs: number,
): void {
  const { segmentBase, position } = log.end;
  replayBatch(log.producers, memory, at, wallMs, segmentBase, position - size);
}

/** What a batch aborts. The leader has judged its epochs. */
function abortedBy(log: PartitionLog, memory: Buffer, at: number): AbortedTransaction | null {
  if (!isControl(memory, at) || storedMarker(memory, at)?.isCommit !== false) return null;
  return log.producers.abortedBy(producerId(memory, at), baseOffset(memory, at));
}
