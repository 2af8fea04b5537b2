import { ERROR } from '../../../base/kafka-errors.ts';
import type { HeartbeatRequest, HeartbeatResponse } from '../../../protocol/schema/12-heartbeat.ts';
import type {
  LeaveGroupRequest,
  LeaveGroupResponse,
} from '../../../protocol/schema/13-leave-group.ts';
import type { SyncGroupRequest } from '../../../protocol/schema/14-sync-group.ts';
import type { Unthrottled } from '../../../protocol/throttle-time.ts';
import { heartbeatBody, joinBody, syncBody } from '../classic/classic-bodies.ts';
import type { JoinCall } from '../classic/classic-join.ts';
import { joinClassicGroup } from '../classic/classic-join.ts';
import type { Leaver, LeaverAnswer } from '../classic/classic-presence.ts';
import { heartbeatError, leaveClassicGroup } from '../classic/classic-presence.ts';
import { syncClassicGroup } from '../classic/classic-sync.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { deleteEmptyConsumerGroup, deleteEmptyStreamsGroup } from '../migration/migration.ts';
import {
  consumerGroupHeartbeatError,
  joinConsumerGroup,
  leaveConsumerGroup,
  syncConsumerGroup,
} from './classic-in-consumer.ts';

/** From this version on several members leave at once. */
const LEAVE_MANY_VERSION = 3;
/** From this version on SyncGroup must say which protocol it is about. */
const SYNC_PROTOCOL_VERSION = 5;

/** The requests of classic members, to whichever kind of group they belong. */
export function joinGroup(state: CoordinatorState, call: JoinCall): void {
  const { groupId, memberId, sessionTimeoutMs } = call.request;
  const refuse = (errorCode: number) =>
    state.answer(call.ticket, joinBody(call.version, { memberId, errorCode }));
  const { minSessionTimeoutMs, maxSessionTimeoutMs } = state.settings;
  if (groupId === '') {
    refuse(ERROR.INVALID_GROUP_ID);
  } else if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
    refuse(ERROR.INVALID_SESSION_TIMEOUT);
  } else {
    joinKindOfGroup(state, call, refuse);
  }
}

function joinKindOfGroup(
  state: CoordinatorState,
  call: JoinCall,
  refuse: (errorCode: number) => void,
): void {
  const group = state.groups.get(call.request.groupId);
  if (group === undefined || group.type === 'classic') {
    joinClassicGroup(state, group, call);
  } else if (!group.isEmpty && group.type === 'consumer') {
    joinConsumerGroup(state, group, call);
  } else if (!group.isEmpty) {
    const errorCode = ERROR.INCONSISTENT_GROUP_PROTOCOL;
    state.answer(call.ticket, joinBody(call.version, { memberId: '', errorCode }));
  } else if (call.request.memberId !== '') {
    refuse(ERROR.UNKNOWN_MEMBER_ID);
  } else {
    // An empty group has no kind to keep. Its next first member decides it.
    if (group.type === 'consumer') deleteEmptyConsumerGroup(state, group);
    else deleteEmptyStreamsGroup(state, group);
    joinClassicGroup(state, undefined, call);
  }
}

export function syncGroup(
  state: CoordinatorState,
  ticket: number,
  version: number,
  request: SyncGroupRequest,
): void {
  const refuse = (errorCode: number) => state.answer(ticket, syncBody({ errorCode }));
  const { groupId, protocolType, protocolName } = request;
  const group = state.groups.get(groupId);
  if (groupId === '') {
    refuse(ERROR.INVALID_GROUP_ID);
  } else if (version >= SYNC_PROTOCOL_VERSION && (protocolType === null || protocolName === null)) {
    refuse(ERROR.INCONSISTENT_GROUP_PROTOCOL);
  } else if (group === undefined || group.isEmpty || group.type === 'streams') {
    refuse(ERROR.UNKNOWN_MEMBER_ID);
  } else if (group.type === 'consumer') {
    syncConsumerGroup(state, group, ticket, request);
  } else {
    syncClassicGroup(state, group, ticket, version, request);
  }
}

export function heartbeat(
  state: CoordinatorState,
  request: HeartbeatRequest,
): Unthrottled<HeartbeatResponse> {
  const group = state.groups.get(request.groupId);
  if (request.groupId === '') return heartbeatBody(ERROR.INVALID_GROUP_ID);
  if (group === undefined || group.type === 'streams') {
    return heartbeatBody(ERROR.UNKNOWN_MEMBER_ID);
  }
  return heartbeatBody(
    group.type === 'consumer'
      ? consumerGroupHeartbeatError(state, group, request)
      : heartbeatError(state, group, request),
  );
}

export function leaveGroup(
  state: CoordinatorState,
  version: number,
  request: LeaveGroupRequest,
): Unthrottled<LeaveGroupResponse> {
  if (request.groupId === '') return leaveBody(version, ERROR.INVALID_GROUP_ID, []);
  const leavers: Leaver[] =
    version >= LEAVE_MANY_VERSION
      ? request.members
      : [{ memberId: request.memberId, groupInstanceId: null }];
  return leaveBody(version, ERROR.NONE, leave(state, request.groupId, leavers));
}

function leave(state: CoordinatorState, groupId: string, leavers: Leaver[]): LeaverAnswer[] {
  const group = state.groups.get(groupId);
  if (group === undefined || group.type === 'streams') {
    return leavers.map(({ memberId, groupInstanceId }) => ({
      memberId,
      groupInstanceId,
      errorCode: ERROR.UNKNOWN_MEMBER_ID,
    }));
  }
  return group.type === 'consumer'
    ? leaveConsumerGroup(state, group, leavers)
    : leaveClassicGroup(state, group, leavers);
}

/** Old versions carry the error of their one member at the top. */
function leaveBody(
  version: number,
  errorCode: number,
  members: LeaverAnswer[],
): Unthrottled<LeaveGroupResponse> {
  if (version >= LEAVE_MANY_VERSION) return { errorCode, members };
  return { errorCode: members[0]?.errorCode ?? errorCode, members: [] };
}
