import type { CoordinatorState } from '../coordinator-state.ts';
import { Deadline } from '../deadlines.ts';
import type { StreamsDeadlines, StreamsGroup } from './streams-group.ts';
import type { StreamsMember } from './streams-member.ts';

/** Called for a member whose deadline has passed. */
export type StreamsFence = (
  state: CoordinatorState,
  group: StreamsGroup,
  member: StreamsMember,
) => void;

/** A deadline that is set already is moved, which is what a heartbeat does. */
export function setSession(
  state: CoordinatorState,
  group: StreamsGroup,
  memberId: string,
  fence: StreamsFence,
): void {
  const timeoutMs = state.settings.streamsSessionTimeoutMs(group.groupId);
  const deadlines = deadlinesOf(group, memberId);
  deadlines.session ??= memberDeadline(state, group, memberId, fence, () => true);
  state.schedule(deadlines.session, timeoutMs);
}

/** A member that has to give up tasks has its rebalance timeout to get to another epoch. */
export function setRebalance(
  state: CoordinatorState,
  group: StreamsGroup,
  { memberId, memberEpoch, rebalanceTimeoutMs }: StreamsMember,
  fence: StreamsFence,
): void {
  const deadlines = deadlinesOf(group, memberId);
  state.cancel(deadlines.rebalance);
  const isStuck = (member: StreamsMember) => member.memberEpoch === memberEpoch;
  deadlines.rebalance = memberDeadline(state, group, memberId, fence, isStuck);
  state.schedule(deadlines.rebalance, rebalanceTimeoutMs);
}

export function cancelRebalance(
  state: CoordinatorState,
  group: StreamsGroup,
  memberId: string,
): void {
  state.cancel(group.deadlines.get(memberId)?.rebalance ?? null);
}

export function cancelStreamsDeadlines(
  state: CoordinatorState,
  group: StreamsGroup,
  memberId: string,
): void {
  const deadlines = group.deadlines.get(memberId);
  if (deadlines === undefined) return;
  group.deadlines.delete(memberId);
  state.cancel(deadlines.session);
  state.cancel(deadlines.rebalance);
}

/** The first member of an empty group has others to wait for. */
export function startInitialDelay(
  state: CoordinatorState,
  group: StreamsGroup,
  onOver: (group: StreamsGroup) => void,
): void {
  const delayMs = state.settings.streamsInitialRebalanceDelayMs(group.groupId);
  if (delayMs <= 0 || group.initialDelay?.isSet) return;
  group.initialDelay = new Deadline(() => {
    if (state.groups.get(group.groupId) === group) onOver(group);
  });
  state.schedule(group.initialDelay, delayMs);
}

function memberDeadline(
  state: CoordinatorState,
  group: StreamsGroup,
  memberId: string,
  fence: StreamsFence,
  stillApplies: (member: StreamsMember) => boolean,
): Deadline {
  return new Deadline(() => {
    if (state.groups.get(group.groupId) !== group) return;
    const member = group.members.get(memberId);
    if (member !== undefined && stillApplies(member)) fence(state, group, member);
  });
}

function deadlinesOf(group: StreamsGroup, memberId: string): StreamsDeadlines {
  let deadlines = group.deadlines.get(memberId);
  if (deadlines === undefined) {
    deadlines = { session: null, rebalance: null };
    group.deadlines.set(memberId, deadlines);
  }
  return deadlines;
}
