import { inBackground } from '../../base/in-background.ts';
import { logFailure } from '../../base/log-failure.ts';
import { NO_LEADER } from '../../metadata/image.ts';
import type { CopiedPartition } from '../metrics/cluster-report.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { FollowedPartition } from './followed-partition.ts';
import { LeaderFetcher } from './leader-fetcher.ts';
import { LogTails } from './log-tails.ts';
import type { ReplicaServices } from './replica-services.ts';

interface Following {
  readonly fetcher: LeaderFetcher;
  readonly leaderEpoch: number;
  readonly partition: FollowedPartition;
}

/** Copies the partitions that other brokers lead. */
export class ReplicaFetching {
  readonly #services: ReplicaServices;
  readonly #tails: LogTails;
  readonly #fetchers = new Map<number, LeaderFetcher>();
  readonly #following = new WeakMap<PartitionMirror, Following>();
  readonly #runs: Promise<void>[] = [];
  #isClosed = false;

  constructor(services: ReplicaServices) {
    this.#services = services;
    this.#tails = new LogTails(services);
  }

  *copied(): IterableIterator<CopiedPartition> {
    for (const fetcher of this.#fetchers.values()) {
      for (const { mirror, lag, isLeft } of fetcher.followed()) {
        const { topic, index } = mirror;
        if (!isLeft) yield { topic, index, leaderId: fetcher.leaderId, lag };
      }
    }
  }

  /** The workers have taken the roles that these mirrors have. */
  elected(mirrors: readonly PartitionMirror[]): void {
    if (this.#isClosed) return;
    const byLeader = new Map<number, PartitionMirror[]>();
    for (const mirror of mirrors) {
      const leaderId = leaderToFollow(mirror);
      const known = this.#following.get(mirror);
      const isSame = known?.fetcher.leaderId === leaderId;
      if (isSame && known.leaderEpoch === mirror.leaderEpoch) continue;
      if (known !== undefined && !isSame) known.fetcher.leave(known.partition);
      if (leaderId === NO_LEADER) this.#following.delete(mirror);
      else if (byLeader.has(leaderId)) byLeader.get(leaderId)!.push(mirror);
      else byLeader.set(leaderId, [mirror]);
    }
    for (const [leaderId, followed] of byLeader) this.#follow(leaderId, followed);
  }

  #follow(leaderId: number, mirrors: readonly PartitionMirror[]): void {
    const fetcher = this.#fetchers.get(leaderId) ?? this.#start(leaderId);
    for (const partition of fetcher.follow(mirrors)) {
      const { mirror, leaderEpoch } = partition;
      this.#following.set(mirror, { fetcher, leaderEpoch, partition });
    }
  }

  #start(leaderId: number): LeaderFetcher {
    const fetcher = new LeaderFetcher(leaderId, this.#services, this.#tails);
    this.#fetchers.set(leaderId, fetcher);
    const onFailure = logFailure(this.#services.logger, `following broker ${leaderId}`);
    this.#runs.push(inBackground(fetcher.run(), onFailure));
    return fetcher;
  }

  /** Resolves when nothing is asked or appended any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tails.close();
    for (const fetcher of this.#fetchers.values()) fetcher.close();
    this.#services.peers.close();
    await Promise.all(this.#runs);
  }
}

/** NO_LEADER where there is nobody to follow. */
function leaderToFollow({ isLeader, leaderId, removed, offlineReason }: PartitionMirror): number {
  return isLeader || removed || offlineReason !== '' ? NO_LEADER : leaderId;
}
