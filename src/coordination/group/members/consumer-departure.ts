import { withEpoch } from '../consumer/assignment.ts';
import {
  cancelMemberDeadline,
  cancelMemberDeadlines,
  moveMemberDeadline,
  setMemberDeadline,
} from '../consumer/consumer-deadlines.ts';
import type { ConsumerGroup } from '../consumer/consumer-group.ts';
import type { ConsumerMember } from '../consumer/consumer-member.ts';
import { MEMBER_STATE, STATIC_LEAVE_EPOCH } from '../consumer/consumer-member.ts';
import { currentRecord, memberTombstones } from '../consumer/consumer-records.ts';
import { forgetUnused } from '../consumer/regex-subscription.ts';
import { bumpEpoch } from '../consumer/target-assignment.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { canDowngradeWithout, convertToClassicGroup } from '../migration/migration.ts';
import { applyRecords } from '../replay.ts';

/** The member's session starts again, because it has sent a request. */
export function renewMember(
  state: CoordinatorState,
  group: ConsumerGroup,
  member: ConsumerMember,
): void {
  const timeoutMs =
    member.classic?.sessionTimeoutMs ?? state.settings.consumerSessionTimeoutMs(group.groupId);
  const { memberId } = member;
  if (!moveMemberDeadline(state, group, memberId, 'session', timeoutMs)) {
    setMemberDeadline(state, group, memberId, 'session', timeoutMs, fenceMember);
  }
}

/** A member that must give up partitions has its rebalance timeout to do so. */
export function watchRevocation(
  state: CoordinatorState,
  group: ConsumerGroup,
  member: ConsumerMember,
): void {
  if (member.classic !== null) return;
  const { memberId, memberEpoch, rebalanceTimeoutMs } = member;
  if (member.state !== MEMBER_STATE.unrevokedPartitions) {
    cancelMemberDeadline(state, group, memberId, 'rebalance');
    return;
  }
  const isStuck = (now: ConsumerMember) => now.memberEpoch === memberEpoch;
  setMemberDeadline(state, group, memberId, 'rebalance', rebalanceTimeoutMs, fenceMember, isStuck);
}

export function fenceMember(
  state: CoordinatorState,
  group: ConsumerGroup,
  member: ConsumerMember,
): void {
  fenceMembers(state, group, [member]);
}

/** Removes members. The group becomes a classic group if only classic members are left. */
export function fenceMembers(
  state: CoordinatorState,
  group: ConsumerGroup,
  members: readonly ConsumerMember[],
): void {
  if (members.length === 0) return;
  if (canDowngradeWithout(state, group, members)) {
    convertToClassicGroup(state, group, members);
    return;
  }
  for (const { memberId } of members) {
    cancelMemberDeadlines(state, group, memberId);
    applyRecords(state, memberTombstones(group.groupId, memberId));
  }
  forgetUnused(
    state,
    group,
    members.map(({ topicRegex }) => topicRegex),
  );
  bumpEpoch(state, group);
}

/** A static member leaves and will come back, so it keeps its partitions. */
export function leaveForNow(
  state: CoordinatorState,
  group: ConsumerGroup,
  member: ConsumerMember,
): void {
  const gone: ConsumerMember = {
    ...member,
    memberEpoch: STATIC_LEAVE_EPOCH,
    pendingRevocation: new Map(),
    assigned: withEpoch(member.assigned, 0),
  };
  applyRecords(state, [currentRecord(group.groupId, gone)]);
}
