import { sequenceAfter } from '../../records/batch-layout.ts';
import type { Batch } from './batch.ts';

const PRODUCER_EPOCH_MAX = 32_767;

/**
 * The batches of one partition in the order in which they are sent, and its sequences.
 *
 * An idempotent producer numbers the records of a partition. The broker takes a batch only where it
 * continues the numbers, so a batch that came twice is told apart and one that is missing is
 * noticed. A batch keeps its numbers for all attempts. Where one failed for good, those behind it
 * cannot be taken; they start at 0 again under the next epoch (KIP-360). They were not appended,
 * since the broker has refused them.
 */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** The batch that takes records, null between batches. */
  open: Batch | null = null;
  /** Closed batches, and the open one once it is due, the oldest first. */
  readonly queue: Batch[] = [];
  /** Sent and not answered, in the order of sending. */
  readonly inFlight: Batch[] = [];
  /** A pause after a failure; monotonic time. */
  notBeforeMs = 0;
  /** Since when it has had something to send that its broker did not take; 0 while it does. */
  waitingSinceMs = 0;
  /** Whether the accumulator has it in its list of those that wait for `linger.ms`. */
  isLingering = false;
  /** Whether its sink has it in its list. */
  isListed = false;
  /** The size that the last batch came to: the next arena is as large. */
  lastBytes = 0;
  /** Whether the transaction knows of this partition. */
  isInTransaction = false;
  producerId = -1;
  producerEpoch = -1;
  #nextSequence = 0;
  #needsNewEpoch = false;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get isIdle(): boolean {
    return this.open === null && this.queue.length === 0 && this.inFlight.length === 0;
  }

  /** Whether a batch may be sent now. Retried batches go one at a time, so that they keep order. */
  canSend(nowMs: number): boolean {
    const first = this.queue[0];
    if (first === undefined || first.isPacking || nowMs < this.notBeforeMs) return false;
    if (this.#needsNewEpoch && this.inFlight.length > 0) return false;
    return first.attempts === 0 || this.inFlight.length === 0;
  }

  /** Gives the batch its numbers, unless it has them from an attempt before. */
  number(batch: Batch, producerId: number, producerEpoch: number): void {
    if (this.#needsNewEpoch) this.#startNewEpoch();
    if (batch.hasSequence) return;
    this.#adopt(producerId, producerEpoch);
    batch.seal(this.producerId, this.producerEpoch, this.#nextSequence);
    this.#nextSequence = sequenceAfter(this.#nextSequence, batch.count);
  }

  /** A batch comes back to be sent again. */
  takeBack(batch: Batch): void {
    let at = 0;
    while (at < this.queue.length && this.queue[at]!.id < batch.id) at++;
    this.queue.splice(at, 0, batch);
  }

  /** Whether batches with lower numbers may still fill the gap that the broker sees. */
  hasEarlier(batch: Batch): boolean {
    const isEarlier = (other: Batch) => other.id < batch.id && other.hasSequence;
    return this.inFlight.some(isEarlier) || this.queue.some(isEarlier);
  }

  /** The numbers behind a lost batch are of no use. They start again when nothing is in flight. */
  loseSequence(): void {
    this.#needsNewEpoch = true;
  }

  /** Forgets its numbers, for a producer that starts over with a new id or epoch. */
  resetSequence(): void {
    this.producerId = -1;
    this.producerEpoch = -1;
    this.#nextSequence = 0;
    this.#needsNewEpoch = false;
    this.isInTransaction = false;
  }

  /** The first batch decides: while others have older numbers, the partition stays with those. */
  #adopt(producerId: number, producerEpoch: number): void {
    if (this.producerId === producerId) {
      if (this.producerEpoch >= producerEpoch) return;
    }
    if (this.inFlight.length > 0 && this.producerId !== -1) return;
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.#nextSequence = 0;
  }

  #startNewEpoch(): void {
    this.restart(this.producerId, this.producerEpoch + 1);
  }

  /** Numbers from 0 on, also for the batches that wait with numbers of before. */
  restart(producerId: number, producerEpoch: number): void {
    this.#needsNewEpoch = false;
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.#nextSequence = 0;
    for (const batch of this.queue) {
      if (!batch.hasSequence) continue;
      batch.seal(producerId, producerEpoch, this.#nextSequence);
      this.#nextSequence = sequenceAfter(this.#nextSequence, batch.count);
    }
  }

  /** Whether the epochs of its producer id are used up. */
  get isWornOut(): boolean {
    return this.#needsNewEpoch && this.producerEpoch >= PRODUCER_EPOCH_MAX;
  }
}
