import { ERROR } from '../base/kafka-errors.ts';
import { plausibleBatch, soundBatch } from '../log/batch-check.ts';
import { OUTCOME } from '../log/outcome.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { replayBatch } from '../log/producer-replay.ts';
import {
  baseOffset,
  lastOffset,
  maxTimestamp,
  partitionLeaderEpoch,
} from '../records/batch-layout.ts';
import type { Follower } from './follower.ts';

/**
 * Appends one whole batch of the leader's unchanged. Its offsets may leave a gap, as compaction
 * does, but never go back. Its epoch may be older than the leader's own. 0, or the error code, and
 * then nothing has changed.
 */
export function copyBatch(
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
  const outcome = log.append(memory, at, size, last, maxTimestamp(memory, at), wallMs);
  if (outcome !== OUTCOME.OK) return ERROR.KAFKA_STORAGE_ERROR;
  const { segmentBase, position } = log.end;
  replayBatch(log.producers, memory, at, wallMs, segmentBase, position - size);
  return 0;
}
