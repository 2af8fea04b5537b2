import { errorMessage } from '../base/kafka-error-texts.ts';
import { ERROR } from '../base/kafka-errors.ts';
import type { MetadataImage } from './image.ts';
import { errorOfReplicas } from './plan-topics.ts';
import { type Refusal, refusal } from './refusal.ts';

/** ElectLeaders on a node that decides alone: every partition has one replica, which leads. */
export function planElection(image: MetadataImage, topic: string, partition: number): Refusal {
  if (image.topicsByName.get(topic)?.partitions[partition] === undefined) {
    const message = `No such partition as ${topic}-${partition}`;
    return refusal(ERROR.UNKNOWN_TOPIC_OR_PARTITION, message);
  }
  const message = 'Leader election not needed for topic partition.';
  return refusal(ERROR.ELECTION_NOT_NEEDED, message);
}

/** AlterPartitionReassignments on a node that decides alone: only this node can hold a replica. */
export function planReassignment(
  image: MetadataImage,
  topic: string,
  partition: number,
  replicas: readonly number[] | null,
): Refusal | null {
  const { UNKNOWN_TOPIC_OR_PARTITION, NO_REASSIGNMENT_IN_PROGRESS } = ERROR;
  if (image.topicsByName.get(topic)?.partitions[partition] === undefined) {
    return refusal(UNKNOWN_TOPIC_OR_PARTITION, errorMessage(UNKNOWN_TOPIC_OR_PARTITION));
  }
  if (replicas === null) {
    return refusal(NO_REASSIGNMENT_IN_PROGRESS, errorMessage(NO_REASSIGNMENT_IN_PROGRESS));
  }
  return errorOfReplicas(image, replicas);
}
