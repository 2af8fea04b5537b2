import { LogPosition } from '../base/log-position.ts';
import type { ReadLimits } from '../base/read-limits.ts';
import type { PartitionLog } from '../log/partition-log.ts';

const sought = new LogPosition();

/**
 * Sets the last stable offset: where the first transaction begins that is undecided below the high
 * watermark, or the high watermark. A transaction that began below the log start holds readers
 * there.
 */
export function settleStable(limits: ReadLimits, log: PartitionLog): void {
  const { highWatermark, lastStable } = limits;
  const { transactions } = log.producers;
  transactions.settle(highWatermark.offset);
  const { first } = transactions;
  if (first === null || first.firstOffset >= highWatermark.offset) {
    lastStable.copy(highWatermark);
    return;
  }
  const offset = Math.max(first.firstOffset, log.logStartOffset);
  if (offset === first.firstOffset && first.segmentBase >= 0) {
    lastStable.set(offset, first.segmentBase, first.position);
    return;
  }
  // The search reads the disk, so it is not repeated for every append.
  if (offset === lastStable.offset) return;
  log.findBatch(offset, sought);
  lastStable.set(offset, sought.segmentBase, sought.position);
  if (offset !== first.firstOffset) return;
  first.segmentBase = sought.segmentBase;
  first.position = sought.position;
}
