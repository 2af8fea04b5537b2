import { ERROR } from '../../../base/kafka-errors.ts';
import type { JoinGroupRequest } from '../../../protocol/schema/11-join-group.ts';
import type { RequestContext } from '../../coordinator-shard.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import {
  bytesOfProtocols,
  GROUP_BYTES_MAX,
  hasRoomForGroup,
  MEMBER_BYTES_MAX,
} from '../group-bounds.ts';
import { emptyGroupMetadataRecord, groupMetadataRecord } from '../group-records.ts';
import { NEW_MEMBER_JOIN_TIMEOUT_MS } from '../group-settings.ts';
import { generationBody, joinBody, syncBody } from './classic-bodies.ts';
import { CLASSIC_STATE, ClassicGroup } from './classic-group.ts';
import type { ClassicProtocol } from './classic-member.ts';
import { ClassicMember, copyProtocols } from './classic-member.ts';
import {
  addPendingJoin,
  answerJoin,
  answerSync,
  completeJoinIfAllJoined,
  dropPendingJoin,
  parkJoin,
  prepareRebalance,
  rebalanceOrCompleteJoin,
  renewSession,
} from './classic-rebalance.ts';

/**
 * From this version on a member first asks for its id. A lost answer then leaves no unknown member.
 */
export const MEMBER_ID_REQUIRED_VERSION = 4;
/** Characters of up to three bytes each. */
const MEMBER_ID_PREFIX_MAX = 1_000;
/** From this version on a leader may be told to keep the assignment as it is. */
const SKIP_ASSIGNMENT_VERSION = 9;

/** A JoinGroup request and what belongs to it. */
export interface JoinCall {
  readonly ticket: number;
  readonly version: number;
  readonly request: JoinGroupRequest;
  readonly context: RequestContext;
}

/** Joins a classic group, which is made if it does not exist and the member is new. */
export function joinClassicGroup(
  state: CoordinatorState,
  found: ClassicGroup | undefined,
  call: JoinCall,
): void {
  const { groupId, memberId } = call.request;
  const isUnknown = memberId === '';
  if (found === undefined && !isUnknown) {
    refuse(state, call, memberId, ERROR.UNKNOWN_MEMBER_ID);
    return;
  }
  if (bytesOfProtocols(call.request.protocols) > MEMBER_BYTES_MAX) {
    refuse(state, call, memberId, ERROR.INVALID_REQUEST);
    return;
  }
  if (found === undefined && !hasRoomForGroup(state)) {
    refuse(state, call, memberId, ERROR.GROUP_MAX_SIZE_REACHED);
    return;
  }
  const group = found ?? new ClassicGroup(groupId, state.wallMs);
  if (found === undefined) {
    state.groups.set(groupId, group);
    state.persist(emptyGroupMetadataRecord(group));
  }
  if (!hasRoomFor(state, group, call.request)) {
    turnAway(state, group, memberId);
    refuse(state, call, '', ERROR.GROUP_MAX_SIZE_REACHED);
  } else if (!group.supports(call.request.protocolType, call.request.protocols)) {
    refuse(state, call, memberId, ERROR.INCONSISTENT_GROUP_PROTOCOL);
  } else if (isUnknown) {
    joinNewMember(state, group, call);
  } else {
    joinKnownMember(state, group, call);
  }
}

function refuse(
  state: CoordinatorState,
  call: JoinCall,
  memberId: string,
  errorCode: number,
): void {
  state.answer(call.ticket, joinBody(call.version, { memberId, errorCode }));
}

