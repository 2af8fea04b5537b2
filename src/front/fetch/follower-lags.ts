import type { Partitions } from '../partitions/partitions.ts';
import type { FetchSessions } from './fetch-sessions.ts';

/** How far another broker is behind in a partition that this one leads. */
export interface FollowerLag {
  readonly followerId: number;
  readonly topic: string;
  readonly index: number;
  /** How many records of this log it does not have. */
  readonly lag: number;
}

/** The lags of followers that have fetched, as their last fetches tell them. */
export function followerLags(
  { ofFollowers }: FetchSessions,
  partitions: Pick<Partitions, 'topicById'>,
): readonly FollowerLag[] {
  const lags = new Map<string, FollowerLag>();
  // A follower that starts anew leaves a session behind. The one that was used last counts.
  for (const { followerId, targets } of ofFollowers.all()) {
    for (const { topicId, index, fetchOffset } of targets.values()) {
      const mirror = partitions.topicById(topicId)?.partitions[index] ?? null;
      if (mirror === null || !mirror.isLeader) continue;
      const lag = Math.max(0, mirror.logEndOffset - fetchOffset);
      lags.set(`${followerId} ${topicId} ${index}`, {
        followerId,
        topic: mirror.topic,
        index,
        lag,
      });
    }
  }
  return [...lags.values()];
}
