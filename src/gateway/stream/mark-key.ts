import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';

/**
 * The key of a delivery mark. It has the topic's id, because a topic that is made again under the
 * same name has other records.
 */
export function markKey({ topicId, index }: PartitionMirror): string {
  return `${topicId}/${index}`;
}
