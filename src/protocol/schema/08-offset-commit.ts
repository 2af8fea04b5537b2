import { api, array, int16, int32, int64, string, struct, uuid } from '../schema-dsl.ts';

export interface OffsetCommitRequest {
  groupId: string;
  generationIdOrMemberEpoch: number;
  memberId: string;
  groupInstanceId: string | null;
  retentionTimeMs: number;
  topics: OffsetCommitRequestTopic[];
}

export interface OffsetCommitRequestTopic {
  name: string;
  topicId: string;
  partitions: OffsetCommitRequestPartition[];
}

export interface OffsetCommitRequestPartition {
  partitionIndex: number;
  committedOffset: number;
  committedLeaderEpoch: number;
  committedMetadata: string | null;
}

export interface OffsetCommitResponse {
  throttleTimeMs: number;
  topics: OffsetCommitResponseTopic[];
}

export interface OffsetCommitResponseTopic {
  name: string;
  topicId: string;
  partitions: OffsetCommitResponsePartition[];
}

export interface OffsetCommitResponsePartition {
  partitionIndex: number;
  errorCode: number;
}

export const OFFSET_COMMIT = api({
  key: 8,
  name: 'OffsetCommit',
  versions: '2-10',
  flexible: '8+',
  request: struct<OffsetCommitRequest>({
    groupId: string('0+'),
    generationIdOrMemberEpoch: int32('1+', { default: -1, ignorable: true }),
    memberId: string('1+', { ignorable: true }),
    groupInstanceId: string('7+', { nullable: '7+', default: null }),
    retentionTimeMs: int64('2-4', { default: -1, ignorable: true }),
    topics: array(
      '0+',
      struct<OffsetCommitRequestTopic>({
        name: string('0-9', { ignorable: true }),
        topicId: uuid('10+', { ignorable: true }),
        partitions: array(
          '0+',
          struct<OffsetCommitRequestPartition>({
            partitionIndex: int32('0+'),
            committedOffset: int64('0+'),
            committedLeaderEpoch: int32('6+', { default: -1, ignorable: true }),
            committedMetadata: string('0+', { nullable: '0+' }),
          }),
        ),
      }),
    ),
  }),
  response: struct<OffsetCommitResponse>({
    throttleTimeMs: int32('3+', { ignorable: true }),
    topics: array(
      '0+',
      struct<OffsetCommitResponseTopic>({
        name: string('0-9', { ignorable: true }),
        topicId: uuid('10+', { ignorable: true }),
        partitions: array(
          '0+',
          struct<OffsetCommitResponsePartition>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
          }),
        ),
      }),
    ),
  }),
});
