import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';

/** Whose records were delivered. Not by name: those of a topic that is made again are others. */
export function markKey({ topicId, index }: PartitionMirror): string {
  return `${topicId}/${index}`;
}
