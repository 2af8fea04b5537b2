import { ERROR } from '../../../base/kafka-errors.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { ZERO_UUID } from '../topic-view.ts';
import type { CommittedOffset } from './offset-store.ts';

/** What a commit says of a partition. */
export interface CommitPartition {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}

/** A topic of a commit under both its names; an error and no partitions where it is not known. */
export interface CommitTopic {
  readonly name: string;
  readonly topicId: string;
  readonly errorCode: number;
  readonly partitionCount: number;
  readonly partitions: readonly CommitPartition[];
}

export function commitTopicByName(
  state: CoordinatorState,
  name: string,
  partitions: readonly CommitPartition[],
): CommitTopic {
  const topicId = state.topics.topicId(name);
  const isKnown = topicId !== undefined;
  return {
    name,
    topicId: topicId ?? ZERO_UUID,
    errorCode: isKnown ? ERROR.NONE : ERROR.UNKNOWN_TOPIC_OR_PARTITION,
    partitionCount: isKnown ? state.topics.partitionCount(name) : 0,
    partitions,
  };
}

export function commitTopicById(
  state: CoordinatorState,
  topicId: string,
  partitions: readonly CommitPartition[],
): CommitTopic {
  const name = state.topics.topicName(topicId);
  const isKnown = name !== undefined;
  return {
    name: name ?? '',
    topicId,
    errorCode: isKnown ? ERROR.NONE : ERROR.UNKNOWN_TOPIC_ID,
    partitionCount: isKnown ? state.topics.partitionCount(name) : 0,
    partitions,
  };
}

function exists(topic: CommitTopic, { partitionIndex }: CommitPartition): boolean {
  return partitionIndex >= 0 && partitionIndex < topic.partitionCount;
}

function isTooLarge(state: CoordinatorState, metadata: string | null): boolean {
  return metadata !== null && metadata.length > state.settings.offsetMetadataMaxBytes;
}

/**
 * Whether the group must agree to the commit. As in Kafka, it is not asked if no topic of the
 * commit exists.
 */
export function isForGroup(topics: readonly CommitTopic[]): boolean {
  return topics.some((topic) => topic.partitions.some((partition) => exists(topic, partition)));
}

/** The partitions that will be committed if the group agrees. */
export function* committable(
  state: CoordinatorState,
  topics: readonly CommitTopic[],
): Iterable<{ topicId: string; partition: number }> {
  for (const topic of topics) {
    for (const partition of topic.partitions) {
      if (!exists(topic, partition) || isTooLarge(state, partition.committedMetadata)) continue;
      yield { topicId: topic.topicId, partition: partition.partitionIndex };
    }
  }
}

/** Answers for each partition of a topic, and calls `commit` for those without an error. */
export function commitPartitions(
  state: CoordinatorState,
  topic: CommitTopic,
  groupError: number,
  expireMs: number,
  commit: (partition: number, committed: CommittedOffset) => void,
): { partitionIndex: number; errorCode: number }[] {
  const answers: { partitionIndex: number; errorCode: number }[] = [];
  for (const asked of topic.partitions) {
    const { partitionIndex } = asked;
    const errorCode = commitPartitionError(state, topic, asked, groupError);
    answers.push({ partitionIndex, errorCode });
    if (errorCode !== ERROR.NONE) continue;
    commit(partitionIndex, {
      offset: asked.committedOffset,
      leaderEpoch: asked.committedLeaderEpoch,
      metadata: asked.committedMetadata ?? '',
      commitMs: state.wallMs,
      expireMs,
      topicId: topic.topicId,
      sequence: 0,
    });
  }
  return answers;
}

/** NONE, or why this one partition is not committed. */
function commitPartitionError(
  state: CoordinatorState,
  topic: CommitTopic,
  partition: CommitPartition,
  groupError: number,
): number {
  if (topic.errorCode !== ERROR.NONE) return topic.errorCode;
  if (!exists(topic, partition)) return ERROR.UNKNOWN_TOPIC_OR_PARTITION;
  if (groupError !== ERROR.NONE) return groupError;
  const isLarge = isTooLarge(state, partition.committedMetadata);
  return isLarge ? ERROR.OFFSET_METADATA_TOO_LARGE : ERROR.NONE;
}
