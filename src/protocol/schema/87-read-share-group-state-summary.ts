import { api, array, int16, int32, int64, string, struct, uuid } from '../schema-dsl.ts';

export interface ReadShareGroupStateSummaryRequest {
  groupId: string;
  topics: ReadShareGroupStateSummaryRequestReadStateSummaryData[];
}

export interface ReadShareGroupStateSummaryRequestReadStateSummaryData {
  topicId: string;
  partitions: ReadShareGroupStateSummaryRequestPartitionData[];
}

export interface ReadShareGroupStateSummaryRequestPartitionData {
  partition: number;
  leaderEpoch: number;
}

export interface ReadShareGroupStateSummaryResponse {
  results: ReadShareGroupStateSummaryResponseReadStateSummaryResult[];
}

export interface ReadShareGroupStateSummaryResponseReadStateSummaryResult {
  topicId: string;
  partitions: ReadShareGroupStateSummaryResponsePartitionResult[];
}

export interface ReadShareGroupStateSummaryResponsePartitionResult {
  partition: number;
  errorCode: number;
  errorMessage: string | null;
  stateEpoch: number;
  leaderEpoch: number;
  startOffset: number;
  deliveryCompleteCount: number;
}

export const READ_SHARE_GROUP_STATE_SUMMARY = api({
  key: 87,
  name: 'ReadShareGroupStateSummary',
  versions: '0-1',
  flexible: '0+',
  request: struct<ReadShareGroupStateSummaryRequest>({
    groupId: string('0+'),
    topics: array(
      '0+',
      struct<ReadShareGroupStateSummaryRequestReadStateSummaryData>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<ReadShareGroupStateSummaryRequestPartitionData>({
            partition: int32('0+'),
            leaderEpoch: int32('0+'),
          }),
        ),
      }),
    ),
  }),
  response: struct<ReadShareGroupStateSummaryResponse>({
    results: array(
      '0+',
      struct<ReadShareGroupStateSummaryResponseReadStateSummaryResult>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<ReadShareGroupStateSummaryResponsePartitionResult>({
            partition: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+', default: null }),
            stateEpoch: int32('0+'),
            leaderEpoch: int32('0+'),
            startOffset: int64('0+'),
            deliveryCompleteCount: int32('1+', { default: -1, ignorable: true }),
          }),
        ),
      }),
    ),
  }),
});
