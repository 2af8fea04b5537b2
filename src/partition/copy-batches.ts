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
  wholeBatchSize,
} from '../records/batch-layout.ts';
import { storedMarker } from '../records/stored-marker.ts';
import type { Follower } from './follower.ts';
import type { Partition } from './partition.ts';

/**
 * Appends the whole batches of the leader's in [at, end) unchanged. 0, or the error code of the
 * first that cannot be taken: those before it are in the log.
 */
export function copyBatches(
  { log, bounds }: Pick<Partition, 'log' | 'bounds'>,
  role: Follower,
  memory: Buffer,
  at: number,
  end: number,
  wallMs: number,
): number {
  let next = at;
  for (;;) {
    const size = wholeBatchSize(memory, next, end);
    if (size === 0) return 0;
    if (size < 0) return ERROR.CORRUPT_MESSAGE;
    const error = copyBatch(log, role, memory, next, size, wallMs);
    if (error !== 0) return error;
    bounds.batchAdded();
    next += size;
  }
}

/**
 * The offsets of a batch may leave a gap, as compaction does, but never go back. Its epoch may be
 * older than the leader's own. 0, or the error code, and then nothing has changed.
 */
function copyBatch(
  log: PartitionLog,
  role: Follower,
  memory: Buffer,
  at: number,
  size: number,
  wallMs: number,
): number {
  const end = at + size;
  if (plausibleBatch(memory, at, end, 0) === 0) return ERROR.CORRUPT_MESSAGE;
  const base = baseOffset(memory, at);
  if (base < log.logEndOffset) return ERROR.OFFSET_OUT_OF_RANGE;
  if (soundBatch(memory, at, end, 0) === 0) return ERROR.CORRUPT_MESSAGE;
  const epoch = partitionLeaderEpoch(memory, at);
  if (epoch > role.epoch) return ERROR.UNKNOWN_LEADER_EPOCH;
  if (epoch < log.epochs.latest) return ERROR.FENCED_LEADER_EPOCH;
  log.epochs.assign(epoch, base);
  const last = lastOffset(memory, at);
  const newest = maxTimestamp(memory, at);
  const aborted = abortedBy(log, memory, at);
  const outcome = log.append(memory, at, size, last, newest, wallMs, aborted);
  if (outcome !== OUTCOME.OK) return ERROR.KAFKA_STORAGE_ERROR;
  const { segmentBase, position } = log.end;
  replayBatch(log.producers, memory, at, wallMs, segmentBase, position - size);
  return 0;
}

/** What a batch aborts. The leader has judged its epochs. */
function abortedBy(log: PartitionLog, memory: Buffer, at: number): AbortedTransaction | null {
  if (!isControl(memory, at) || storedMarker(memory, at)?.isCommit !== false) return null;
  return log.producers.abortedBy(producerId(memory, at), baseOffset(memory, at));
}
