import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import { ACKS_OF_COPY } from '../../exchange/messages.ts';
import { lastOffset, partitionLeaderEpoch, wholeBatchSize } from '../../records/batch-layout.ts';
import type { FetchedPartition } from '../../replication/fetched-partition.ts';
import type { AppendWaiter } from '../partitions/workers.ts';
import type { FollowedPartition } from './followed-partition.ts';
import type { Nap } from './nap.ts';
import type { CopyThrottle, ReplicaServices, ReplicaWorkers } from './replica-services.ts';

/** A run gives the workers so much and waits for them. Clients are served in between. */
const OPEN_BYTES_MAX = 512 * 1024;
/** While the rings are full. */
const PAUSE_MS = 2;
/** A disk is slow that takes so long for one append. */
const SLOW_MS = 100;
/** While it is, others have the worker for this part of the time of an append, behind each. */
const REST_PART = 1 / 4;
const REST_MS_MAX = 500;
const NONE = -1;

interface Copy {
  readonly partition: FollowedPartition;
  /** What was asked for: an election makes another one. */
  readonly fetched: FetchedPartition;
  readonly endOffset: number;
  readonly epoch: number;
  readonly handedMs: number;
}

/** Batches that are handed over once those before them are appended. */
interface Kept {
  readonly partition: FollowedPartition;
  readonly fetched: FetchedPartition;
  readonly records: Buffer;
  /** Where the last whole one begins. */
  readonly last: number;
}

/**
 * The appends that one answer of a leader brings. While the disk is slow they are made one by one,
 * with a rest behind each. Clients want the same workers, which may live in the front's thread.
 */
export class CopyRun implements AppendWaiter {
  /** An answer of this size is taken as a whole. */
  static readonly IN_PLACE_BYTES_MAX = OPEN_BYTES_MAX / 2;
  readonly #workers: ReplicaWorkers;
  readonly #throttle: CopyThrottle;
  readonly #clock: Clock;
  readonly #nap: Nap;
  /** The log of a partition is not what the leader's answer counted on. */
  readonly #onFailed: (partition: FollowedPartition, error: number) => void;
  readonly #onAdvanced: (partition: FollowedPartition) => void;
  readonly #copies: Copy[] = [];
  #ticket = NONE;
  #openCount = 0;
  #openBytes = 0;
  #onSettled: (() => void) | null = null;
  #kept: Kept[] = [];
  /** How long the latest append took. */
  #latestMs = 0;
  /** An append took long, of this run or of the one before it. */
  isSlow: boolean;

  constructor(
    { workers, throttle, clock }: Pick<ReplicaServices, 'workers' | 'throttle' | 'clock'>,
    nap: Nap,
    onAdvanced: (partition: FollowedPartition) => void,
    onFailed: (partition: FollowedPartition, error: number) => void,
    wasSlow = false,
  ) {
    this.isSlow = wasSlow;
    this.#clock = clock;
    this.#workers = workers;
    this.#throttle = throttle;
    this.#nap = nap;
    this.#onAdvanced = onAdvanced;
    this.#onFailed = onFailed;
  }

  /**
   * Batches that were asked for as `fetched` says. False where there is no whole one. The next may
   * be added once it is resolved. It waits for nothing in a run of less than IN_PLACE_BYTES_MAX,
   * whose bytes do not last.
   */
  async add(
    partition: FollowedPartition,
    fetched: FetchedPartition,
    records: Buffer,
  ): Promise<boolean> {
    const last = lastBatchAt(records);
    if (last === NONE) return false;
    if (this.isSlow) {
      // The memory that they lie in is used again before their turn comes.
      this.#kept.push({ partition, fetched, records: Buffer.from(records), last });
      return true;
    }
    if (this.#isFullWith(records)) await this.#untilRoom();
    this.#hand({ partition, fetched, records, last });
    return true;
  }

  #isFullWith({ length }: Buffer): boolean {
    return this.#openBytes > 0 && this.#openBytes + length > OPEN_BYTES_MAX;
  }

  async #untilRoom(): Promise<void> {
    await this.settled();
    while (this.#workers.isBackedUp) await this.#nap.take(PAUSE_MS);
  }

  /** Behind the last `add`: what was kept back. The disk may be quick again meanwhile. */
  async handKept(): Promise<void> {
    if (this.#kept.length === 0) return;
    await this.settled();
    for (const kept of this.#kept) {
      if (this.isSlow) await this.#rest();
      else if (this.#isFullWith(kept.records)) await this.#untilRoom();
      const { isSlow } = this;
      this.#latestMs = 0;
      this.#hand(kept);
      if (!isSlow) continue;
      await this.settled();
      this.isSlow = this.#latestMs > SLOW_MS;
    }
    this.#kept = [];
  }

  #rest(): Promise<void> {
    const ms = Math.min(this.#latestMs * REST_PART, REST_MS_MAX);
    return this.#nap.take(Math.max(ms, PAUSE_MS));
  }

  #hand({ partition, fetched, records, last }: Kept): void {
    // An election was held meanwhile: it asks anew.
    if (partition.fetched !== fetched || partition.isOver) return;
    const workers = this.#workers;
    const endOffset = lastOffset(records, last) + 1;
    const epoch = partitionLeaderEpoch(records, last);
    if (this.#ticket === NONE) this.#ticket = workers.takeAppendTicket(this);
    const handedMs = this.#clock.monotonicMs();
    const index = this.#copies.push({ partition, fetched, endOffset, epoch, handedMs }) - 1;
    this.#openCount++;
    this.#openBytes += records.length;
    const { worker, slot, topicId, index: number } = partition.mirror;
    if (this.#throttle.concerns(topicId, number)) this.#throttle.count(records.length);
    const { leaderEpoch } = fetched;
    workers.append(worker, slot, this.#ticket, index, ACKS_OF_COPY, leaderEpoch, records);
    // A worker in this thread has made the append by now.
    this.#took(this.#clock.monotonicMs() - handedMs);
  }

  #took(ms: number): void {
    this.#latestMs = Math.max(this.#latestMs, ms);
    if (ms > SLOW_MS) this.isSlow = true;
  }

  /** Resolves when the workers have answered all that was added. */
  settled(): Promise<void> {
    if (this.#openCount === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onSettled = resolve;
    });
  }

  /** Nothing is added any more. */
  async finish(): Promise<void> {
    await this.settled();
    if (this.#ticket !== NONE) this.#workers.giveBackAppendTicket(this.#ticket);
    this.#ticket = NONE;
  }

  onRecordsRefused(): void {
    assert(false, 'single records of a leader are not judged');
  }

  onAppended(index: number, error: number): void {
    const { partition, fetched, endOffset, epoch, handedMs } = this.#copies[index]!;
    this.#took(this.#clock.monotonicMs() - handedMs);
    if (partition.fetched === fetched) {
      if (error === 0) fetched.logEndsAt(endOffset, epoch);
      if (error === 0) this.#onAdvanced(partition);
      else this.#onFailed(partition, error);
    }
    if (--this.#openCount > 0) return;
    this.#openBytes = 0;
    this.#onSettled?.();
    this.#onSettled = null;
  }
}

/**
 * Where the last whole batch begins; NONE where there is none. What is behind it and is no batch is
 * for the worker to refuse.
 */
function lastBatchAt(records: Buffer): number {
  let last = NONE;
  let next = 0;
  for (;;) {
    const size = wholeBatchSize(records, next, records.length);
    if (size <= 0) return last;
    last = next;
    next += size;
  }
}
