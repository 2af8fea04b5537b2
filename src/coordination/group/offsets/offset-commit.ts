import { ERROR } from '../../../base/kafka-errors.ts';
import type {
  OffsetCommitRequest,
  OffsetCommitResponse,
} from '../../../protocol/schema/08-offset-commit.ts';
import type { Unthrottled } from '../../../protocol/throttle-time.ts';
import { CLASSIC_STATE, ClassicGroup } from '../classic/classic-group.ts';
import { renewSession } from '../classic/classic-rebalance.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { hasRoomForGroup } from '../group-bounds.ts';
import type { CommitTopic } from './commit-topics.ts';
import {
  commitPartitions,
  commitTopicById,
  commitTopicByName,
  committable,
  isForGroup,
} from './commit-topics.ts';
import { consumerCommitError } from './consumer-offsets.ts';
import { offsetCommitRecord } from './offset-records.ts';
import { streamsCommitError } from './streams-offsets.ts';

/** From this version on topics are named by id. */
const TOPIC_ID_VERSION = 10;
/** From this version on a client can tell a missing group from an old generation. */
const GROUP_NOT_FOUND_VERSION = 9;
const DEFAULT_RETENTION_MS = -1;

export function commitOffsets(
  state: CoordinatorState,
  version: number,
  request: OffsetCommitRequest,
): Unthrottled<OffsetCommitResponse> {
  const topics = request.topics.map(({ name, topicId, partitions }) =>
    version >= TOPIC_ID_VERSION
      ? commitTopicById(state, topicId, partitions)
      : commitTopicByName(state, name, partitions),
  );
  let groupError: number = ERROR.NONE;
  if (isForGroup(topics)) groupError = commitError(state, version, request, topics);
  const { groupId, retentionTimeMs } = request;
  const expireMs = retentionTimeMs === DEFAULT_RETENTION_MS ? -1 : state.wallMs + retentionTimeMs;
  const answers = topics.map((topic) => {
    const { name, topicId } = topic;
    const partitions = commitPartitions(state, topic, groupError, expireMs, (index, committed) => {
      state.persist(offsetCommitRecord(groupId, name, index, committed));
      state.offsets.put(groupId, name, index, committed);
    });
    return { name, topicId, partitions };
  });
  return { topics: answers };
}

/** Why the group refuses the commit as a whole, or NONE. */
function commitError(
  state: CoordinatorState,
  version: number,
  request: OffsetCommitRequest,
  topics: readonly CommitTopic[],
): number {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = request;
  let group = state.groups.get(groupId);
  if (group === undefined) {
    if (generationId >= 0) {
      return version >= GROUP_NOT_FOUND_VERSION
        ? ERROR.GROUP_ID_NOT_FOUND
        : ERROR.ILLEGAL_GENERATION;
    }
    if (!hasRoomForGroup(state)) return ERROR.GROUP_MAX_SIZE_REACHED;
    // A client without membership only stores its offsets. Its group exists as long as they do.
    group = new ClassicGroup(groupId, state.wallMs);
    state.groups.set(groupId, group);
  }
  if (group.type === 'consumer') {
    return consumerCommitError(group, version, request, () => committable(state, topics));
  }
  if (group.type === 'streams') return streamsCommitError(group, version, request, topics);
  const errorCode = classicCommitError(group, memberId, groupInstanceId, generationId);
  if (errorCode !== ERROR.NONE) return errorCode;
  if (group.isIn(CLASSIC_STATE.stable, CLASSIC_STATE.preparingRebalance)) {
    // A commit renews the member's session as a heartbeat does.
    renewSession(state, group, group.members.get(memberId)!);
  }
  return ERROR.NONE;
}

export function classicCommitError(
  group: ClassicGroup,
  memberId: string,
  instanceId: string | null,
  generationId: number,
): number {
  if (generationId < 0 && group.isEmpty) return ERROR.NONE;
  if (generationId < 0 && memberId === '' && instanceId === null) return ERROR.UNKNOWN_MEMBER_ID;
  const errorCode = group.memberError(memberId, instanceId);
  if (errorCode !== ERROR.NONE) return errorCode;
  if (generationId !== group.generationId) return ERROR.ILLEGAL_GENERATION;
  // The member knows the new generation and not yet its assignment.
  return group.isIn(CLASSIC_STATE.completingRebalance) ? ERROR.REBALANCE_IN_PROGRESS : ERROR.NONE;
}
