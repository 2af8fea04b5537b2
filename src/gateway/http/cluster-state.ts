import { type FollowerLag, followerLags } from '../../front/fetch/follower-lags.ts';
import type { ClusterReport } from '../../front/metrics/cluster-report.ts';
import type { Services } from '../../front/requests/front-services.ts';
import {
  type BrokerMetadata,
  type MetadataImage,
  NO_LEADER,
  type PartitionMetadata,
} from '../../metadata/image.ts';

type Needed = Services<'metadata' | 'partitions' | 'clock' | 'logDirs' | 'fetchSessions'>;

/** So many partitions are named of those that something is wrong with. */
const NAMED_MAX = 20;

/** A partition that something is wrong with. */
interface NamedPartition {
  readonly partition: string;
  readonly leader: number;
  readonly inSync: readonly number[];
  readonly replicas: readonly number[];
}

/** What the partitions of the cluster are like, and what each broker has of them. */
class Survey {
  partitions = 0;
  underReplicated = 0;
  underMinimum = 0;
  offline = 0;
  readonly leads = new Map<number, number>();
  readonly holds = new Map<number, number>();
  readonly #offline: NamedPartition[] = [];
  readonly #underMinimum: NamedPartition[] = [];
  readonly #underReplicated: NamedPartition[] = [];

  add(topic: string, metadata: PartitionMetadata, minInSync: number): void {
    const { index, leader, replicas, inSyncReplicas: inSync } = metadata;
    this.partitions++;
    count(this.leads, leader);
    for (const id of replicas) count(this.holds, id);
    const isOffline = leader === NO_LEADER;
    const isUnderMinimum = inSync.length < Math.min(minInSync, replicas.length);
    const isUnderReplicated = inSync.length < replicas.length;
    if (isOffline) this.offline++;
    if (isUnderMinimum) this.underMinimum++;
    if (isUnderReplicated) this.underReplicated++;
    if (!isOffline && !isUnderReplicated) return;
    const quiet = isUnderMinimum ? this.#underMinimum : this.#underReplicated;
    const named = isOffline ? this.#offline : quiet;
    if (named.length === NAMED_MAX) return;
    named.push({ partition: `${topic}-${index}`, leader, inSync, replicas });
  }

  /** The worst come first. */
  get worst(): readonly NamedPartition[] {
    const all = [...this.#offline, ...this.#underMinimum, ...this.#underReplicated];
    return all.slice(0, NAMED_MAX);
  }
}

/** What the page shows of the cluster that this broker is in. */
export function clusterState(front: Needed, report: ClusterReport): object {
  const { image, quorum } = front.metadata;
  const survey = surveyOf(front);
  const { partitions, underReplicated, underMinimum, offline, worst } = survey;
  return {
    clusterId: image.clusterId,
    nodeId: image.nodeId,
    isFenced: report.isFenced,
    controllers: {
      leaderId: quorum.leaderId,
      epoch: quorum.leaderEpoch,
      voters: quorum.voters,
      offset: quorum.highWatermark - 1,
      ageMs: Math.max(0, front.clock.wallMs() - report.metadataTimeMs),
    },
    brokers: brokersOf(image, survey),
    partitions: { count: partitions, underReplicated, underMinimum, offline, worst },
    inSyncChanges: report.inSyncCounts,
    followers: followersOf(followerLags(front.fetchSessions, front.partitions)),
    lostLogDirs: front.logDirs.all.filter(({ isLost }) => isLost).map(({ path }) => path),
  };
}

function surveyOf({ metadata, partitions }: Needed): Survey {
  const survey = new Survey();
  for (const topic of metadata.image.topicsByName.values()) {
    const minInSync = partitions.topicById(topic.id)?.config.minInSyncReplicas ?? 1;
    for (const partition of topic.partitions) survey.add(topic.name, partition, minInSync);
  }
  return survey;
}

function brokersOf(image: MetadataImage, { leads, holds }: Survey): object[] {
  const brokers = [...image.brokers.values()].sort((one, other) => one.id - other.id);
  return brokers.map((broker) => {
    const { id, rack } = broker;
    const [endpoint] = broker.endpoints.values();
    return {
      id,
      address: endpoint === undefined ? '' : `${endpoint.host}:${endpoint.port}`,
      rack,
      state: stateOf(broker),
      leaders: leads.get(id) ?? 0,
      replicas: holds.get(id) ?? 0,
    };
  });
}

function stateOf({ fenced, registration }: BrokerMetadata): 'leaving' | 'fenced' | 'active' {
  if (registration?.inControlledShutdown === true) return 'leaving';
  return fenced ? 'fenced' : 'active';
}

/** By broker: what all of its lags make together, and where the largest is. */
function followersOf(lags: readonly FollowerLag[]): object[] {
  const followers = new Map<number, { partitions: number; lag: number; worst: FollowerLag }>();
  for (const each of lags) {
    const known = followers.get(each.followerId);
    if (known === undefined) {
      followers.set(each.followerId, { partitions: 1, lag: each.lag, worst: each });
      continue;
    }
    known.partitions++;
    known.lag += each.lag;
    if (each.lag > known.worst.lag) known.worst = each;
  }
  return [...followers].map(([id, { partitions, lag, worst }]) => {
    return { id, partitions, lag, worst: lag === 0 ? '' : `${worst.topic}-${worst.index}` };
  });
}

function count(counts: Map<number, number>, id: number): void {
  counts.set(id, (counts.get(id) ?? 0) + 1);
}
