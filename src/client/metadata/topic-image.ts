import type { MetadataResponseTopic } from '../../protocol/schema/03-metadata.ts';

/** What the client knows of a partition: its leader and its replicas. */
export interface PartitionImage {
  readonly partition: number;
  /** -1 where it has no leader now. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly offline: readonly number[];
}

/** A topic as the last metadata had it. */
export interface TopicImage {
  readonly name: string;
  /** ZERO_UUID where the broker knows no ids. */
  readonly id: string;
  /** Other than 0, there are no partitions. */
  readonly errorCode: number;
  readonly isInternal: boolean;
  /** By number, without a gap. */
  readonly partitions: readonly PartitionImage[];
}

/**
 * A topic out of an answer. What is known of a partition stays where the answer is older: brokers
 * learn of a new leader one after the other.
 */
export function topicImage(
  answered: MetadataResponseTopic,
  known: TopicImage | undefined,
): TopicImage {
  const isSame = known !== undefined && known.id === answered.topicId;
  const partitions = answered.partitions.map((each): PartitionImage => {
    const before = isSame ? known.partitions[each.partitionIndex] : undefined;
    if (before !== undefined && before.leaderEpoch > each.leaderEpoch && each.leaderEpoch >= 0) {
      return before;
    }
    return {
      partition: each.partitionIndex,
      leader: each.leaderId,
      leaderEpoch: each.leaderEpoch,
      replicas: each.replicaNodes,
      isr: each.isrNodes,
      offline: each.offlineReplicas,
    };
  });
  partitions.sort((one, other) => one.partition - other.partition);
  return {
    name: answered.name ?? '',
    id: answered.topicId,
    errorCode: answered.errorCode,
    isInternal: answered.isInternal,
    partitions,
  };
}

/** The topic with another leader of one partition. */
export function withLeader(
  topic: TopicImage,
  partition: number,
  leader: number,
  leaderEpoch: number,
): TopicImage {
  const partitions = [...topic.partitions];
  partitions[partition] = { ...partitions[partition]!, leader, leaderEpoch };
  return { ...topic, partitions };
}
