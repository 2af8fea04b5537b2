import { ERROR } from '../../../base/kafka-errors.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { Deadline } from '../deadlines.ts';
import { PENDING_JOINS_MAX } from '../group-bounds.ts';
import { groupMetadataRecord } from '../group-records.ts';
import { generationBody, joinBody, syncBody } from './classic-bodies.ts';
import type { ClassicGroup } from './classic-group.ts';
import { CLASSIC_STATE } from './classic-group.ts';
import type { ClassicMember } from './classic-member.ts';
import { NO_ASSIGNMENT } from './classic-member.ts';

/** Answers a member's parked JoinGroup, if there is one. */
export function answerJoin(
  state: CoordinatorState,
  group: ClassicGroup,
  member: ClassicMember,
  body: (version: number) => object,
): void {
  const join = member.join;
  if (join === null) return;
  member.join = null;
  group.joiningCount--;
  state.release(join, body(join.version));
}

/** Answers a member's parked SyncGroup, if there is one. */
export function answerSync(state: CoordinatorState, member: ClassicMember, body: object): boolean {
  const sync = member.sync;
  if (sync === null) return false;
  member.sync = null;
  state.release(sync, body);
  return true;
}

/** Parks a JoinGroup under its member; an older one of the same member is not answered any more. */
export function parkJoin(
  state: CoordinatorState,
  group: ClassicGroup,
  member: ClassicMember,
  ticket: number,
  version: number,
): void {
  if (member.join === null) group.joiningCount++;
  member.join = state.park(ticket, version);
}

/** A deadline may fire only for a group that was neither deleted nor converted meanwhile. */
function isCurrent(state: CoordinatorState, group: ClassicGroup): boolean {
  return state.groups.get(group.groupId) === group;
}

/** The member's session starts again, because it has sent a request. */
export function renewSession(
  state: CoordinatorState,
  group: ClassicGroup,
  member: ClassicMember,
  timeoutMs: number = member.sessionTimeoutMs,
): void {
  member.session ??= new Deadline(() => expireMember(state, group, member));
  state.schedule(member.session, timeoutMs);
}

function expireMember(state: CoordinatorState, group: ClassicGroup, member: ClassicMember): void {
  if (!isCurrent(state, group) || group.members.get(member.memberId) !== member) return;
  if (member.hasSatisfiedHeartbeat()) return;
  dismiss(state, group, member);
  afterDeparture(state, group);
}

/** Removes a member. If its JoinGroup is parked, the answer tells the client to join again. */
export function dismiss(state: CoordinatorState, group: ClassicGroup, member: ClassicMember): void {
  state.cancel(member.session);
  answerJoin(state, group, member, (version) =>
    joinBody(version, { errorCode: ERROR.UNKNOWN_MEMBER_ID }),
  );
  answerSync(state, member, syncBody({ errorCode: ERROR.UNKNOWN_MEMBER_ID }));
  group.remove(member.memberId);
}

/** Members left: the others rebalance, or the rebalance that waited for them may complete. */
export function afterDeparture(state: CoordinatorState, group: ClassicGroup): void {
  if (group.isIn(CLASSIC_STATE.stable, CLASSIC_STATE.completingRebalance)) {
    prepareRebalance(state, group);
  } else if (group.isIn(CLASSIC_STATE.preparingRebalance) && group.hasAllJoined) {
    completeJoin(state, group);
  }
}

/** Remembers a member id that was given out until it is used or the session timeout is over. */
export function addPendingJoin(
  state: CoordinatorState,
  group: ClassicGroup,
  memberId: string,
  timeoutMs: number,
): void {
  const deadline = new Deadline(() => {
    state.pendingJoins.delete(deadline);
    if (!isCurrent(state, group) || group.pendingJoins.get(memberId) !== deadline) return;
    group.pendingJoins.delete(memberId);
    if (group.isIn(CLASSIC_STATE.preparingRebalance) && group.hasAllJoined) {
      completeJoin(state, group);
    }
  });
  group.pendingJoins.set(memberId, deadline);
  state.schedule(deadline, timeoutMs);
  state.pendingJoins.add(deadline);
  if (state.pendingJoins.size > PENDING_JOINS_MAX) expireOldestPendingJoin(state);
}

/** A client that uses the id after this is told to begin again. */
function expireOldestPendingJoin(state: CoordinatorState): void {
  const oldest = state.pendingJoins.values().next().value!;
  state.cancel(oldest);
  oldest.fire();
}

export function dropPendingJoin(
  state: CoordinatorState,
  group: ClassicGroup,
  memberId: string,
): void {
  const deadline = group.pendingJoins.get(memberId);
  if (deadline === undefined) return;
  state.cancel(deadline);
  state.pendingJoins.delete(deadline);
  group.pendingJoins.delete(memberId);
}

