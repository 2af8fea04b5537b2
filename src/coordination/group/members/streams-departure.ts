import type { CoordinatorState } from '../coordinator-state.ts';
import { applyRecords } from '../replay.ts';
import {
  cancelRebalance,
  cancelStreamsDeadlines,
  setRebalance,
  setSession,
} from '../streams/streams-deadlines.ts';
import type { StreamsGroup } from '../streams/streams-group.ts';
import type { StreamsMember } from '../streams/streams-member.ts';
import { STREAMS_MEMBER_STATE } from '../streams/streams-member.ts';
import { streamsEpochRecord, streamsMemberTombstones } from '../streams/streams-records.ts';

/** The member's session starts again, because it has sent a request. */
export function renewStreamsMember(
  state: CoordinatorState,
  group: StreamsGroup,
  { memberId }: StreamsMember,
): void {
  setSession(state, group, memberId, fenceStreamsMember);
}

/** A member that must give up tasks has its rebalance timeout to do so. */
export function watchStreamsRevocation(
  state: CoordinatorState,
  group: StreamsGroup,
  member: StreamsMember,
): void {
  if (member.state === STREAMS_MEMBER_STATE.unrevokedTasks) {
    setRebalance(state, group, member, fenceStreamsMember);
  } else {
    cancelRebalance(state, group, member.memberId);
  }
}

/** Removes a member, whose tasks go to others. */
export function fenceStreamsMember(
  state: CoordinatorState,
  group: StreamsGroup,
  { memberId }: StreamsMember,
): void {
  const { groupId, metadataHash, validatedTopologyEpoch, assignmentConfigs } = group;
  const epoch = group.groupEpoch + 1;
  cancelStreamsDeadlines(state, group, memberId);
  applyRecords(state, [
    ...streamsMemberTombstones(groupId, memberId),
    streamsEpochRecord(groupId, {
      epoch,
      metadataHash,
      validatedTopologyEpoch,
      assignmentConfigs,
    }),
  ]);
}
