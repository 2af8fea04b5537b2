import { api, array, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface DeleteRecordsRequest {
  topics: DeleteRecordsRequestDeleteRecordsTopic[];
  timeoutMs: number;
}

export interface DeleteRecordsRequestDeleteRecordsTopic {
  name: string;
  partitions: DeleteRecordsRequestDeleteRecordsPartition[];
}

export interface DeleteRecordsRequestDeleteRecordsPartition {
  partitionIndex: number;
  offset: number;
}

export interface DeleteRecordsResponse {
  throttleTimeMs: number;
  topics: DeleteRecordsResponseDeleteRecordsTopicResult[];
}

export interface DeleteRecordsResponseDeleteRecordsTopicResult {
  name: string;
  partitions: DeleteRecordsResponseDeleteRecordsPartitionResult[];
}

export interface DeleteRecordsResponseDeleteRecordsPartitionResult {
  partitionIndex: number;
  lowWatermark: number;
  errorCode: number;
}

export const DELETE_RECORDS = api({
  key: 21,
  name: 'DeleteRecords',
  versions: '0-2',
  flexible: '2+',
  request: struct<DeleteRecordsRequest>({
    topics: array(
      '0+',
      struct<DeleteRecordsRequestDeleteRecordsTopic>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<DeleteRecordsRequestDeleteRecordsPartition>({
            partitionIndex: int32('0+'),
            offset: int64('0+'),
          }),
        ),
      }),
    ),
    timeoutMs: int32('0+'),
  }),
  response: struct<DeleteRecordsResponse>({
    throttleTimeMs: int32('0+'),
    topics: array(
      '0+',
      struct<DeleteRecordsResponseDeleteRecordsTopicResult>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<DeleteRecordsResponseDeleteRecordsPartitionResult>({
            partitionIndex: int32('0+'),
            lowWatermark: int64('0+'),
            errorCode: int16('0+'),
          }),
        ),
      }),
    ),
  }),
});
