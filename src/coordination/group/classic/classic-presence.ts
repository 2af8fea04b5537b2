import { ERROR } from '../../../base/kafka-errors.ts';
import type { HeartbeatRequest } from '../../../protocol/schema/12-heartbeat.ts';
import type { LeaveGroupResponse } from '../../../protocol/schema/13-leave-group.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import type { ClassicGroup } from './classic-group.ts';
import { CLASSIC_STATE } from './classic-group.ts';
import {
  completeJoinIfAllJoined,
  dismiss,
  dropPendingJoin,
  prepareRebalance,
  renewSession,
} from './classic-rebalance.ts';

/** Keeps the member's session alive and says whether it must join again. */
export function heartbeatError(
  state: CoordinatorState,
  group: ClassicGroup,
  request: HeartbeatRequest,
): number {
  const errorCode = group.memberError(request.memberId, request.groupInstanceId);
  if (errorCode !== ERROR.NONE) return errorCode;
  if (request.generationId !== group.generationId) return ERROR.ILLEGAL_GENERATION;
  if (group.isEmpty) return ERROR.UNKNOWN_MEMBER_ID;
  renewSession(state, group, group.members.get(request.memberId)!);
  return group.isIn(CLASSIC_STATE.preparingRebalance) ? ERROR.REBALANCE_IN_PROGRESS : ERROR.NONE;
}

/** A member that leaves. An administrator names a static member by its instance id alone. */
export interface Leaver {
  memberId: string;
  groupInstanceId: string | null;
}

export type LeaverAnswer = LeaveGroupResponse['members'][number];

export function leaveClassicGroup(
  state: CoordinatorState,
  group: ClassicGroup,
  leavers: readonly Leaver[],
): LeaverAnswer[] {
  const answers: LeaverAnswer[] = [];
  let hasLeft = false;
  for (const { memberId, groupInstanceId } of leavers) {
    const errorCode = leave(state, group, memberId, groupInstanceId);
    hasLeft ||= errorCode === ERROR.NONE;
    answers.push({ memberId, groupInstanceId, errorCode });
  }
  if (!hasLeft) return answers;
  if (group.isIn(CLASSIC_STATE.stable, CLASSIC_STATE.completingRebalance)) {
    prepareRebalance(state, group);
  } else {
    completeJoinIfAllJoined(state, group);
  }
  return answers;
}

function leave(
  state: CoordinatorState,
  group: ClassicGroup,
  memberId: string,
  instanceId: string | null,
): number {
  if (group.pendingJoins.has(memberId)) {
    dropPendingJoin(state, group, memberId);
    return ERROR.NONE;
  }
  let leaverId = memberId;
  if (memberId === '') {
    leaverId = (instanceId === null ? undefined : group.staticMembers.get(instanceId)) ?? '';
  }
  const errorCode = group.memberError(leaverId, instanceId);
  if (errorCode === ERROR.NONE) dismiss(state, group, group.members.get(leaverId)!);
  return errorCode;
}
