import { ERROR } from '../../../base/kafka-errors.ts';
import type { SyncGroupRequest } from '../../../protocol/schema/14-sync-group.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { GROUP_BYTES_MAX } from '../group-bounds.ts';
import { groupMetadataRecord } from '../group-records.ts';
import { assignmentBody, syncBody } from './classic-bodies.ts';
import type { ClassicGroup } from './classic-group.ts';
import { CLASSIC_STATE } from './classic-group.ts';
import { NO_ASSIGNMENT } from './classic-member.ts';
import { answerSync, renewSession } from './classic-rebalance.ts';

/** The leader sends the assignment, and every member fetches its part of it. */
export function syncClassicGroup(
  state: CoordinatorState,
  group: ClassicGroup,
  ticket: number,
  version: number,
  request: SyncGroupRequest,
): void {
  const errorCode = syncError(group, request);
  if (errorCode !== ERROR.NONE) {
    state.answer(ticket, syncBody({ errorCode }));
    return;
  }
  const member = group.members.get(request.memberId)!;
  group.pendingSyncs.delete(member.memberId);
  if (group.pendingSyncs.size === 0) state.cancel(group.syncDeadline);
  if (group.isIn(CLASSIC_STATE.stable)) {
    state.answer(ticket, assignmentBody(group, member));
    return;
  }
  answerSync(state, member, syncBody({ errorCode: ERROR.REBALANCE_IN_PROGRESS }));
  member.sync = state.park(ticket, version);
  if (group.leaderId === member.memberId) assign(state, group, request);
}

function syncError(group: ClassicGroup, request: SyncGroupRequest): number {
  if (group.isEmpty) return ERROR.UNKNOWN_MEMBER_ID;
  const errorCode = group.memberError(request.memberId, request.groupInstanceId);
  if (errorCode !== ERROR.NONE) return errorCode;
  if (request.generationId !== group.generationId) return ERROR.ILLEGAL_GENERATION;
  if (
    differs(request.protocolType, group.protocolType) ||
    differs(request.protocolName, group.protocolName)
  ) {
    return ERROR.INCONSISTENT_GROUP_PROTOCOL;
  }
  if (group.isIn(CLASSIC_STATE.preparingRebalance)) return ERROR.REBALANCE_IN_PROGRESS;
  let bytes = 0;
  for (const { assignment } of request.assignments) bytes += assignment.length;
  return bytes > GROUP_BYTES_MAX ? ERROR.INVALID_REQUEST : ERROR.NONE;
}

function differs(said: string | null, known: string | null): boolean {
  return said !== null && known !== null && said !== known;
}

/**
 * The generation is complete. Its record is written, and all parked members get their assignment.
 */
function assign(state: CoordinatorState, group: ClassicGroup, request: SyncGroupRequest): void {
  for (const member of group.members.values()) member.assignment = NO_ASSIGNMENT;
  for (const { memberId, assignment } of request.assignments) {
    const member = group.members.get(memberId);
    if (member !== undefined) member.assignment = Buffer.from(assignment);
  }
  group.transitionTo(CLASSIC_STATE.stable, state.wallMs);
  state.persist(groupMetadataRecord(group));
  for (const member of group.members.values()) {
    if (answerSync(state, member, assignmentBody(group, member))) {
      renewSession(state, group, member);
    }
  }
}
