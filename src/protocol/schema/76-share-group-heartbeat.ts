import { api, array, int16, int32, nested, string, struct, uuid } from '../schema-dsl.ts';

export interface ShareGroupHeartbeatRequest {
  groupId: string;
  memberId: string;
  memberEpoch: number;
  rackId: string | null;
  subscribedTopicNames: string[] | null;
}

export interface ShareGroupHeartbeatResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  memberId: string | null;
  memberEpoch: number;
  heartbeatIntervalMs: number;
  assignment: ShareGroupHeartbeatResponseAssignment | null;
}

export interface ShareGroupHeartbeatResponseAssignment {
  topicPartitions: ShareGroupHeartbeatResponseTopicPartitions[];
}

export interface ShareGroupHeartbeatResponseTopicPartitions {
  topicId: string;
  partitions: number[];
}

const shareGroupHeartbeatResponseTopicPartitions =
  struct<ShareGroupHeartbeatResponseTopicPartitions>({
    topicId: uuid('0+'),
    partitions: array('0+', 'int32'),
  });

export const SHARE_GROUP_HEARTBEAT = api({
  key: 76,
  name: 'ShareGroupHeartbeat',
  versions: '1',
  flexible: '0+',
  request: struct<ShareGroupHeartbeatRequest>({
    groupId: string('0+'),
    memberId: string('0+'),
    memberEpoch: int32('0+'),
    rackId: string('0+', { nullable: '0+', default: null }),
    subscribedTopicNames: array('0+', 'string', { nullable: '0+', default: null }),
  }),
  response: struct<ShareGroupHeartbeatResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    memberId: string('0+', { nullable: '0+', default: null }),
    memberEpoch: int32('0+'),
    heartbeatIntervalMs: int32('0+'),
    assignment: nested(
      '0+',
      struct<ShareGroupHeartbeatResponseAssignment>({
        topicPartitions: array('0+', shareGroupHeartbeatResponseTopicPartitions),
      }),
      { nullable: '0+', default: null },
    ),
  }),
});
