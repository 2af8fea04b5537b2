import { api, array, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface OffsetForLeaderEpochRequest {
  replicaId: number;
  topics: OffsetForLeaderEpochRequestOffsetForLeaderTopic[];
}

export interface OffsetForLeaderEpochRequestOffsetForLeaderTopic {
  topic: string;
  partitions: OffsetForLeaderEpochRequestOffsetForLeaderPartition[];
}

export interface OffsetForLeaderEpochRequestOffsetForLeaderPartition {
  partition: number;
  currentLeaderEpoch: number;
  leaderEpoch: number;
}

export interface OffsetForLeaderEpochResponse {
  throttleTimeMs: number;
  topics: OffsetForLeaderEpochResponseOffsetForLeaderTopicResult[];
}

export interface OffsetForLeaderEpochResponseOffsetForLeaderTopicResult {
  topic: string;
  partitions: OffsetForLeaderEpochResponseEpochEndOffset[];
}

export interface OffsetForLeaderEpochResponseEpochEndOffset {
  errorCode: number;
  partition: number;
  leaderEpoch: number;
  endOffset: number;
}

export const OFFSET_FOR_LEADER_EPOCH = api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: '2-4',
  flexible: '4+',
  request: struct<OffsetForLeaderEpochRequest>({
    replicaId: int32('3+', { default: -2, ignorable: true }),
    topics: array(
      '0+',
      struct<OffsetForLeaderEpochRequestOffsetForLeaderTopic>({
        topic: string('0+'),
        partitions: array(
          '0+',
          struct<OffsetForLeaderEpochRequestOffsetForLeaderPartition>({
            partition: int32('0+'),
            currentLeaderEpoch: int32('2+', { default: -1, ignorable: true }),
            leaderEpoch: int32('0+'),
          }),
        ),
      }),
    ),
  }),
  response: struct<OffsetForLeaderEpochResponse>({
    throttleTimeMs: int32('2+', { ignorable: true }),
    topics: array(
      '0+',
      struct<OffsetForLeaderEpochResponseOffsetForLeaderTopicResult>({
        topic: string('0+'),
        partitions: array(
          '0+',
          struct<OffsetForLeaderEpochResponseEpochEndOffset>({
            errorCode: int16('0+'),
            partition: int32('0+'),
            leaderEpoch: int32('1+', { default: -1, ignorable: true }),
            endOffset: int64('0+', { default: -1 }),
          }),
        ),
      }),
    ),
  }),
});
