import { ERROR } from '../../base/kafka-errors.ts';
import type { FetchResponse } from '../../protocol/schema/01-fetch.ts';
import type { FollowedPartition } from './followed-partition.ts';
import { PartitionTable } from './partition-table.ts';
import type { CopyThrottle } from './replica-services.ts';

/** A session of its own is asked for, and all partitions are named. */
const FULL = 0;
const FIRST_EPOCH = 1;
const NO_SESSION = 0;
const INT32_MAX = 2 ** 31 - 1;
/** For a throttled partition while the rate is exceeded. */
const THROTTLED_MS = 200;
/** A request names no more: brokers of millrace take 16,384 topics and partitions together. */
const NAMED_MAX = 4096;
/** Logs that retention shortened are looked for so often. */
const LOOK_MS = 1000;

/** What the next request names, by topic. */
export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly asked: readonly FollowedPartition[];
  readonly forgotten: readonly FollowedPartition[];
  /** There are more to be named, by the next request. The leader should answer at once. */
  readonly isPart: boolean;
}

/** What becomes of an answer: take it, or leave it and ask again, at once or after a while. */
export type SessionVerdict = 'take' | 'ask-again' | 'back-off';

/**
 * The partitions that are followed at one leader, and the fetch session that it keeps for them
 * (KIP-227): a request names only what has changed since the one before.
 */
export class LeaderSession {
  readonly #throttle: CopyThrottle;
  readonly #partitions = new PartitionTable<FollowedPartition>();
  /** Those that the next request may ask otherwise than the last one did. */
  readonly #touched = new Set<FollowedPartition>();
  /** Those that are not asked before a certain time. */
  readonly #waiting = new Set<FollowedPartition>();
  #id = NO_SESSION;
  #epoch = FULL;
  #inSession = 0;
  /** Where the next full request begins, counted in partitions. */
  #fullFrom = 0;
  #lookMs = Number.NEGATIVE_INFINITY;

  constructor(throttle: CopyThrottle) {
    this.#throttle = throttle;
  }

  get size(): number {
    return this.#partitions.size;
  }

  followed(): IterableIterator<FollowedPartition> {
    return this.#partitions.values();
  }

  find(topicId: string, index: number): FollowedPartition | undefined {
    return this.#partitions.get(topicId, index);
  }

  add(partition: FollowedPartition): void {
    this.#partitions.set(partition.topicId, partition.index, partition);
    this.#touched.add(partition);
  }

