import { LogPosition, type PositionFields } from '../base/log-position.ts';
import { ReadLimits } from '../base/read-limits.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { BatchEnds } from './batch-ends.ts';
import type { Follower } from './follower.ts';
import type { Leader } from './leader.ts';
import { settleStable } from './stable-offset.ts';

const sought = new LogPosition();

/** How far a partition's log is durable here, and how far it may be read. */
export class ReadBounds {
  readonly limits = new ReadLimits();
  readonly durableEnd = new LogPosition();
  /** Of partitions whose replicas on other brokers hold the high watermark back. */
  readonly #ends = new BatchEnds();
  #log: PartitionLog;
  /** The high watermark of the last checkpoint; 0 where there is none. */
  readonly #checkpointed: number;

  constructor(log: PartitionLog, checkpointed: number) {
    this.#log = log;
    this.#checkpointed = checkpointed;
    // What was there at the opening is on the disk, or was never promised to be.
    this.durableEnd.copy(log.end);
  }

  /** With other replicas the log's end does not say what they have. The checkpoint does. */
  restore(): void {
    const offset = Math.max(this.#checkpointed, this.#log.logStartOffset);
    this.#log.findBatch(offset, this.limits.highWatermark);
    settleStable(this.limits, this.#log);
  }

  /** False where that is known. */
  markDurable(end: PositionFields): boolean {
    if (end.offset <= this.durableEnd.offset) return false;
    this.durableEnd.copy(end);
    return true;
  }

  /** The log ends with another batch, which the high watermark will pass later. */
  batchAdded(): void {
    this.#ends.add(this.#log.end);
  }

  /** The high watermark goes where all replicas agree, never back. */
  advance(role: Leader | Follower): void {
    const { durableEnd, limits } = this;
    const agreed = role.agreedOffset(durableEnd.offset);
    if (agreed <= limits.highWatermark.offset) return;
    const { highWatermark } = limits;
    if (!this.#ends.take(agreed, highWatermark)) {
      if (agreed === durableEnd.offset) sought.copy(durableEnd);
      else this.#log.findBatch(agreed, sought);
      if (sought.offset <= highWatermark.offset) return;
      highWatermark.copy(sought);
    }
    settleStable(limits, this.#log);
  }

  /** The same records lie elsewhere, all of them on the disk. */
  moveTo(log: PartitionLog): void {
    const { highWatermark } = this.limits;
    this.#log = log;
    this.#ends.clear();
    this.durableEnd.copy(log.end);
    log.findBatch(highWatermark.offset, highWatermark);
    settleStable(this.limits, log);
  }

  /** The log was cut, or begins anew behind its end. */
  logWasCut(): void {
    const { durableEnd, limits } = this;
    const { end, logStartOffset } = this.#log;
    this.#ends.clear();
    const isAnew = durableEnd.offset < logStartOffset;
    if (isAnew || durableEnd.offset >= end.offset) durableEnd.copy(end);
    const { highWatermark } = limits;
    if (highWatermark.offset < logStartOffset || highWatermark.offset >= end.offset) {
      highWatermark.copy(end);
    }
    settleStable(limits, this.#log);
  }
}
