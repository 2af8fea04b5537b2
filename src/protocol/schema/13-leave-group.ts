import { api, array, int16, int32, string, struct } from '../schema-dsl.ts';

export interface LeaveGroupRequest {
  groupId: string;
  memberId: string;
  members: LeaveGroupRequestMemberIdentity[];
}

export interface LeaveGroupRequestMemberIdentity {
  memberId: string;
  groupInstanceId: string | null;
  reason: string | null;
}

export interface LeaveGroupResponse {
  throttleTimeMs: number;
  errorCode: number;
  members: LeaveGroupResponseMemberResponse[];
}

export interface LeaveGroupResponseMemberResponse {
  memberId: string;
  groupInstanceId: string | null;
  errorCode: number;
}

export const LEAVE_GROUP = api({
  key: 13,
  name: 'LeaveGroup',
  versions: '0-5',
  flexible: '4+',
  request: struct<LeaveGroupRequest>({
    groupId: string('0+'),
    memberId: string('0-2'),
    members: array(
      '3+',
      struct<LeaveGroupRequestMemberIdentity>({
        memberId: string('3+'),
        groupInstanceId: string('3+', { nullable: '3+', default: null }),
        reason: string('5+', { nullable: '5+', default: null, ignorable: true }),
      }),
    ),
  }),
  response: struct<LeaveGroupResponse>({
    throttleTimeMs: int32('1+', { ignorable: true }),
    errorCode: int16('0+'),
    members: array(
      '3+',
      struct<LeaveGroupResponseMemberResponse>({
        memberId: string('3+'),
        groupInstanceId: string('3+', { nullable: '3+' }),
        errorCode: int16('3+'),
      }),
    ),
  }),
});
