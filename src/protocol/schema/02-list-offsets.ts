import { api, array, int8, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface ListOffsetsRequest {
  replicaId: number;
  isolationLevel: number;
  topics: ListOffsetsRequestListOffsetsTopic[];
  timeoutMs: number;
}

export interface ListOffsetsRequestListOffsetsTopic {
  name: string;
  partitions: ListOffsetsRequestListOffsetsPartition[];
}

export interface ListOffsetsRequestListOffsetsPartition {
  partitionIndex: number;
  currentLeaderEpoch: number;
  timestamp: number;
}

export interface ListOffsetsResponse {
  throttleTimeMs: number;
  topics: ListOffsetsResponseListOffsetsTopicResponse[];
}

export interface ListOffsetsResponseListOffsetsTopicResponse {
  name: string;
  partitions: ListOffsetsResponseListOffsetsPartitionResponse[];
}

export interface ListOffsetsResponseListOffsetsPartitionResponse {
  partitionIndex: number;
  errorCode: number;
  timestamp: number;
  offset: number;
  leaderEpoch: number;
}

export const LIST_OFFSETS = api({
  key: 2,
  name: 'ListOffsets',
  versions: '1-11',
  flexible: '6+',
  request: struct<ListOffsetsRequest>({
    replicaId: int32('0+'),
    isolationLevel: int8('2+'),
    topics: array(
      '0+',
      struct<ListOffsetsRequestListOffsetsTopic>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<ListOffsetsRequestListOffsetsPartition>({
            partitionIndex: int32('0+'),
            currentLeaderEpoch: int32('4+', { default: -1, ignorable: true }),
            timestamp: int64('0+'),
          }),
        ),
      }),
    ),
    timeoutMs: int32('10+', { ignorable: true }),
  }),
  response: struct<ListOffsetsResponse>({
    throttleTimeMs: int32('2+', { ignorable: true }),
    topics: array(
      '0+',
      struct<ListOffsetsResponseListOffsetsTopicResponse>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<ListOffsetsResponseListOffsetsPartitionResponse>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
            timestamp: int64('1+', { default: -1 }),
            offset: int64('1+', { default: -1 }),
            leaderEpoch: int32('4+', { default: -1 }),
          }),
        ),
      }),
    ),
  }),
});
