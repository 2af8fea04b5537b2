import { api, array, int16, int32, string, struct } from '../schema-dsl.ts';

export interface OffsetDeleteRequest {
  groupId: string;
  topics: OffsetDeleteRequestTopic[];
}

export interface OffsetDeleteRequestTopic {
  name: string;
  partitions: OffsetDeleteRequestPartition[];
}

export interface OffsetDeleteRequestPartition {
  partitionIndex: number;
}

export interface OffsetDeleteResponse {
  errorCode: number;
  throttleTimeMs: number;
  topics: OffsetDeleteResponseTopic[];
}

export interface OffsetDeleteResponseTopic {
  name: string;
  partitions: OffsetDeleteResponsePartition[];
}

export interface OffsetDeleteResponsePartition {
  partitionIndex: number;
  errorCode: number;
}

export const OFFSET_DELETE = api({
  key: 47,
  name: 'OffsetDelete',
  versions: '0',
  flexible: 'none',
  request: struct<OffsetDeleteRequest>({
    groupId: string('0+'),
    topics: array(
      '0+',
      struct<OffsetDeleteRequestTopic>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<OffsetDeleteRequestPartition>({
            partitionIndex: int32('0+'),
          }),
        ),
      }),
    ),
  }),
  response: struct<OffsetDeleteResponse>({
    errorCode: int16('0+'),
    throttleTimeMs: int32('0+', { ignorable: true }),
    topics: array(
      '0+',
      struct<OffsetDeleteResponseTopic>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<OffsetDeleteResponsePartition>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
          }),
        ),
      }),
    ),
  }),
});
