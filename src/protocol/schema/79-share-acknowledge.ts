import {
  api,
  array,
  bool,
  int16,
  int32,
  int64,
  nested,
  string,
  struct,
  uuid,
} from '../schema-dsl.ts';

export interface ShareAcknowledgeRequest {
  groupId: string | null;
  memberId: string | null;
  shareSessionEpoch: number;
  isRenewAck: boolean;
  topics: ShareAcknowledgeRequestAcknowledgeTopic[];
}

export interface ShareAcknowledgeRequestAcknowledgeTopic {
  topicId: string;
  partitions: ShareAcknowledgeRequestAcknowledgePartition[];
}

export interface ShareAcknowledgeRequestAcknowledgePartition {
  partitionIndex: number;
  acknowledgementBatches: ShareAcknowledgeRequestAcknowledgementBatch[];
}

export interface ShareAcknowledgeRequestAcknowledgementBatch {
  firstOffset: number;
  lastOffset: number;
  acknowledgeTypes: number[];
}

export interface ShareAcknowledgeResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  acquisitionLockTimeoutMs: number;
  responses: ShareAcknowledgeResponseShareAcknowledgeTopicResponse[];
  nodeEndpoints: ShareAcknowledgeResponseNodeEndpoint[];
}

export interface ShareAcknowledgeResponseShareAcknowledgeTopicResponse {
  topicId: string;
  partitions: ShareAcknowledgeResponsePartitionData[];
}

export interface ShareAcknowledgeResponsePartitionData {
  partitionIndex: number;
  errorCode: number;
  errorMessage: string | null;
  currentLeader: ShareAcknowledgeResponseLeaderIdAndEpoch;
}

export interface ShareAcknowledgeResponseLeaderIdAndEpoch {
  leaderId: number;
  leaderEpoch: number;
}

export interface ShareAcknowledgeResponseNodeEndpoint {
  nodeId: number;
  host: string;
  port: number;
  rack: string | null;
}

export const SHARE_ACKNOWLEDGE = api({
  key: 79,
  name: 'ShareAcknowledge',
  versions: '1-2',
  flexible: '0+',
  request: struct<ShareAcknowledgeRequest>({
    groupId: string('0+', { nullable: '0+', default: null }),
    memberId: string('0+', { nullable: '0+' }),
    shareSessionEpoch: int32('0+'),
    isRenewAck: bool('2+', { default: false }),
    topics: array(
      '0+',
      struct<ShareAcknowledgeRequestAcknowledgeTopic>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<ShareAcknowledgeRequestAcknowledgePartition>({
            partitionIndex: int32('0+'),
            acknowledgementBatches: array(
              '0+',
              struct<ShareAcknowledgeRequestAcknowledgementBatch>({
                firstOffset: int64('0+'),
                lastOffset: int64('0+'),
                acknowledgeTypes: array('0+', 'int8'),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
  response: struct<ShareAcknowledgeResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    acquisitionLockTimeoutMs: int32('2+', { ignorable: true }),
    responses: array(
      '0+',
      struct<ShareAcknowledgeResponseShareAcknowledgeTopicResponse>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<ShareAcknowledgeResponsePartitionData>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+', default: null }),
            currentLeader: nested(
              '0+',
              struct<ShareAcknowledgeResponseLeaderIdAndEpoch>({
                leaderId: int32('0+'),
                leaderEpoch: int32('0+'),
              }),
            ),
          }),
        ),
      }),
    ),
    nodeEndpoints: array(
      '0+',
      struct<ShareAcknowledgeResponseNodeEndpoint>({
        nodeId: int32('0+'),
        host: string('0+'),
        port: int32('0+'),
        rack: string('0+', { nullable: '0+', default: null }),
      }),
    ),
  }),
});
