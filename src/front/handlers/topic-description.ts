import { ERROR } from '../../base/kafka-errors.ts';
import type { PartitionMetadata, TopicMetadata } from '../../metadata/image.ts';
import type { Services } from '../requests/front-services.ts';
import { OPERATIONS_NOT_ASKED } from './authorized-operations.ts';

/** Topics as both Metadata and DescribeTopicPartitions describe them. */

export interface PartitionDescription {
  errorCode: number;
  partitionIndex: number;
  leaderId: number;
  leaderEpoch: number;
  replicaNodes: number[];
  isrNodes: number[];
  offlineReplicas: number[];
}

/** A partition whose log failed has no leader. */
export function describePartitions(
  topic: TopicMetadata,
  partitions: readonly PartitionMetadata[],
  services: Services<'partitions'>,
): PartitionDescription[] {
  const mirrors = services.partitions.topicById(topic.id)?.partitions;
  return partitions.map((partition) => {
    const offline = (mirrors?.[partition.index]?.offlineReason ?? '') !== '';
    return {
      errorCode: offline ? ERROR.LEADER_NOT_AVAILABLE : 0,
      partitionIndex: partition.index,
      leaderId: offline ? -1 : partition.leader,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: [...partition.replicas],
      isrNodes: offline ? [] : [...partition.inSyncReplicas],
      offlineReplicas: offline ? [...partition.replicas] : [],
    };
  });
}

/** The answer for a topic that does not exist. Its name is null where it was asked for by id. */
export function unknownTopic<Name extends string | null>(
  name: Name,
  topicId: string,
  errorCode: number,
) {
  return {
    errorCode,
    name,
    topicId,
    isInternal: false,
    partitions: [],
    topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
  };
}