export function rebalanceOrCompleteJoin(state: CoordinatorState, group: ClassicGroup): void {
  if (group.canRebalance) prepareRebalance(state, group);
  else completeJoinIfAllJoined(state, group);
}

/** The first rebalance of a group lasts for its whole delay, even when all members have joined. */
export function completeJoinIfAllJoined(state: CoordinatorState, group: ClassicGroup): void {
  if (!group.isIn(CLASSIC_STATE.preparingRebalance)) return;
  if (group.previousState === CLASSIC_STATE.empty) return;
  if (group.hasAllJoined) completeJoin(state, group);
}

/** All members must join again; the ones that wait for an assignment are told so. */
export function prepareRebalance(state: CoordinatorState, group: ClassicGroup): void {
  if (group.isIn(CLASSIC_STATE.completingRebalance)) {
    for (const member of group.members.values()) {
      member.assignment = NO_ASSIGNMENT;
      const body = syncBody({ errorCode: ERROR.REBALANCE_IN_PROGRESS });
      if (answerSync(state, member, body)) renewSession(state, group, member);
    }
  }
  group.pendingSyncs.clear();
  state.cancel(group.syncDeadline);
  const isFirst = group.isEmpty;
  group.transitionTo(CLASSIC_STATE.preparingRebalance, state.wallMs);
  if (isFirst) {
    const delayMs = state.settings.initialRebalanceDelayMs;
    delayJoin(state, group, delayMs, Math.max(group.rebalanceTimeoutMs - delayMs, 0));
  } else if (group.hasAllJoined) {
    completeJoin(state, group);
  } else {
    scheduleJoin(state, group, group.rebalanceTimeoutMs, () => completeJoin(state, group));
  }
}

function scheduleJoin(
  state: CoordinatorState,
  group: ClassicGroup,
  delayMs: number,
  complete: () => void,
): void {
  state.cancel(group.joinDeadline);
  group.joinDeadline = new Deadline(() => {
    if (isCurrent(state, group)) complete();
  });
  state.schedule(group.joinDeadline, delayMs);
}

/** Gives the members of a new group time to arrive; each newcomer extends it, within bounds. */
function delayJoin(
  state: CoordinatorState,
  group: ClassicGroup,
  delayMs: number,
  remainingMs: number,
): void {
  if (delayMs === 0) {
    completeJoin(state, group);
    return;
  }
  scheduleJoin(state, group, delayMs, () => {
    if (!group.newMemberAdded || remainingMs === 0) {
      completeJoin(state, group);
      return;
    }
    group.newMemberAdded = false;
    const nextDelayMs = Math.min(state.settings.initialRebalanceDelayMs, remainingMs);
    delayJoin(state, group, nextDelayMs, Math.max(remainingMs - delayMs, 0));
  });
}

/** The time to join is over. The members that have joined form the next generation. */
export function completeJoin(state: CoordinatorState, group: ClassicGroup): void {
  state.cancel(group.joinDeadline);
  for (const member of [...group.members.values()]) {
    if (member.join !== null || member.instanceId !== null) continue;
    state.cancel(member.session);
    group.remove(member.memberId);
  }
  if (!group.electJoinedLeader() && group.members.size > 0) {
    // Only static members that have not come back: wait until they do or their sessions end.
    scheduleJoin(state, group, group.rebalanceTimeoutMs, () => completeJoin(state, group));
    return;
  }
  group.startGeneration(state.wallMs);
  if (group.isEmpty) {
    state.persist(groupMetadataRecord(group));
    return;
  }
  for (const member of group.members.values()) {
    answerJoin(state, group, member, (version) => generationBody(version, group, member.memberId));
    renewSession(state, group, member);
    member.isNew = false;
    group.pendingSyncs.add(member.memberId);
  }
  schedulePendingSyncs(state, group);
}

/** Members that join and do not sync are removed after the rebalance timeout. */
function schedulePendingSyncs(state: CoordinatorState, group: ClassicGroup): void {
  const generationId = group.generationId;
  state.cancel(group.syncDeadline);
  group.syncDeadline = new Deadline(() => {
    if (!isCurrent(state, group) || group.generationId !== generationId) return;
    if (!group.isIn(CLASSIC_STATE.completingRebalance, CLASSIC_STATE.stable)) return;
    if (group.pendingSyncs.size === 0) return;
    for (const memberId of [...group.pendingSyncs]) {
      state.cancel(group.members.get(memberId)?.session ?? null);
      group.remove(memberId);
    }
    prepareRebalance(state, group);
  });
  state.schedule(group.syncDeadline, group.rebalanceTimeoutMs);
}
