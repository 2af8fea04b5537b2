import { api, array, int16, int32, nested, string, struct, uuid } from '../schema-dsl.ts';

export interface ConsumerGroupHeartbeatRequest {
  groupId: string;
  memberId: string;
  memberEpoch: number;
  instanceId: string | null;
  rackId: string | null;
  rebalanceTimeoutMs: number;
  subscribedTopicNames: string[] | null;
  subscribedTopicRegex: string | null;
  serverAssignor: string | null;
  topicPartitions: ConsumerGroupHeartbeatRequestTopicPartitions[] | null;
}

export interface ConsumerGroupHeartbeatRequestTopicPartitions {
  topicId: string;
  partitions: number[];
}

export interface ConsumerGroupHeartbeatResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  memberId: string | null;
  memberEpoch: number;
  heartbeatIntervalMs: number;
  assignment: ConsumerGroupHeartbeatResponseAssignment | null;
}

export interface ConsumerGroupHeartbeatResponseAssignment {
  topicPartitions: ConsumerGroupHeartbeatResponseTopicPartitions[];
}

export interface ConsumerGroupHeartbeatResponseTopicPartitions {
  topicId: string;
  partitions: number[];
}

const consumerGroupHeartbeatResponseTopicPartitions =
  struct<ConsumerGroupHeartbeatResponseTopicPartitions>({
    topicId: uuid('0+'),
    partitions: array('0+', 'int32'),
  });

export const CONSUMER_GROUP_HEARTBEAT = api({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: '0-1',
  flexible: '0+',
  request: struct<ConsumerGroupHeartbeatRequest>({
    groupId: string('0+'),
    memberId: string('0+'),
    memberEpoch: int32('0+'),
    instanceId: string('0+', { nullable: '0+', default: null }),
    rackId: string('0+', { nullable: '0+', default: null }),
    rebalanceTimeoutMs: int32('0+', { default: -1 }),
    subscribedTopicNames: array('0+', 'string', { nullable: '0+', default: null }),
    subscribedTopicRegex: string('1+', { nullable: '1+', default: null }),
    serverAssignor: string('0+', { nullable: '0+', default: null }),
    topicPartitions: array(
      '0+',
      struct<ConsumerGroupHeartbeatRequestTopicPartitions>({
        topicId: uuid('0+'),
        partitions: array('0+', 'int32'),
      }),
      { nullable: '0+', default: null },
    ),
  }),
  response: struct<ConsumerGroupHeartbeatResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    memberId: string('0+', { nullable: '0+', default: null }),
    memberEpoch: int32('0+'),
    heartbeatIntervalMs: int32('0+'),
    assignment: nested(
      '0+',
      struct<ConsumerGroupHeartbeatResponseAssignment>({
        topicPartitions: array('0+', consumerGroupHeartbeatResponseTopicPartitions),
      }),
      { nullable: '0+', default: null },
    ),
  }),
});