  /** It is to be looked at before the next request. Nothing for one that is not known any more. */
  touch(partition: FollowedPartition): void {
    const { topicId, index } = partition;
    if (this.#partitions.get(topicId, index) === partition) this.#touched.add(partition);
  }

  /** The connection failed. The leader may still keep the session, so the next request ends it. */
  lost(): void {
    this.#epoch = FULL;
  }

  /** Null where there is nothing to ask now. */
  request(nowMs: number): SessionRequest | null {
    this.#lookAround(nowMs);
    if (this.#epoch === FULL) return this.#fullRequest(nowMs);
    const asked: FollowedPartition[] = [];
    const forgotten: FollowedPartition[] = [];
    for (const partition of this.#touched) {
      if (asked.length + forgotten.length === NAMED_MAX) break;
      this.#touched.delete(partition);
      const was = partition.isInSession;
      if (this.#takeUp(partition, nowMs)) {
        if (partition.ask()) asked.push(partition);
        if (!was) this.#inSession++;
      } else if (was) {
        partition.isInSession = false;
        this.#inSession--;
        forgotten.push(partition);
      }
    }
    if (this.#inSession === 0 && forgotten.length === 0) return null;
    const isPart = this.#touched.size > 0;
    return { sessionId: this.#id, sessionEpoch: this.#epoch, asked, forgotten, isPart };
  }

  /**
   * Where the leader keeps no session, the first partitions of a request are served first. So each
   * begins one further, or behind what the last one named where that could not name all.
   */
  #fullRequest(nowMs: number): SessionRequest | null {
    const ready: FollowedPartition[] = [];
    for (const partition of this.#partitions.values()) {
      partition.isInSession = false;
      if (this.#takeUp(partition, nowMs)) ready.push(partition);
    }
    this.#touched.clear();
    this.#inSession = Math.min(ready.length, NAMED_MAX);
    if (ready.length === 0) return null;
    const first = this.#fullFrom % ready.length;
    const isPart = ready.length > NAMED_MAX;
    this.#fullFrom = first + (isPart ? NAMED_MAX : 1);
    const inOrder = [...ready.slice(first), ...ready.slice(0, first)];
    const asked = inOrder.slice(0, NAMED_MAX);
    for (const partition of asked) partition.ask();
    for (const partition of inOrder.slice(NAMED_MAX)) this.#touched.add(partition);
    return { sessionId: this.#id, sessionEpoch: FULL, asked, forgotten: [], isPart };
  }

  /** Whether it is asked about now. One that is left is not known any more. */
  #takeUp(partition: FollowedPartition, nowMs: number): boolean {
    const { topicId, index, fetched } = partition;
    if (partition.isReady(nowMs)) {
      if (!this.#isHeldBack(partition)) return true;
      fetched!.waitsUntilMs = nowMs + THROTTLED_MS;
    }
    if (partition.isLeft || partition.mirror.removed) this.#partitions.delete(topicId, index);
    else if (fetched !== null && !partition.isOver) this.#waiting.add(partition);
    return false;
  }

  /** A throttled replica waits, but not one in sync: it would fall out of sync. */
  #isHeldBack({ topicId, index, isCaughtUp }: FollowedPartition): boolean {
    return !isCaughtUp && this.#throttle.isExceeded && this.#throttle.concerns(topicId, index);
  }

  #lookAround(nowMs: number): void {
    for (const partition of this.#waiting) {
      if (!partition.isOver && (partition.fetched?.waitsUntilMs ?? 0) > nowMs) continue;
      this.#waiting.delete(partition);
      this.touch(partition);
    }
    if (nowMs - this.#lookMs < LOOK_MS) return;
    this.#lookMs = nowMs;
    for (const partition of this.#partitions.values()) {
      if (partition.isStartMoved || partition.isOver) this.#touched.add(partition);
    }
  }

  /** For how long nothing that waits is due. */
  idleMs(nowMs: number): number {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const { fetched } of this.#waiting)
      dueMs = Math.min(dueMs, fetched?.waitsUntilMs ?? dueMs);
    return Math.max(0, dueMs - nowMs);
  }

  /** The answer to the last request, which was not about other partitions than that. */
  answered(answer: FetchResponse): SessionVerdict {
    const isFull = this.#epoch === FULL;
    if (answer.errorCode !== ERROR.NONE) {
      this.#epoch = FULL;
      if (answer.errorCode === ERROR.FETCH_SESSION_ID_NOT_FOUND) this.#id = NO_SESSION;
      else if (answer.errorCode !== ERROR.INVALID_FETCH_SESSION_EPOCH) return 'back-off';
      return isFull ? 'back-off' : 'ask-again';
    }
    const named = this.#namedIn(answer);
    if (named < 0 || (isFull && named !== this.#inSession)) {
      this.#epoch = FULL;
      if (isFull) this.#id = NO_SESSION;
      return 'back-off';
    }
    this.#id = answer.sessionId;
    if (answer.sessionId === NO_SESSION) this.#epoch = FULL;
    else if (isFull) this.#epoch = FIRST_EPOCH;
    else this.#epoch = this.#epoch === INT32_MAX ? FIRST_EPOCH : this.#epoch + 1;
    return 'take';
  }

  /** How many partitions it is about; -1 where one of them was not asked about. */
  #namedIn({ responses }: FetchResponse): number {
    let count = 0;
    for (const { topicId, partitions } of responses) {
      for (const { partitionIndex } of partitions) {
        if (this.#partitions.get(topicId, partitionIndex)?.isInSession !== true) return -1;
        count++;
      }
    }
    return count;
  }
}
