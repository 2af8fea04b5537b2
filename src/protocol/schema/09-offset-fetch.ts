import { api, array, bool, int16, int32, int64, string, struct, uuid } from '../schema-dsl.ts';

export interface OffsetFetchRequest {
  groupId: string;
  topics: OffsetFetchRequestTopic[] | null;
  groups: OffsetFetchRequestGroup[];
  requireStable: boolean;
}

export interface OffsetFetchRequestTopic {
  name: string;
  partitionIndexes: number[];
}

export interface OffsetFetchRequestGroup {
  groupId: string;
  memberId: string | null;
  memberEpoch: number;
  topics: OffsetFetchRequestTopics[] | null;
}

export interface OffsetFetchRequestTopics {
  name: string;
  topicId: string;
  partitionIndexes: number[];
}

export interface OffsetFetchResponse {
  throttleTimeMs: number;
  topics: OffsetFetchResponseTopic[];
  errorCode: number;
  groups: OffsetFetchResponseGroup[];
}

export interface OffsetFetchResponseTopic {
  name: string;
  partitions: OffsetFetchResponsePartition[];
}

export interface OffsetFetchResponsePartition {
  partitionIndex: number;
  committedOffset: number;
  committedLeaderEpoch: number;
  metadata: string | null;
  errorCode: number;
}

export interface OffsetFetchResponseGroup {
  groupId: string;
  topics: OffsetFetchResponseTopics[];
  errorCode: number;
}

export interface OffsetFetchResponseTopics {
  name: string;
  topicId: string;
  partitions: OffsetFetchResponsePartitions[];
}

export interface OffsetFetchResponsePartitions {
  partitionIndex: number;
  committedOffset: number;
  committedLeaderEpoch: number;
  metadata: string | null;
  errorCode: number;
}

export const OFFSET_FETCH = api({
  key: 9,
  name: 'OffsetFetch',
  versions: '1-10',
  flexible: '6+',
  request: struct<OffsetFetchRequest>({
    groupId: string('0-7'),
    topics: array(
      '0-7',
      struct<OffsetFetchRequestTopic>({
        name: string('0-7'),
        partitionIndexes: array('0-7', 'int32'),
      }),
      { nullable: '2-7' },
    ),
    groups: array(
      '8+',
      struct<OffsetFetchRequestGroup>({
        groupId: string('8+'),
        memberId: string('9+', { nullable: '9+', default: null, ignorable: true }),
        memberEpoch: int32('9+', { default: -1, ignorable: true }),
        topics: array(
          '8+',
          struct<OffsetFetchRequestTopics>({
            name: string('8-9', { ignorable: true }),
            topicId: uuid('10+', { ignorable: true }),
            partitionIndexes: array('8+', 'int32'),
          }),
          { nullable: '8+' },
        ),
      }),
    ),
    requireStable: bool('7+', { default: false }),
  }),
  response: struct<OffsetFetchResponse>({
    throttleTimeMs: int32('3+', { ignorable: true }),
    topics: array(
      '0-7',
      struct<OffsetFetchResponseTopic>({
        name: string('0-7'),
        partitions: array(
          '0-7',
          struct<OffsetFetchResponsePartition>({
            partitionIndex: int32('0-7'),
            committedOffset: int64('0-7'),
            committedLeaderEpoch: int32('5-7', { default: -1, ignorable: true }),
            metadata: string('0-7', { nullable: '0-7' }),
            errorCode: int16('0-7'),
          }),
        ),
      }),
    ),
    errorCode: int16('2-7', { default: 0, ignorable: true }),
    groups: array(
      '8+',
      struct<OffsetFetchResponseGroup>({
        groupId: string('8+'),
        topics: array(
          '8+',
          struct<OffsetFetchResponseTopics>({
            name: string('8-9', { ignorable: true }),
            topicId: uuid('10+', { ignorable: true }),
            partitions: array(
              '8+',
              struct<OffsetFetchResponsePartitions>({
                partitionIndex: int32('8+'),
                committedOffset: int64('8+'),
                committedLeaderEpoch: int32('8+', { default: -1, ignorable: true }),
                metadata: string('8+', { nullable: '8+' }),
                errorCode: int16('8+'),
              }),
            ),
          }),
        ),
        errorCode: int16('8+', { default: 0 }),
      }),
    ),
  }),
});
