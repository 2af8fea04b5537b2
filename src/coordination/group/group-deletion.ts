import { ERROR } from '../../base/kafka-errors.ts';
import type {
  DeleteGroupsRequest,
  DeleteGroupsResponse,
} from '../../protocol/schema/42-delete-groups.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { ClassicGroup } from './classic/classic-group.ts';
import { consumerGroupTombstones } from './consumer/consumer-records.ts';
import type { CoordinatorState, Group } from './coordinator-state.ts';
import { groupTombstone } from './group-records.ts';
import { removeOffset } from './offsets/offset-tombstone.ts';
import { streamsGroupTombstones } from './streams/streams-records.ts';

export function deleteGroups(
  state: CoordinatorState,
  request: DeleteGroupsRequest,
): Unthrottled<DeleteGroupsResponse> {
  const results = request.groupsNames.map((groupId) => ({
    groupId,
    errorCode: deleteGroup(state, groupId),
  }));
  return { results };
}

function deleteGroup(state: CoordinatorState, groupId: string): number {
  const group = state.groups.get(groupId);
  if (group === undefined) return ERROR.GROUP_ID_NOT_FOUND;
  if (!group.isEmpty) return ERROR.NON_EMPTY_GROUP;
  for (const { topic, partition } of [...state.offsets.partitionsOf(groupId)]) {
    removeOffset(state, groupId, topic, partition);
  }
  deleteGroupRecords(state, group);
  return ERROR.NONE;
}

/** Forgets a group whose offsets are gone already. */
export function deleteGroupRecords(state: CoordinatorState, group: Group): void {
  if (group.type === 'classic') {
    state.persist(groupTombstone(group.groupId));
    cancelClassicDeadlines(state, group);
  } else if (group.type === 'consumer') {
    for (const record of consumerGroupTombstones(group)) state.persist(record);
  } else {
    for (const record of streamsGroupTombstones(group)) state.persist(record);
    state.cancel(group.initialDelay);
  }
  state.groups.delete(group.groupId);
}

export function cancelClassicDeadlines(state: CoordinatorState, group: ClassicGroup): void {
  state.cancel(group.joinDeadline);
  state.cancel(group.syncDeadline);
  for (const deadline of group.pendingJoins.values()) state.cancel(deadline);
  for (const member of group.members.values()) state.cancel(member.session);
}
