import { ERROR } from '../../../base/kafka-errors.ts';
import type { JoinGroupResponse } from '../../../protocol/schema/11-join-group.ts';
import type { HeartbeatResponse } from '../../../protocol/schema/12-heartbeat.ts';
import type { SyncGroupResponse } from '../../../protocol/schema/14-sync-group.ts';
import type { Unthrottled } from '../../../protocol/throttle-time.ts';
import type { ClassicGroup } from './classic-group.ts';
import type { ClassicMember } from './classic-member.ts';
import { NO_ASSIGNMENT } from './classic-member.ts';

/** From this version of JoinGroup on, the protocol's name may be null. */
const NULLABLE_PROTOCOL_VERSION = 7;

export function joinBody(
  version: number,
  fields: Partial<JoinGroupResponse>,
): Unthrottled<JoinGroupResponse> {
  const protocolName = fields.protocolName ?? null;
  return {
    errorCode: ERROR.NONE,
    generationId: -1,
    protocolType: null,
    leader: '',
    skipAssignment: false,
    memberId: '',
    members: [],
    ...fields,
    protocolName: version < NULLABLE_PROTOCOL_VERSION ? (protocolName ?? '') : protocolName,
  };
}

/** The JoinGroup answer for a member of the current generation. */
export function generationBody(
  version: number,
  group: ClassicGroup,
  memberId: string,
): Unthrottled<JoinGroupResponse> {
  return joinBody(version, {
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId ?? '',
    memberId,
    members: group.leaderId === memberId ? membersForLeader(group) : [],
  });
}

function membersForLeader(group: ClassicGroup): JoinGroupResponse['members'] {
  const members: JoinGroupResponse['members'] = [];
  for (const member of group.members.values()) {
    members.push({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      metadata: member.metadata(group.protocolName),
    });
  }
  return members;
}

export function syncBody(fields: Partial<SyncGroupResponse>): Unthrottled<SyncGroupResponse> {
  return {
    errorCode: ERROR.NONE,
    protocolType: null,
    protocolName: null,
    assignment: NO_ASSIGNMENT,
    ...fields,
  };
}

export function assignmentBody(
  group: ClassicGroup,
  member: ClassicMember,
): Unthrottled<SyncGroupResponse> {
  return syncBody({
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    assignment: member.assignment,
  });
}

export function heartbeatBody(errorCode: number): Unthrottled<HeartbeatResponse> {
  return { errorCode };
}
