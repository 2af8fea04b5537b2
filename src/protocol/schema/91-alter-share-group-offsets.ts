import { api, array, int16, int32, int64, string, struct, uuid } from '../schema-dsl.ts';

export interface AlterShareGroupOffsetsRequest {
  groupId: string;
  topics: AlterShareGroupOffsetsRequestTopic[];
}

export interface AlterShareGroupOffsetsRequestTopic {
  topicName: string;
  partitions: AlterShareGroupOffsetsRequestPartition[];
}

export interface AlterShareGroupOffsetsRequestPartition {
  partitionIndex: number;
  startOffset: number;
}

export interface AlterShareGroupOffsetsResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  responses: AlterShareGroupOffsetsResponseTopic[];
}

export interface AlterShareGroupOffsetsResponseTopic {
  topicName: string;
  topicId: string;
  partitions: AlterShareGroupOffsetsResponsePartition[];
}

export interface AlterShareGroupOffsetsResponsePartition {
  partitionIndex: number;
  errorCode: number;
  errorMessage: string | null;
}

export const ALTER_SHARE_GROUP_OFFSETS = api({
  key: 91,
  name: 'AlterShareGroupOffsets',
  versions: '0',
  flexible: '0+',
  request: struct<AlterShareGroupOffsetsRequest>({
    groupId: string('0+'),
    topics: array(
      '0+',
      struct<AlterShareGroupOffsetsRequestTopic>({
        topicName: string('0+'),
        partitions: array(
          '0+',
          struct<AlterShareGroupOffsetsRequestPartition>({
            partitionIndex: int32('0+'),
            startOffset: int64('0+'),
          }),
        ),
      }),
    ),
  }),
  response: struct<AlterShareGroupOffsetsResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    responses: array(
      '0+',
      struct<AlterShareGroupOffsetsResponseTopic>({
        topicName: string('0+'),
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<AlterShareGroupOffsetsResponsePartition>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+', default: null }),
          }),
        ),
      }),
    ),
  }),
});