/** During a rebalance only members that have joined again count, so the last ones are refused. */
function hasRoomFor(
  state: CoordinatorState,
  group: ClassicGroup,
  { memberId, protocols }: JoinGroupRequest,
): boolean {
  const { maxSize } = state.settings;
  const before = group.members.get(memberId)?.protocols ?? [];
  const moreBytes = bytesOfProtocols(protocols) - bytesOfProtocols(before);
  if (moreBytes > 0 && group.metadataBytes + moreBytes > GROUP_BYTES_MAX) return false;
  switch (group.state) {
    case CLASSIC_STATE.preparingRebalance:
      return (group.members.get(memberId)?.join ?? null) !== null || group.joiningCount < maxSize;
    case CLASSIC_STATE.completingRebalance:
    case CLASSIC_STATE.stable:
      return group.members.has(memberId) || group.members.size < maxSize;
    default:
      return true;
  }
}

function turnAway(state: CoordinatorState, group: ClassicGroup, memberId: string): void {
  dropPendingJoin(state, group, memberId);
  state.cancel(group.members.get(memberId)?.session ?? null);
  group.remove(memberId);
  completeJoinIfAllJoined(state, group);
}

/** Version 0 knew one timeout for both purposes. */
export function rebalanceTimeoutOf(call: JoinCall): number {
  const { request } = call;
  return call.version === 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs;
}

function joinNewMember(state: CoordinatorState, group: ClassicGroup, call: JoinCall): void {
  const instanceId = call.request.groupInstanceId;
  // A string on the wire has at most 32767 bytes, which client ids can have already.
  const prefix = (instanceId ?? call.context.clientId).slice(0, MEMBER_ID_PREFIX_MAX);
  const memberId = `${prefix}-${state.newId()}`;
  if (instanceId !== null) {
    const existing = group.staticMembers.get(instanceId);
    if (existing === undefined) addMember(state, group, call, memberId);
    else replaceStaticMember(state, group, call, group.members.get(existing)!, memberId);
  } else if (call.version >= MEMBER_ID_REQUIRED_VERSION) {
    addPendingJoin(state, group, memberId, call.request.sessionTimeoutMs);
    refuse(state, call, memberId, ERROR.MEMBER_ID_REQUIRED);
  } else {
    addMember(state, group, call, memberId);
  }
}

function addMember(
  state: CoordinatorState,
  group: ClassicGroup,
  call: JoinCall,
  memberId: string,
): void {
  const { request, context } = call;
  dropPendingJoin(state, group, memberId);
  const member = new ClassicMember({
    memberId,
    instanceId: request.groupInstanceId,
    clientId: context.clientId,
    clientHost: context.clientHost,
    protocolType: request.protocolType,
    rebalanceTimeoutMs: rebalanceTimeoutOf(call),
    sessionTimeoutMs: request.sessionTimeoutMs,
    protocols: copyProtocols(request.protocols),
  });
  member.isNew = true;
  if (group.isIn(CLASSIC_STATE.preparingRebalance) && group.previousState === CLASSIC_STATE.empty) {
    group.newMemberAdded = true;
  }
  group.add(member);
  parkJoin(state, group, member, call.ticket, call.version);
  // A newcomer cannot heartbeat before it is answered. If its client is gone it will not join
  // again either, and this longer timeout takes it out.
  renewSession(state, group, member, NEW_MEMBER_JOIN_TIMEOUT_MS);
  rebalanceOrCompleteJoin(state, group);
}

function joinKnownMember(state: CoordinatorState, group: ClassicGroup, call: JoinCall): void {
  const { memberId, groupInstanceId, protocols } = call.request;
  if (group.pendingJoins.has(memberId)) {
    if (groupInstanceId !== null) refuse(state, call, memberId, ERROR.UNKNOWN_MEMBER_ID);
    else addMember(state, group, call, memberId);
    return;
  }
  const errorCode = group.memberError(memberId, groupInstanceId);
  if (errorCode !== ERROR.NONE) {
    refuse(state, call, memberId, errorCode);
    return;
  }
  const member = group.members.get(memberId)!;
  const isUnchanged = member.hasSameProtocols(protocols);
  switch (group.state) {
    case CLASSIC_STATE.preparingRebalance:
      rejoin(state, group, member, call);
      return;
    case CLASSIC_STATE.completingRebalance:
      // The member may not have received the answer, so it gets the same generation again.
      if (isUnchanged) answerCurrent(state, group, call);
      else rejoin(state, group, member, call);
      return;
    case CLASSIC_STATE.stable:
      // A leader that joins again wants a rebalance. It may have seen a change that the members'
      // metadata does not show.
      if (isUnchanged && group.leaderId !== memberId) answerCurrent(state, group, call);
      else rejoin(state, group, member, call);
      return;
    default:
      refuse(state, call, memberId, ERROR.UNKNOWN_MEMBER_ID);
  }
}

