import { ERROR } from '../base/kafka-errors.ts';

/** What an answer of the leader asks the follower to do. */
export type FetchStep =
  /** It is about a question that is not the last one. */
  | 'ignore'
  | 'append'
  /** Cut the log to truncationPoint(), then `truncated`. */
  | 'truncate'
  /** Ask the leader where its log begins and ends, then `place`. */
  | 'ask-bounds'
  /** Ask again after a while. */
  | 'back-off'
  /** The leader has a newer epoch: nothing is asked until the metadata says so, too. */
  | 'await-metadata';

/** What the leader said of one partition in its answer. */
export interface FetchAnswer {
  readonly errorCode: number;
  /** -1 where the logs do not diverge. */
  readonly divergingEpoch: number;
}

/** Where a follower goes on when its offset is not in the leader's log. */
export interface Placing {
  readonly step: 'go-on' | 'truncate' | 'start-anew';
  readonly offset: number;
}

/**
 * What a follower asks its leader about one partition, for one leader epoch: the offset behind its
 * log, and the epoch of its last batch, by which the leader finds out whether the logs diverge.
 */
export class FetchedPartition {
  readonly leaderEpoch: number;
  fetchOffset: number;
  lastFetchedEpoch: number;
  /** It is not asked about before that time. */
  waitsUntilMs = Number.NEGATIVE_INFINITY;
  /** It is not asked about in this epoch any more. */
  isStopped = false;

  constructor(leaderEpoch: number, fetchOffset: number, lastFetchedEpoch: number) {
    this.leaderEpoch = leaderEpoch;
    this.fetchOffset = fetchOffset;
    this.lastFetchedEpoch = lastFetchedEpoch;
  }

  isReady(nowMs: number): boolean {
    return !this.isStopped && nowMs >= this.waitsUntilMs;
  }

  /** `askedOffset` and `askedEpoch` are those of the request. */
  answered(
    askedOffset: number,
    askedEpoch: number,
    { errorCode, divergingEpoch }: FetchAnswer,
  ): FetchStep {
    const isLast = askedOffset === this.fetchOffset && askedEpoch === this.leaderEpoch;
    if (this.isStopped || !isLast) return 'ignore';
    switch (errorCode) {
      case ERROR.NONE:
        return divergingEpoch >= 0 ? 'truncate' : 'append';
      case ERROR.OFFSET_OUT_OF_RANGE:
        return 'ask-bounds';
      case ERROR.FENCED_LEADER_EPOCH:
        this.isStopped = true;
        return 'await-metadata';
      default:
        return 'back-off';
    }
  }

  /** The log ends at `endOffset` now, with a batch of `epoch`: appended to, or cut. */
  logEndsAt(endOffset: number, epoch: number): void {
    this.fetchOffset = endOffset;
    this.lastFetchedEpoch = epoch;
  }

  /**
   * The log of the leader is [leaderStart, leaderEnd). Where it ends below ours, an unclean
   * election took what is above. Where it begins above, all that we have is gone there.
   */
  place(leaderStart: number, leaderEnd: number): Placing {
    const own = this.fetchOffset;
    if (leaderEnd < own) return { step: 'truncate', offset: leaderEnd };
    if (leaderStart > own) return { step: 'start-anew', offset: leaderStart };
    return { step: 'go-on', offset: own };
  }
}
