import {
  api,
  array,
  bool,
  int8,
  int16,
  int32,
  nested,
  string,
  struct,
  uuid,
} from '../schema-dsl.ts';

export interface ConsumerGroupDescribeRequest {
  groupIds: string[];
  includeAuthorizedOperations: boolean;
}

export interface ConsumerGroupDescribeResponse {
  throttleTimeMs: number;
  groups: ConsumerGroupDescribeResponseDescribedGroup[];
}

export interface ConsumerGroupDescribeResponseDescribedGroup {
  errorCode: number;
  errorMessage: string | null;
  groupId: string;
  groupState: string;
  groupEpoch: number;
  assignmentEpoch: number;
  assignorName: string;
  members: ConsumerGroupDescribeResponseMember[];
  authorizedOperations: number;
}

export interface ConsumerGroupDescribeResponseMember {
  memberId: string;
  instanceId: string | null;
  rackId: string | null;
  memberEpoch: number;
  clientId: string;
  clientHost: string;
  subscribedTopicNames: string[];
  subscribedTopicRegex: string | null;
  assignment: ConsumerGroupDescribeResponseAssignment;
  targetAssignment: ConsumerGroupDescribeResponseAssignment;
  memberType: number;
}

export interface ConsumerGroupDescribeResponseAssignment {
  topicPartitions: ConsumerGroupDescribeResponseTopicPartitions[];
}

export interface ConsumerGroupDescribeResponseTopicPartitions {
  topicId: string;
  topicName: string;
  partitions: number[];
}

const consumerGroupDescribeResponseTopicPartitions =
  struct<ConsumerGroupDescribeResponseTopicPartitions>({
    topicId: uuid('0+'),
    topicName: string('0+'),
    partitions: array('0+', 'int32'),
  });

const consumerGroupDescribeResponseAssignment = struct<ConsumerGroupDescribeResponseAssignment>({
  topicPartitions: array('0+', consumerGroupDescribeResponseTopicPartitions),
});

export const CONSUMER_GROUP_DESCRIBE = api({
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: '0-1',
  flexible: '0+',
  request: struct<ConsumerGroupDescribeRequest>({
    groupIds: array('0+', 'string'),
    includeAuthorizedOperations: bool('0+'),
  }),
  response: struct<ConsumerGroupDescribeResponse>({
    throttleTimeMs: int32('0+'),
    groups: array(
      '0+',
      struct<ConsumerGroupDescribeResponseDescribedGroup>({
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
        groupId: string('0+'),
        groupState: string('0+'),
        groupEpoch: int32('0+'),
        assignmentEpoch: int32('0+'),
        assignorName: string('0+'),
        members: array(
          '0+',
          struct<ConsumerGroupDescribeResponseMember>({
            memberId: string('0+'),
            instanceId: string('0+', { nullable: '0+', default: null }),
            rackId: string('0+', { nullable: '0+', default: null }),
            memberEpoch: int32('0+'),
            clientId: string('0+'),
            clientHost: string('0+'),
            subscribedTopicNames: array('0+', 'string'),
            subscribedTopicRegex: string('0+', { nullable: '0+', default: null }),
            assignment: nested('0+', consumerGroupDescribeResponseAssignment),
            targetAssignment: nested('0+', consumerGroupDescribeResponseAssignment),
            memberType: int8('1+', { default: -1, ignorable: true }),
          }),
        ),
        authorizedOperations: int32('0+', { default: -2147483648 }),
      }),
    ),
  }),
});
