import { ERROR } from '../../../base/kafka-errors.ts';
import type {
  OffsetDeleteRequest,
  OffsetDeleteResponse,
} from '../../../protocol/schema/47-offset-delete.ts';
import type { Unthrottled } from '../../../protocol/throttle-time.ts';
import type { ClassicGroup } from '../classic/classic-group.ts';
import { CLASSIC_STATE } from '../classic/classic-group.ts';
import type { CoordinatorState, Group } from '../coordinator-state.ts';
import { deleteGroupRecords } from '../group-deletion.ts';
import { ZERO_UUID } from '../topic-view.ts';
import type { CommittedOffset } from './offset-store.ts';
import { removeOffset } from './offset-tombstone.ts';

export function deleteOffsets(
  state: CoordinatorState,
  request: OffsetDeleteRequest,
): Unthrottled<OffsetDeleteResponse> {
  const group = state.groups.get(request.groupId);
  let errorCode: number = ERROR.NONE;
  if (request.groupId === '') errorCode = ERROR.INVALID_GROUP_ID;
  else if (group === undefined) errorCode = ERROR.GROUP_ID_NOT_FOUND;
  else if (isBusyWithOtherProtocol(group)) errorCode = ERROR.NON_EMPTY_GROUP;
  if (errorCode !== ERROR.NONE) return { errorCode, topics: [] };
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode: deleteOffset(state, group!, name, partitionIndex),
    })),
  }));
  return { errorCode, topics };
}

/**
 * The broker does not know what members of another protocol type read, so it deletes none of their
 * offsets.
 */
function isBusyWithOtherProtocol(group: Group): boolean {
  return group.type === 'classic' && !group.isEmpty && !group.usesConsumerProtocol;
}

function deleteOffset(
  state: CoordinatorState,
  group: Group,
  topic: string,
  partition: number,
): number {
  const { offsets, topics } = state;
  if (partition < 0 || partition >= topics.partitionCount(topic)) {
    return ERROR.UNKNOWN_TOPIC_OR_PARTITION;
  }
  if (group.isSubscribedTo(topic)) return ERROR.GROUP_SUBSCRIBED_TO_TOPIC;
  if (
    offsets.get(group.groupId, topic, partition) !== undefined ||
    offsets.hasPending(group.groupId, topic, partition)
  ) {
    removeOffset(state, group.groupId, topic, partition);
  }
  return ERROR.NONE;
}

/** Deletes the offsets of a deleted topic. Those of a later topic of the same name stay. */
export function deleteOffsetsOfTopic(
  state: CoordinatorState,
  topic: string,
  topicId: string,
): void {
  for (const entry of [...state.offsets.offsetsOfTopic(topic)]) {
    if (entry.topicId !== ZERO_UUID && entry.topicId !== topicId) continue;
    removeOffset(state, entry.groupId, topic, entry.partition);
  }
}

/** Deletes offsets whose retention time is over, and groups that have nothing left. */
export function expireOffsets(state: CoordinatorState): void {
  for (const group of [...state.groups.values()]) {
    if (!expireOffsetsOf(state, group)) continue;
    if (!group.isEmpty || state.offsets.groupHasPending(group.groupId)) continue;
    deleteGroupRecords(state, group);
  }
}

/** True where the group has no offset left. */
function expireOffsetsOf(state: CoordinatorState, group: Group): boolean {
  const topics = state.offsets.ofGroup(group.groupId);
  if (topics === undefined) return true;
  const baseMsOf = expiryBase(group);
  if (baseMsOf === null) return false;
  let isAllGone = true;
  for (const [topic, partitions] of [...topics]) {
    if (group.isSubscribedTo(topic)) {
      isAllGone = false;
      continue;
    }
    for (const [partition, committed] of [...partitions]) {
      if (
        isExpired(state, committed, baseMsOf(committed)) &&
        !state.offsets.hasPending(group.groupId, topic, partition)
      ) {
        removeOffset(state, group.groupId, topic, partition);
      } else {
        isAllGone = false;
      }
    }
  }
  return isAllGone;
}

function isExpired(state: CoordinatorState, committed: CommittedOffset, baseMs: number): boolean {
  if (committed.expireMs !== -1) return state.wallMs >= committed.expireMs;
  return state.wallMs - baseMs >= state.settings.offsetsRetentionMs;
}

/** From when the retention of an offset counts; null where nothing of the group expires now. */
function expiryBase(group: Group): ((committed: CommittedOffset) => number) | null {
  const sinceCommit = ({ commitMs }: CommittedOffset) => commitMs;
  if (group.type !== 'classic' || group.protocolType === null) return sinceCommit;
  if (group.isEmpty) return sinceEmpty(group);
  const knowsTopics = group.usesConsumerProtocol && group.subscribedTopics !== null;
  return knowsTopics && group.isIn(CLASSIC_STATE.stable) ? sinceCommit : null;
}

function sinceEmpty(group: ClassicGroup): (committed: CommittedOffset) => number {
  const { stateTimestampMs } = group;
  return ({ commitMs }) => (stateTimestampMs === -1 ? commitMs : stateTimestampMs);
}
