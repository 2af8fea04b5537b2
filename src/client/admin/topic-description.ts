import type { API } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';
import type { MetadataResponseTopic } from '../../protocol/schema/03-metadata.ts';

/** One partition, as the metadata of the cluster has it. */
export interface PartitionDescription {
  readonly partition: number;
  /** -1 where there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly offline: readonly number[];
  /** Replicas that may lead although they are not in sync (KIP-966); null where not told. */
  readonly eligibleLeaders: readonly number[] | null;
  readonly lastKnownEligibleLeaders: readonly number[] | null;
}

/** A topic and all of its partitions by number. */
export interface TopicDescription {
  readonly name: string;
  /** All zeros from a broker that knows no ids. */
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly PartitionDescription[];
}

export function byPartition(one: PartitionDescription, other: PartitionDescription): number {
  return one.partition - other.partition;
}

/** Out of an answer to Metadata. */
export function fromMetadata(topic: MetadataResponseTopic): TopicDescription {
  const partitions = topic.partitions.map((each) => ({
    partition: each.partitionIndex,
    leader: each.leaderId,
    leaderEpoch: each.leaderEpoch,
    replicas: each.replicaNodes,
    isr: each.isrNodes,
    offline: each.offlineReplicas,
    eligibleLeaders: null,
    lastKnownEligibleLeaders: null,
  }));
  return {
    name: topic.name ?? '',
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    partitions: partitions.sort(byPartition),
  };
}

type TopicPage = ResponseOf<typeof API.DESCRIBE_TOPIC_PARTITIONS>['topics'][number];

/** Out of an answer to DescribeTopicPartitions. */
export function describedPartition(each: TopicPage['partitions'][number]): PartitionDescription {
  return {
    partition: each.partitionIndex,
    leader: each.leaderId,
    leaderEpoch: each.leaderEpoch,
    replicas: each.replicaNodes,
    isr: each.isrNodes,
    offline: each.offlineReplicas,
    eligibleLeaders: each.eligibleLeaderReplicas,
    lastKnownEligibleLeaders: each.lastKnownElr,
  };
}
