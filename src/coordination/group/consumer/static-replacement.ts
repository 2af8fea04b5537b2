import type { CoordinatorState } from '../coordinator-state.ts';
import { applyRecords } from '../replay.ts';
import { cancelMemberDeadlines } from './consumer-deadlines.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { currentRecord, memberRecord, memberTombstones, targetRecord } from './consumer-records.ts';

/** Returns the new incarnation of a static member, which takes over its target and partitions. */
export function replaceMember(
  state: CoordinatorState,
  group: ConsumerGroup,
  oldMember: ConsumerMember,
  memberId: string,
): ConsumerMember {
  const { groupId } = group;
  const target = group.target(oldMember.memberId);
  const newMember: ConsumerMember = {
    ...oldMember,
    memberId,
    memberEpoch: 0,
    previousMemberEpoch: 0,
  };
  cancelMemberDeadlines(state, group, oldMember.memberId);
  applyRecords(state, [
    ...memberTombstones(groupId, oldMember.memberId),
    memberRecord(groupId, newMember),
    targetRecord(groupId, memberId, target),
    currentRecord(groupId, newMember),
  ]);
  return newMember;
}
