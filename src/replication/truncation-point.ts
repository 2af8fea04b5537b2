/** Where the leader epochs of a log end. */
export interface EpochEnds {
  /** The epoch and end offset that the last endOffsetFor() found; -1 and -1 where none is known. */
  readonly foundEpoch: number;
  readonly foundEndOffset: number;
  /** Looks for the largest epoch not above `epoch`. */
  endOffsetFor(epoch: number, logEndOffset: number): void;
}

const UNKNOWN = -1;

/**
 * Where a follower cuts its log after the leader said in which epoch they last agreed and where the
 * leader's batches of it end. Where the follower does not know that epoch, it cuts all above the
 * next lower one and asks again: the leader then speaks of an earlier epoch (KIP-279).
 */
export function truncationPoint(
  epochs: EpochEnds,
  logEndOffset: number,
  leaderEpoch: number,
  leaderEndOffset: number,
): number {
  epochs.endOffsetFor(leaderEpoch, logEndOffset);
  const { foundEpoch, foundEndOffset } = epochs;
  if (foundEndOffset === UNKNOWN) return Math.min(leaderEndOffset, logEndOffset);
  if (foundEpoch !== leaderEpoch) return Math.min(foundEndOffset, logEndOffset);
  return Math.min(foundEndOffset, leaderEndOffset, logEndOffset);
}
