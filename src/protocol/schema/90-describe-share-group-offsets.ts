import { api, array, int16, int32, int64, string, struct, uuid } from '../schema-dsl.ts';

export interface DescribeShareGroupOffsetsRequest {
  groups: DescribeShareGroupOffsetsRequestGroup[];
}

export interface DescribeShareGroupOffsetsRequestGroup {
  groupId: string;
  topics: DescribeShareGroupOffsetsRequestTopic[] | null;
}

export interface DescribeShareGroupOffsetsRequestTopic {
  topicName: string;
  partitions: number[];
}

export interface DescribeShareGroupOffsetsResponse {
  throttleTimeMs: number;
  groups: DescribeShareGroupOffsetsResponseGroup[];
}

export interface DescribeShareGroupOffsetsResponseGroup {
  groupId: string;
  topics: DescribeShareGroupOffsetsResponseTopic[];
  errorCode: number;
  errorMessage: string | null;
}

export interface DescribeShareGroupOffsetsResponseTopic {
  topicName: string;
  topicId: string;
  partitions: DescribeShareGroupOffsetsResponsePartition[];
}

export interface DescribeShareGroupOffsetsResponsePartition {
  partitionIndex: number;
  startOffset: number;
  leaderEpoch: number;
  lag: number;
  errorCode: number;
  errorMessage: string | null;
}

export const DESCRIBE_SHARE_GROUP_OFFSETS = api({
  key: 90,
  name: 'DescribeShareGroupOffsets',
  versions: '0-1',
  flexible: '0+',
  request: struct<DescribeShareGroupOffsetsRequest>({
    groups: array(
      '0+',
      struct<DescribeShareGroupOffsetsRequestGroup>({
        groupId: string('0+'),
        topics: array(
          '0+',
          struct<DescribeShareGroupOffsetsRequestTopic>({
            topicName: string('0+'),
            partitions: array('0+', 'int32'),
          }),
          { nullable: '0+' },
        ),
      }),
    ),
  }),
  response: struct<DescribeShareGroupOffsetsResponse>({
    throttleTimeMs: int32('0+'),
    groups: array(
      '0+',
      struct<DescribeShareGroupOffsetsResponseGroup>({
        groupId: string('0+'),
        topics: array(
          '0+',
          struct<DescribeShareGroupOffsetsResponseTopic>({
            topicName: string('0+'),
            topicId: uuid('0+'),
            partitions: array(
              '0+',
              struct<DescribeShareGroupOffsetsResponsePartition>({
                partitionIndex: int32('0+'),
                startOffset: int64('0+'),
                leaderEpoch: int32('0+'),
                lag: int64('1+', { default: -1, ignorable: true }),
                errorCode: int16('0+'),
                errorMessage: string('0+', { nullable: '0+', default: null }),
              }),
            ),
          }),
        ),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
      }),
    ),
  }),
});
