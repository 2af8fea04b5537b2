import { api, array, bool, int16, int32, nested, string, struct, uuid } from '../schema-dsl.ts';

export interface ShareGroupDescribeRequest {
  groupIds: string[];
  includeAuthorizedOperations: boolean;
}

export interface ShareGroupDescribeResponse {
  throttleTimeMs: number;
  groups: ShareGroupDescribeResponseDescribedGroup[];
}

export interface ShareGroupDescribeResponseDescribedGroup {
  errorCode: number;
  errorMessage: string | null;
  groupId: string;
  groupState: string;
  groupEpoch: number;
  assignmentEpoch: number;
  assignorName: string;
  members: ShareGroupDescribeResponseMember[];
  authorizedOperations: number;
}

export interface ShareGroupDescribeResponseMember {
  memberId: string;
  rackId: string | null;
  memberEpoch: number;
  clientId: string;
  clientHost: string;
  subscribedTopicNames: string[];
  assignment: ShareGroupDescribeResponseAssignment;
}

export interface ShareGroupDescribeResponseAssignment {
  topicPartitions: ShareGroupDescribeResponseTopicPartitions[];
}

export interface ShareGroupDescribeResponseTopicPartitions {
  topicId: string;
  topicName: string;
  partitions: number[];
}

const shareGroupDescribeResponseTopicPartitions = struct<ShareGroupDescribeResponseTopicPartitions>(
  {
    topicId: uuid('0+'),
    topicName: string('0+'),
    partitions: array('0+', 'int32'),
  },
);

const shareGroupDescribeResponseAssignment = struct<ShareGroupDescribeResponseAssignment>({
  topicPartitions: array('0+', shareGroupDescribeResponseTopicPartitions),
});

export const SHARE_GROUP_DESCRIBE = api({
  key: 77,
  name: 'ShareGroupDescribe',
  versions: '1',
  flexible: '0+',
  request: struct<ShareGroupDescribeRequest>({
    groupIds: array('0+', 'string'),
    includeAuthorizedOperations: bool('0+'),
  }),
  response: struct<ShareGroupDescribeResponse>({
    throttleTimeMs: int32('0+'),
    groups: array(
      '0+',
      struct<ShareGroupDescribeResponseDescribedGroup>({
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
        groupId: string('0+'),
        groupState: string('0+'),
        groupEpoch: int32('0+'),
        assignmentEpoch: int32('0+'),
        assignorName: string('0+'),
        members: array(
          '0+',
          struct<ShareGroupDescribeResponseMember>({
            memberId: string('0+'),
            rackId: string('0+', { nullable: '0+', default: null }),
            memberEpoch: int32('0+'),
            clientId: string('0+'),
            clientHost: string('0+'),
            subscribedTopicNames: array('0+', 'string'),
            assignment: nested('0+', shareGroupDescribeResponseAssignment),
          }),
        ),
        authorizedOperations: int32('0+', { default: -2147483648 }),
      }),
    ),
  }),
});
