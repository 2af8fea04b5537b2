import { NO_GUARD } from '../base/no-guard.ts';
import { SEQUENCE } from '../log/outcome.ts';
import type { Segment } from '../log/segment.ts';
import {
  baseSequence,
  isTransactional,
  lastOffsetDelta,
  lastSequence,
  maxTimestamp,
  producerEpoch,
  producerId,
  setBaseOffset,
  setPartitionLeaderEpoch,
} from '../records/batch-layout.ts';
import { refusalOfBatch } from './batch-refusal.ts';
import type { Partition } from './partition.ts';
import { errorOfProduced } from './produced-batch.ts';
import { cutUntaken, takeWritten } from './written-batches.ts';

/** The system takes no more parts in one write. */
const BATCHES_MAX = 64;
const NO_PRODUCER = -1;

/**
 * Produced batches of one partition on their way to the log in one write. They are checked and
 * stamped, but neither the log nor its producers know of them before they are written. A batch that
 * is not plain is not taken: it goes by `Partition.append`, behind the run.
 */
export class AppendRun {
  readonly partition: Partition;
  count = 0;
  wallMs = 0;
  /** Of each batch: its position in the memory and its length. */
  readonly parts = new Int32Array(2 * BATCHES_MAX);
  #bytes = 0;
  /** The log end once all of them are written. */
  #endOffset = 0;
  /** The one producer whose batches these are, and how far its sequence is. */
  #producerId = NO_PRODUCER;
  #producerEpoch = 0;
  #lastSequence = 0;
  /** Where the present batches were written to, all of them or some. */
  #written: Segment | null = null;

  constructor(partition: Partition) {
    this.partition = partition;
  }

  /** False where the batch must go by itself. Nothing of it is changed then. */
  add(memory: Buffer, at: number, length: number, version: number, wallMs: number): boolean {
    const { refusal, settings, log } = this.partition;
    if (this.count === BATCHES_MAX || refusal !== 0 || settings.logAppendTime) return false;
    if (errorOfProduced(memory, at, length, version, settings, wallMs) !== 0) return false;
    const base = this.count === 0 ? log.logEndOffset : this.#endOffset;
    const last = base + lastOffsetDelta(memory, at);
    const bytes = this.#bytes + length;
    const segment = log.readyFor(bytes, last, maxTimestamp(memory, at), wallMs);
    // An empty segment takes its first batch whatever its limits are.
    if (segment === null || segment.sizeBytes === 0 || !this.#continues(memory, at)) return false;
    setBaseOffset(memory, at, base);
    setPartitionLeaderEpoch(memory, at, this.partition.leaderEpoch);
    this.parts[2 * this.count] = at;
    this.parts[2 * this.count + 1] = length;
    this.count++;
    this.wallMs = wallMs;
    this.#bytes = bytes;
    this.#endOffset = last + 1;
    return true;
  }

  /** Whether the batch may follow those of the run as far as its producer goes. */
  #continues(memory: Buffer, at: number): boolean {
    const id = producerId(memory, at);
    if (id < 0) return true;
    const epoch = producerEpoch(memory, at);
    const first = baseSequence(memory, at);
    const last = lastSequence(memory, at);
    if (isTransactional(memory, at) || last < first) return false;
    if (this.#producerId === NO_PRODUCER) {
      if (!this.#isNext(memory, at, id, epoch, first, last)) return false;
    } else if (id !== this.#producerId || epoch !== this.#producerEpoch) {
      return false;
    } else if (first !== this.#lastSequence + 1) {
      return false;
    }
    this.#producerId = id;
    this.#producerEpoch = epoch;
    this.#lastSequence = last;
    return true;
  }

  /** Whether the log expects this batch of its producer. */
  #isNext(
    memory: Buffer,
    at: number,
    id: number,
    epoch: number,
    first: number,
    last: number,
  ): boolean {
    const { log, verifications } = this.partition;
    const verdict = log.producers.check(id, epoch, first, last);
    if (verdict === SEQUENCE.DUPLICATE) return false;
    return refusalOfBatch(log.producers, verifications, memory, at, verdict, NO_GUARD) === 0;
  }

  /** Writes them all. False where some of them were not written; then none counts as written. */
  write(memory: Buffer): boolean {
    const last = this.#endOffset - 1;
    const time = maxTimestamp(memory, this.parts[0]!);
    const segment = this.partition.log.readyFor(this.#bytes, last, time, this.wallMs);
    if (segment === null || segment.makeRoom(this.#bytes) !== 0) return false;
    this.#written = segment;
    return segment.writeParts(memory, this.parts, this.count) === 0;
  }

  /** The log takes over a batch that was written. False where it cannot: nothing changed then. */
  take(index: number, memory: Buffer): boolean {
    const at = this.parts[2 * index]!;
    const length = this.parts[2 * index + 1]!;
    const { log } = this.partition;
    if (!takeWritten(log, memory, at, length, log.logEndOffset, this.wallMs)) return false;
    this.partition.appended(memory, at, length, this.wallMs);
    return true;
  }

  /** Some batches were not taken: see `cutUntaken`. */
  cutRest(): void {
    if (this.#written !== null) cutUntaken(this.partition.log, this.#written);
  }

  /** The batch is as it came, so that it can go by itself. */
  restore(index: number, memory: Buffer): void {
    setBaseOffset(memory, this.parts[2 * index]!, 0);
  }

  clear(): void {
    this.count = 0;
    this.#bytes = 0;
    this.#producerId = NO_PRODUCER;
    this.#written = null;
  }
}
