import { NO_BROKER_EPOCH } from './replication-context.ts';

const NOT_HEARD_OF = -1;
const NEVER = Number.NEGATIVE_INFINITY;

/** What a leader knows of one follower. */
export class ReplicaProgress {
  readonly id: number;
  /** The follower has all below it. */
  endOffset = NOT_HEARD_OF;
  startOffset = NOT_HEARD_OF;
  /** The last time at which it had all that the leader had. */
  lastCaughtUpMs = NEVER;
  hasFetched = false;
  /** The registration that its last fetch was made under. */
  brokerEpoch = NO_BROKER_EPOCH;
  /** In sync, or proposed to be. The high watermark waits for it. */
  counts = false;
  #lastFetchMs = NEVER;
  /** Where the leader's log ended at the last fetch. */
  #leaderEndAtFetch = NOT_HEARD_OF;

  constructor(id: number) {
    this.id = id;
  }

  /** The node was elected, for the first time or again. What is in sync counts as caught up. */
  elected(isInSync: boolean, leaderEnd: number, nowMs: number, before: ReplicaProgress | null) {
    this.lastCaughtUpMs = isInSync ? nowMs : NEVER;
    if (before === null) return;
    this.endOffset = before.endOffset;
    this.startOffset = before.startOffset;
    this.hasFetched = before.hasFetched;
    this.brokerEpoch = before.brokerEpoch;
    this.#leaderEndAtFetch = leaderEnd;
    this.#lastFetchMs = isInSync ? nowMs : NEVER;
  }

  /**
   * It asks for what is behind `offset`. Who fetches up to where the leader's log ended when it
   * fetched last, had caught up then: a follower of a busy leader is never at its very end.
   */
  fetched(
    offset: number,
    startOffset: number,
    leaderEnd: number,
    brokerEpoch: number,
    nowMs: number,
  ): void {
    if (offset >= leaderEnd) this.#caughtUp(nowMs);
    else if (offset >= this.#leaderEndAtFetch) this.#caughtUp(this.#lastFetchMs);
    this.startOffset = startOffset;
    this.endOffset = offset;
    this.#leaderEndAtFetch = Math.max(leaderEnd, this.#leaderEndAtFetch);
    this.#lastFetchMs = nowMs;
    this.brokerEpoch = brokerEpoch;
    this.hasFetched = true;
  }

  #caughtUp(atMs: number): void {
    if (atMs > this.lastCaughtUpMs) this.lastCaughtUpMs = atMs;
  }

  /** It was at the leader's end not longer ago than the lag that is allowed. */
  isCaughtUp(leaderEnd: number, nowMs: number, lagTimeMaxMs: number): boolean {
    return this.endOffset === leaderEnd || nowMs - this.lastCaughtUpMs <= lagTimeMaxMs;
  }
}
