import type { CoordinatorState } from '../coordinator-state.ts';
import { Deadline } from '../deadlines.ts';
import type { ConsumerGroup, MemberDeadlines } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';

type DeadlineKind = keyof MemberDeadlines;

/** Called for a member whose deadline has passed. */
export type Fence = (state: CoordinatorState, group: ConsumerGroup, member: ConsumerMember) => void;

/**
 * Sets a deadline after which the member is fenced. Nothing happens if the member or its group is
 * gone by then, or if `stillApplies` returns false.
 */
export function setMemberDeadline(
  state: CoordinatorState,
  group: ConsumerGroup,
  memberId: string,
  kind: DeadlineKind,
  timeoutMs: number,
  fence: Fence,
  stillApplies: (member: ConsumerMember) => boolean = () => true,
): void {
  const deadlines = deadlinesOf(group, memberId);
  state.cancel(deadlines[kind]);
  const deadline = new Deadline(() => {
    if (state.groups.get(group.groupId) !== group) return;
    const member = group.members.get(memberId);
    if (member !== undefined && stillApplies(member)) fence(state, group, member);
  });
  deadlines[kind] = deadline;
  state.schedule(deadline, timeoutMs);
}

/** Moves a deadline that is set already, which is what a heartbeat does. False if there is none. */
export function moveMemberDeadline(
  state: CoordinatorState,
  group: ConsumerGroup,
  memberId: string,
  kind: DeadlineKind,
  timeoutMs: number,
): boolean {
  const deadline = group.deadlines.get(memberId)?.[kind] ?? null;
  if (deadline === null || !deadline.isSet) return false;
  state.schedule(deadline, timeoutMs);
  return true;
}

export function cancelMemberDeadline(
  state: CoordinatorState,
  group: ConsumerGroup,
  memberId: string,
  kind: DeadlineKind,
): void {
  const deadlines = group.deadlines.get(memberId);
  if (deadlines === undefined) return;
  state.cancel(deadlines[kind]);
  deadlines[kind] = null;
}

export function hasMemberDeadline(
  group: ConsumerGroup,
  memberId: string,
  kind: DeadlineKind,
): boolean {
  return group.deadlines.get(memberId)?.[kind]?.isSet ?? false;
}

export function cancelMemberDeadlines(
  state: CoordinatorState,
  group: ConsumerGroup,
  memberId: string,
): void {
  const deadlines = group.deadlines.get(memberId);
  if (deadlines === undefined) return;
  group.deadlines.delete(memberId);
  for (const deadline of Object.values(deadlines)) state.cancel(deadline);
}

function deadlinesOf(group: ConsumerGroup, memberId: string): MemberDeadlines {
  let deadlines = group.deadlines.get(memberId);
  if (deadlines === undefined) {
    deadlines = { session: null, rebalance: null, join: null, sync: null };
    group.deadlines.set(memberId, deadlines);
  }
  return deadlines;
}
