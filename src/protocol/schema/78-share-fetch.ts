import {
  api,
  array,
  bool,
  int8,
  int16,
  int32,
  int64,
  nested,
  records,
  string,
  struct,
  uuid,
} from '../schema-dsl.ts';

export interface ShareFetchRequest {
  groupId: string | null;
  memberId: string | null;
  shareSessionEpoch: number;
  maxWaitMs: number;
  minBytes: number;
  maxBytes: number;
  maxRecords: number;
  batchSize: number;
  shareAcquireMode: number;
  isRenewAck: boolean;
  topics: ShareFetchRequestFetchTopic[];
  forgottenTopicsData: ShareFetchRequestForgottenTopic[];
}

export interface ShareFetchRequestFetchTopic {
  topicId: string;
  partitions: ShareFetchRequestFetchPartition[];
}

export interface ShareFetchRequestFetchPartition {
  partitionIndex: number;
  partitionMaxBytes: number;
  acknowledgementBatches: ShareFetchRequestAcknowledgementBatch[];
}

export interface ShareFetchRequestAcknowledgementBatch {
  firstOffset: number;
  lastOffset: number;
  acknowledgeTypes: number[];
}

export interface ShareFetchRequestForgottenTopic {
  topicId: string;
  partitions: number[];
}

export interface ShareFetchResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  acquisitionLockTimeoutMs: number;
  responses: ShareFetchResponseShareFetchableTopicResponse[];
  nodeEndpoints: ShareFetchResponseNodeEndpoint[];
}

export interface ShareFetchResponseShareFetchableTopicResponse {
  topicId: string;
  partitions: ShareFetchResponsePartitionData[];
}

export interface ShareFetchResponsePartitionData {
  partitionIndex: number;
  errorCode: number;
  errorMessage: string | null;
  acknowledgeErrorCode: number;
  acknowledgeErrorMessage: string | null;
  currentLeader: ShareFetchResponseLeaderIdAndEpoch;
  records: Buffer | null;
  acquiredRecords: ShareFetchResponseAcquiredRecords[];
}

export interface ShareFetchResponseLeaderIdAndEpoch {
  leaderId: number;
  leaderEpoch: number;
}

export interface ShareFetchResponseAcquiredRecords {
  firstOffset: number;
  lastOffset: number;
  deliveryCount: number;
}

export interface ShareFetchResponseNodeEndpoint {
  nodeId: number;
  host: string;
  port: number;
  rack: string | null;
}

export const SHARE_FETCH = api({
  key: 78,
  name: 'ShareFetch',
  versions: '1-2',
  flexible: '0+',
  request: struct<ShareFetchRequest>({
    groupId: string('0+', { nullable: '0+', default: null }),
    memberId: string('0+', { nullable: '0+' }),
    shareSessionEpoch: int32('0+'),
    maxWaitMs: int32('0+'),
    minBytes: int32('0+'),
    maxBytes: int32('0+', { default: 2147483647 }),
    maxRecords: int32('1+'),
    batchSize: int32('1+'),
    shareAcquireMode: int8('2+', { default: 0, ignorable: true }),
    isRenewAck: bool('2+', { default: false }),
    topics: array(
      '0+',
      struct<ShareFetchRequestFetchTopic>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<ShareFetchRequestFetchPartition>({
            partitionIndex: int32('0+'),
            partitionMaxBytes: int32('0'),
            acknowledgementBatches: array(
              '0+',
              struct<ShareFetchRequestAcknowledgementBatch>({
                firstOffset: int64('0+'),
                lastOffset: int64('0+'),
                acknowledgeTypes: array('0+', 'int8'),
              }),
            ),
          }),
        ),
      }),
    ),
    forgottenTopicsData: array(
      '0+',
      struct<ShareFetchRequestForgottenTopic>({
        topicId: uuid('0+'),
        partitions: array('0+', 'int32'),
      }),
    ),
  }),
  response: struct<ShareFetchResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    acquisitionLockTimeoutMs: int32('1+'),
    responses: array(
      '0+',
      struct<ShareFetchResponseShareFetchableTopicResponse>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<ShareFetchResponsePartitionData>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+', default: null }),
            acknowledgeErrorCode: int16('0+'),
            acknowledgeErrorMessage: string('0+', { nullable: '0+', default: null }),
            currentLeader: nested(
              '0+',
              struct<ShareFetchResponseLeaderIdAndEpoch>({
                leaderId: int32('0+'),
                leaderEpoch: int32('0+'),
              }),
            ),
            records: records('0+', { nullable: '0' }),
            acquiredRecords: array(
              '0+',
              struct<ShareFetchResponseAcquiredRecords>({
                firstOffset: int64('0+'),
                lastOffset: int64('0+'),
                deliveryCount: int16('0+'),
              }),
            ),
          }),
        ),
      }),
    ),
    nodeEndpoints: array(
      '0+',
      struct<ShareFetchResponseNodeEndpoint>({
        nodeId: int32('0+'),
        host: string('0+'),
        port: int32('0+'),
        rack: string('0+', { nullable: '0+', default: null }),
      }),
    ),
  }),
});