function answerCurrent(state: CoordinatorState, group: ClassicGroup, call: JoinCall): void {
  state.answer(call.ticket, generationBody(call.version, group, call.request.memberId));
}

function rejoin(
  state: CoordinatorState,
  group: ClassicGroup,
  member: ClassicMember,
  call: JoinCall,
): void {
  updateMember(group, member, call, copyProtocols(call.request.protocols));
  // A client that gave up on its first request and asks again is answered on the second.
  if (member.join !== null) {
    answerJoin(state, group, member, (version) =>
      joinBody(version, { memberId: member.memberId, errorCode: ERROR.REBALANCE_IN_PROGRESS }),
    );
  }
  parkJoin(state, group, member, call.ticket, call.version);
  rebalanceOrCompleteJoin(state, group);
}

function updateMember(
  group: ClassicGroup,
  member: ClassicMember,
  call: JoinCall,
  protocols: ClassicProtocol[],
): void {
  group.setProtocols(member, protocols);
  member.rebalanceTimeoutMs = rebalanceTimeoutOf(call);
  member.sessionTimeoutMs = call.request.sessionTimeoutMs;
}

/** A static member is back under its instance id: it takes the place of its old incarnation. */
function replaceStaticMember(
  state: CoordinatorState,
  group: ClassicGroup,
  call: JoinCall,
  oldMember: ClassicMember,
  memberId: string,
): void {
  const oldLeaderId = group.leaderId;
  answerJoin(state, group, oldMember, (version) =>
    joinBody(version, { memberId: oldMember.memberId, errorCode: ERROR.FENCED_INSTANCE_ID }),
  );
  answerSync(state, oldMember, syncBody({ errorCode: ERROR.FENCED_INSTANCE_ID }));
  state.cancel(oldMember.session);
  const member = new ClassicMember({ ...oldMember, memberId });
  member.assignment = oldMember.assignment;
  group.replace(oldMember, member);
  renewSession(state, group, member);
  updateMember(group, member, call, copyProtocols(call.request.protocols));
  parkJoin(state, group, member, call.ticket, call.version);
  if (group.isIn(CLASSIC_STATE.stable)) {
    if (group.protocolName !== group.selectProtocol()) {
      rebalanceOrCompleteJoin(state, group);
      return;
    }
    group.refreshSubscribedTopics();
    state.persist(groupMetadataRecord(group));
    answerJoin(state, group, member, (version) =>
      replacedBody(version, group, memberId, oldLeaderId),
    );
  } else if (group.isIn(CLASSIC_STATE.completingRebalance)) {
    // The leader may be assigning partitions to the old member id, which nobody would collect.
    prepareRebalance(state, group);
  } else {
    completeJoinIfAllJoined(state, group);
  }
}

/**
 * The generation goes on without a rebalance. A client that does not know `skipAssignment` is told
 * that the old member id leads, so that it does not start to assign.
 */
function replacedBody(
  version: number,
  group: ClassicGroup,
  memberId: string,
  oldLeaderId: string | null,
): object {
  const body = generationBody(version, group, memberId);
  if (version >= SKIP_ASSIGNMENT_VERSION) {
    body.skipAssignment = group.leaderId === memberId;
  } else {
    body.leader = oldLeaderId ?? '';
    body.members = [];
  }
  return body;
}
