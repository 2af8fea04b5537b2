import { inBackground } from '../../base/in-background.ts';
import { logFailure } from '../../base/log-failure.ts';
import { NO_LEADER } from '../../metadata/image.ts';
import type { CopiedPartition } from '../metrics/cluster-report.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import { fetcherNumber } from './fetcher-number.ts';
import type { FollowedPartition } from './followed-partition.ts';
import { LeaderFetcher } from './leader-fetcher.ts';
import type { LeaderPeers } from './leader-peers.ts';
import { LogTails } from './log-tails.ts';
import type { ReplicaFetchingServices } from './replica-services.ts';

interface Following {
  readonly fetcher: LeaderFetcher;
  readonly leaderEpoch: number;
  readonly partition: FollowedPartition;
}

/** What one fetcher is to follow. */
interface Share {
  readonly leaderId: number;
  /** Of the fetchers that share what a leader leads. */
  readonly number: number;
  readonly mirrors: PartitionMirror[];
}

/** Copies the partitions that other brokers lead. */
export class ReplicaFetching {
  readonly #services: ReplicaFetchingServices;
  readonly #tails: LogTails;
  /** By leader and number. */
  readonly #fetchers = new Map<string, LeaderFetcher>();
  /** By the number of the fetcher. */
  readonly #peers = new Map<number, LeaderPeers>();
  readonly #following = new WeakMap<PartitionMirror, Following>();
  readonly #runs: Promise<void>[] = [];
  #isClosed = false;

  constructor(services: ReplicaFetchingServices) {
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
    const shares = new Map<string, Share>();
    for (const mirror of mirrors) {
      const leaderId = leaderToFollow(mirror);
      const known = this.#following.get(mirror);
      const isSame = known?.fetcher.leaderId === leaderId;
      if (isSame && known.leaderEpoch === mirror.leaderEpoch) continue;
      if (known !== undefined && !isSame) known.fetcher.leave(known.partition);
      if (leaderId === NO_LEADER) this.#following.delete(mirror);
      else this.#share(shares, leaderId, mirror);
    }
    for (const [key, share] of shares) this.#follow(key, share);
  }

  #share(shares: Map<string, Share>, leaderId: number, mirror: PartitionMirror): void {
    const { settings } = this.#services;
    const number = fetcherNumber(mirror.topic, mirror.index, settings.fetchers);
    const key = `${leaderId} ${number}`;
    const known = shares.get(key);
    if (known === undefined) shares.set(key, { leaderId, number, mirrors: [mirror] });
    else known.mirrors.push(mirror);
  }

  #follow(key: string, share: Share): void {
    const fetcher = this.#fetchers.get(key) ?? this.#start(key, share);
    for (const partition of fetcher.follow(share.mirrors)) {
      const { mirror, leaderEpoch } = partition;
      this.#following.set(mirror, { fetcher, leaderEpoch, partition });
    }
  }

  #start(key: string, { leaderId, number }: Share): LeaderFetcher {
    const services = { ...this.#services, peers: this.#peersOf(number) };
    const fetcher = new LeaderFetcher(leaderId, services, this.#tails);
    this.#fetchers.set(key, fetcher);
    const onFailure = logFailure(this.#services.logger, `following broker ${leaderId}`);
    this.#runs.push(inBackground(fetcher.run(), onFailure));
    return fetcher;
  }

  #peersOf(number: number): LeaderPeers {
    const peers = this.#peers.get(number) ?? this.#services.peersOf(number);
    this.#peers.set(number, peers);
    return peers;
  }

  /** Resolves when nothing is asked or appended any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tails.close();
    for (const fetcher of this.#fetchers.values()) fetcher.close();
    for (const peers of this.#peers.values()) peers.close();
    await Promise.all(this.#runs);
  }
}

/** NO_LEADER where there is nobody to follow. */
function leaderToFollow({ isLeader, leaderId, removed, offlineReason }: PartitionMirror): number {
  return isLeader || removed || offlineReason !== '' ? NO_LEADER : leaderId;
}
