import {
  api,
  array,
  INT64_MAX,
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

export interface FetchRequest {
  clusterId: string | null;
  replicaId: number;
  replicaState: FetchRequestReplicaState;
  maxWaitMs: number;
  minBytes: number;
  maxBytes: number;
  isolationLevel: number;
  sessionId: number;
  sessionEpoch: number;
  topics: FetchRequestFetchTopic[];
  forgottenTopicsData: FetchRequestForgottenTopic[];
  rackId: string;
}

export interface FetchRequestReplicaState {
  replicaId: number;
  replicaEpoch: number;
}

export interface FetchRequestFetchTopic {
  topic: string;
  topicId: string;
  partitions: FetchRequestFetchPartition[];
}

export interface FetchRequestFetchPartition {
  partition: number;
  currentLeaderEpoch: number;
  fetchOffset: number;
  lastFetchedEpoch: number;
  logStartOffset: number;
  partitionMaxBytes: number;
  replicaDirectoryId: string;
  highWatermark: number;
}

export interface FetchRequestForgottenTopic {
  topic: string;
  topicId: string;
  partitions: number[];
}

export interface FetchResponse {
  throttleTimeMs: number;
  errorCode: number;
  sessionId: number;
  responses: FetchResponseFetchableTopicResponse[];
  nodeEndpoints: FetchResponseNodeEndpoint[];
}

export interface FetchResponseFetchableTopicResponse {
  topic: string;
  topicId: string;
  partitions: FetchResponsePartitionData[];
}

export interface FetchResponsePartitionData {
  partitionIndex: number;
  errorCode: number;
  highWatermark: number;
  lastStableOffset: number;
  logStartOffset: number;
  divergingEpoch: FetchResponseEpochEndOffset;
  currentLeader: FetchResponseLeaderIdAndEpoch;
  snapshotId: FetchResponseSnapshotId;
  abortedTransactions: FetchResponseAbortedTransaction[] | null;
  preferredReadReplica: number;
  records: Buffer | null;
}

export interface FetchResponseEpochEndOffset {
  epoch: number;
  endOffset: number;
}

export interface FetchResponseLeaderIdAndEpoch {
  leaderId: number;
  leaderEpoch: number;
}

export interface FetchResponseSnapshotId {
  endOffset: number;
  epoch: number;
}

export interface FetchResponseAbortedTransaction {
  producerId: number;
  firstOffset: number;
}

export interface FetchResponseNodeEndpoint {
  nodeId: number;
  host: string;
  port: number;
  rack: string | null;
}

export const FETCH = api({
  key: 1,
  name: 'Fetch',
  versions: '4-18',
  flexible: '12+',
  request: struct<FetchRequest>({
    clusterId: string('12+', {
      nullable: '12+',
      tag: 0,
      tagged: '12+',
      default: null,
      ignorable: true,
    }),
    replicaId: int32('0-14', { default: -1 }),
    replicaState: nested(
      '15+',
      struct<FetchRequestReplicaState>({
        replicaId: int32('15+', { default: -1 }),
        replicaEpoch: int64('15+', { default: -1 }),
      }),
      { tag: 1, tagged: '15+' },
    ),
    maxWaitMs: int32('0+'),
    minBytes: int32('0+'),
    maxBytes: int32('3+', { default: 2147483647, ignorable: true }),
    isolationLevel: int8('4+', { default: 0, ignorable: true }),
    sessionId: int32('7+', { default: 0, ignorable: true }),
    sessionEpoch: int32('7+', { default: -1, ignorable: true }),
    topics: array(
      '0+',
      struct<FetchRequestFetchTopic>({
        topic: string('0-12', { ignorable: true }),
        topicId: uuid('13+', { ignorable: true }),
        partitions: array(
          '0+',
          struct<FetchRequestFetchPartition>({
            partition: int32('0+'),
            currentLeaderEpoch: int32('9+', { default: -1, ignorable: true }),
            fetchOffset: int64('0+'),
            lastFetchedEpoch: int32('12+', { default: -1 }),
            logStartOffset: int64('5+', { default: -1, ignorable: true }),
            partitionMaxBytes: int32('0+'),
            replicaDirectoryId: uuid('17+', { tag: 0, tagged: '17+', ignorable: true }),
            highWatermark: int64('18+', {
              tag: 1,
              tagged: '18+',
              default: INT64_MAX,
              ignorable: true,
            }),
          }),
        ),
      }),
    ),
    forgottenTopicsData: array(
      '7+',
      struct<FetchRequestForgottenTopic>({
        topic: string('7-12', { ignorable: true }),
        topicId: uuid('13+', { ignorable: true }),
        partitions: array('7+', 'int32'),
      }),
    ),
    rackId: string('11+', { default: '', ignorable: true }),
  }),
  response: struct<FetchResponse>({
    throttleTimeMs: int32('1+', { ignorable: true }),
    errorCode: int16('7+', { ignorable: true }),
    sessionId: int32('7+', { default: 0 }),
    responses: array(
      '0+',
      struct<FetchResponseFetchableTopicResponse>({
        topic: string('0-12', { ignorable: true }),
        topicId: uuid('13+', { ignorable: true }),
        partitions: array(
          '0+',
          struct<FetchResponsePartitionData>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
            highWatermark: int64('0+'),
            lastStableOffset: int64('4+', { default: -1, ignorable: true }),
            logStartOffset: int64('5+', { default: -1, ignorable: true }),
            divergingEpoch: nested(
              '12+',
              struct<FetchResponseEpochEndOffset>({
                epoch: int32('12+', { default: -1 }),
                endOffset: int64('12+', { default: -1 }),
              }),
              { tag: 0, tagged: '12+' },
            ),
            currentLeader: nested(
              '12+',
              struct<FetchResponseLeaderIdAndEpoch>({
                leaderId: int32('12+', { default: -1 }),
                leaderEpoch: int32('12+', { default: -1 }),
              }),
              { tag: 1, tagged: '12+' },
            ),
            snapshotId: nested(
              '12+',
              struct<FetchResponseSnapshotId>({
                endOffset: int64('0+', { default: -1 }),
                epoch: int32('0+', { default: -1 }),
              }),
              { tag: 2, tagged: '12+' },
            ),
            abortedTransactions: array(
              '4+',
              struct<FetchResponseAbortedTransaction>({
                producerId: int64('4+'),
                firstOffset: int64('4+'),
              }),
              { nullable: '4+', ignorable: true },
            ),
            preferredReadReplica: int32('11+', { default: -1 }),
            records: records('0+', { nullable: '0+' }),
          }),
        ),
      }),
    ),
    nodeEndpoints: array(
      '16+',
      struct<FetchResponseNodeEndpoint>({
        nodeId: int32('16+'),
        host: string('16+'),
        port: int32('16+'),
        rack: string('16+', { nullable: '16+', default: null }),
      }),
      { tag: 0, tagged: '16+' },
    ),
  }),
});
