import { ERROR } from '../base/kafka-errors.ts';
import type { Partition } from './partition.ts';
import { PendingAcks } from './pending-acks.ts';

const NO_OFFSET = -1;

/** How the outcome of an append that waited reaches the front. */
export type AckSink = (
  ticket: number,
  index: number,
  error: number,
  baseOffset: number,
  appendTimeMs: number,
) => void;

/** The appends to one partition that wait for its high watermark, whatever raises it. */
export class AckWaiters {
  readonly #partition: Partition;
  readonly #acks = new PendingAcks();

  constructor(partition: Partition) {
    this.#partition = partition;
  }

  /** The append is acknowledged when the high watermark reaches `required`. */
  add(ticket: number, index: number, baseOffset: number, appendTimeMs: number, required: number) {
    this.#acks.push(ticket, index, baseOffset, appendTimeMs, required);
  }

  /**
   * Answers those that the high watermark covers, and all of them where the partition takes no
   * appends any more. Whoever changes its role calls this before it changes again.
   */
  settle(sink: AckSink): void {
    const acks = this.#acks;
    const { refusal, highWatermark, role } = this.#partition;
    // The replicas in sync may have become too few after what they all have was appended.
    const error = refusal || (role.lacksMaximal ? ERROR.NOT_ENOUGH_REPLICAS_AFTER_APPEND : 0);
    while (acks.count > 0 && (refusal !== 0 || acks.required <= highWatermark)) {
      const baseOffset = error !== 0 ? NO_OFFSET : acks.baseOffset;
      sink(acks.ticket, acks.index, error, baseOffset, acks.appendTimeMs);
      acks.shift();
    }
  }

  /** Answers all of them: the partition goes, and its high watermark rises no more. */
  refuse(error: number, sink: AckSink): void {
    const acks = this.#acks;
    for (; acks.count > 0; acks.shift()) {
      sink(acks.ticket, acks.index, error, NO_OFFSET, acks.appendTimeMs);
    }
  }
}
