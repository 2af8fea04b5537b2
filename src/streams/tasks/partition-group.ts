import { Spread } from '../metrics/spread.ts';
import { EarliestFirst } from './earliest-first.ts';
import type { RecordChunk } from './record-chunk.ts';
import type { RecordInHand } from './record-in-hand.ts';
import type { RecordQueue } from './record-queue.ts';

/** How far a partition is behind its end; -1 where that is not known. */
export type LagOf = (queue: RecordQueue) => number;

/** Kafka's `max.task.idle.ms`: an empty partition is not waited for at all. */
const NEVER_WAIT = -1;
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * The partitions of a task. The record with the lowest timestamp comes first. Where a partition is
 * empty the others wait for it, as long as there is something to come or `maxIdleMs` is not over.
 */
export class PartitionGroup {
  readonly queues: RecordQueue[] = [];
  /** The highest timestamp taken so far; -1 before. */
  streamTime = -1;
  /** By how much records were behind it. */
  readonly lateness = new Spread();
  /** How often records were taken though partitions at their end had none. */
  enforced = 0;
  readonly #filled = new EarliestFirst<RecordQueue>();
  readonly #lagOf: LagOf;
  readonly #maxIdleMs: number;
  /** Until when an empty partition is waited for. */
  readonly #deadlines = new Map<RecordQueue, number>();
  /** When the empty partitions had been waited for; nothing has changed since. */
  #waitedAt = NEVER;
  /** Since when all partitions are at their end. */
  #idleSince = Number.POSITIVE_INFINITY;

  constructor(maxIdleMs: number, lagOf: LagOf) {
    this.#maxIdleMs = maxIdleMs;
    this.#lagOf = lagOf;
  }

  addQueue(queue: RecordQueue): void {
    this.queues.push(queue);
  }

  /** Time goes on where another run of the task left off. */
  setPartitionTime(queue: RecordQueue, time: number): void {
    queue.partitionTime = time;
    if (time > this.streamTime) this.streamTime = time;
  }

  add(queue: RecordQueue, chunk: RecordChunk): void {
    const wasEmpty = queue.isEmpty;
    this.#waitedAt = NEVER;
    queue.add(chunk);
    if (wasEmpty && !queue.isEmpty) this.#filled.push(queue);
  }

  get hasRecords(): boolean {
    return this.#filled.size > 0;
  }

  /** Whether the next record may be taken now. */
  isReady(now: number): boolean {
    const { size } = this.#filled;
    if (size === 0) return false;
    if (size === this.queues.length) {
      if (this.#deadlines.size > 0) this.#deadlines.clear();
      return true;
    }
    if (this.#maxIdleMs === NEVER_WAIT || this.#waitedAt === now) return true;
    if (!this.#hasWaited(now)) return false;
    this.#waitedAt = now;
    this.enforced++;
    return true;
  }

  /** Takes the next record in the order of time; null where none waits. */
  take(hand: RecordInHand): RecordQueue | null {
    const queue = this.#filled.pop();
    if (queue === undefined) return null;
    queue.take(hand);
    if (!queue.isEmpty) this.#filled.push(queue);
    else this.#waitedAt = NEVER;
    const lateMs = this.streamTime - hand.timestamp;
    if (lateMs < 0) this.streamTime = hand.timestamp;
    else if (lateMs > 0 && !hand.isSkipped) this.lateness.add(lateMs);
    return queue;
  }

  /** Whether nothing was there to take for so long. What may still come is not at its end. */
  isIdle(now: number, idleMs: number): boolean {
    const isAtEnd =
      this.#filled.size === 0 && this.queues.every((queue) => this.#lagOf(queue) === 0);
    this.#idleSince = isAtEnd ? Math.min(this.#idleSince, now) : Number.POSITIVE_INFINITY;
    return now - this.#idleSince >= idleMs;
  }

  /** Time goes on without a record, in all partitions. */
  advanceTo(time: number): void {
    for (const queue of this.queues) this.setPartitionTime(queue, time);
  }

  clear(): void {
    for (const queue of this.queues) queue.clear();
    this.#filled.clear();
    this.#deadlines.clear();
    this.streamTime = -1;
  }

  #hasWaited(now: number): boolean {
    const deadlines = this.#deadlines;
    for (const queue of this.queues) {
      const isToCome = queue.isEmpty && this.#lagOf(queue) !== 0;
      if (!queue.isEmpty || isToCome) deadlines.delete(queue);
      if (!queue.isEmpty) continue;
      if (isToCome) return false;
      const deadline = deadlines.get(queue) ?? now + this.#maxIdleMs;
      deadlines.set(queue, deadline);
      if (now < deadline) return false;
    }
    return true;
  }
}
