import { api, array, bool, bytes, int16, int32, string, struct } from '../schema-dsl.ts';

export interface DescribeGroupsRequest {
  groups: string[];
  includeAuthorizedOperations: boolean;
}

export interface DescribeGroupsResponse {
  throttleTimeMs: number;
  groups: DescribeGroupsResponseDescribedGroup[];
}

export interface DescribeGroupsResponseDescribedGroup {
  errorCode: number;
  errorMessage: string | null;
  groupId: string;
  groupState: string;
  protocolType: string;
  protocolData: string;
  members: DescribeGroupsResponseDescribedGroupMember[];
  authorizedOperations: number;
}

export interface DescribeGroupsResponseDescribedGroupMember {
  memberId: string;
  groupInstanceId: string | null;
  clientId: string;
  clientHost: string;
  memberMetadata: Buffer;
  memberAssignment: Buffer;
}

export const DESCRIBE_GROUPS = api({
  key: 15,
  name: 'DescribeGroups',
  versions: '0-6',
  flexible: '5+',
  request: struct<DescribeGroupsRequest>({
    groups: array('0+', 'string'),
    includeAuthorizedOperations: bool('3+'),
  }),
  response: struct<DescribeGroupsResponse>({
    throttleTimeMs: int32('1+', { ignorable: true }),
    groups: array(
      '0+',
      struct<DescribeGroupsResponseDescribedGroup>({
        errorCode: int16('0+'),
        errorMessage: string('6+', { nullable: '6+', default: null }),
        groupId: string('0+'),
        groupState: string('0+'),
        protocolType: string('0+'),
        protocolData: string('0+'),
        members: array(
          '0+',
          struct<DescribeGroupsResponseDescribedGroupMember>({
            memberId: string('0+'),
            groupInstanceId: string('4+', { nullable: '4+', default: null, ignorable: true }),
            clientId: string('0+'),
            clientHost: string('0+'),
            memberMetadata: bytes('0+'),
            memberAssignment: bytes('0+'),
          }),
        ),
        authorizedOperations: int32('3+', { default: -2147483648 }),
      }),
    ),
  }),
});
