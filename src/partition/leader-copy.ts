import { ERROR } from '../base/kafka-errors.ts';
import { OUTCOME } from '../log/outcome.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { BATCH_HEADER_SIZE, baseOffset, lastOffset } from '../records/batch-layout.ts';
import { truncationPoint } from '../replication/truncation-point.ts';
import { copyBatches } from './copy-batches.ts';
import type { Partition } from './partition.ts';

/** The log of a follower as the copy of its leader's. Every call answers 0 or an error code. */
export class LeaderCopy {
  readonly #partition: Partition;

  constructor(partition: Partition) {
    this.#partition = partition;
  }

  /** Why the log may not be changed from here: 0, or the error code. */
  get #refusal(): number {
    const { offlineReason, role } = this.#partition;
    if (offlineReason !== '') return ERROR.KAFKA_STORAGE_ERROR;
    return role.isLeader ? ERROR.NOT_LEADER_OR_FOLLOWER : 0;
  }

  /**
   * Batches as they come from the leader, which keep their offsets and epochs; one that is cut off
   * at the end is left out. The error is of the first that cannot be taken: those before it are in
   * the log.
   */
  append(memory: Buffer, at: number, length: number, wallMs: number): number {
    const partition = this.#partition;
    const { role, log, settings, spaceIsShort } = partition;
    if (this.#refusal !== 0 || role.isLeader) return this.#refusal;
    if (spaceIsShort) return ERROR.KAFKA_STORAGE_ERROR;
    const start = log.logStartOffset;
    if (beginsBelow(log, memory, at, length) && this.startAnewAt(baseOffset(memory, at), wallMs)) {
      return ERROR.KAFKA_STORAGE_ERROR;
    }
    const error = copyBatches(partition, role, memory, at, at + length, wallMs);
    if (start > log.logStartOffset && start <= log.logEndOffset) {
      log.deleteRecordsBefore(start, wallMs);
      partition.logStartMoved();
    }
    if (!settings.groupCommit) partition.markDurable(log.end);
    else partition.advance();
    return error;
  }

  /** The leader's log differs from here on. */
  truncateTo(offset: number, wallMs: number): number {
    return this.#cut(offset, wallMs, false);
  }

  /**
   * Leader and follower last agreed in `epoch`, which ends at `endOffset` there. The leader says
   * it again of an older epoch where this log does not know that one (KIP-279).
   */
  truncateToEpoch(epoch: number, endOffset: number, wallMs: number): number {
    const { epochs, logEndOffset } = this.#partition.log;
    return this.truncateTo(truncationPoint(epochs, logEndOffset, epoch, endOffset), wallMs);
  }

  /** The leader has nothing of this log any more: it begins anew where the leader's does. */
  startAnewAt(offset: number, wallMs: number): number {
    return this.#cut(offset, wallMs, true);
  }

  #cut(offset: number, wallMs: number, isAnew: boolean): number {
    const { log, bounds } = this.#partition;
    const refusal = this.#refusal;
    if (refusal !== 0) return refusal;
    if (log.truncateTo(offset, wallMs, isAnew) !== OUTCOME.OK) return ERROR.KAFKA_STORAGE_ERROR;
    bounds.logWasCut();
    return 0;
  }
}

/**
 * Whether the log is empty and begins in the middle of the first batch: the leader's log does so
 * after a DeleteRecords, and this one was begun anew there.
 */
function beginsBelow(log: PartitionLog, memory: Buffer, at: number, length: number): boolean {
  if (log.logEndOffset !== log.logStartOffset || length < BATCH_HEADER_SIZE) return false;
  const end = log.logEndOffset;
  return baseOffset(memory, at) < end && lastOffset(memory, at) >= end;
}
