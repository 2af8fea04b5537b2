import { api, array, int16, int32, int64, string, struct, uuid } from '../schema-dsl.ts';

export interface InitializeShareGroupStateRequest {
  groupId: string;
  topics: InitializeShareGroupStateRequestInitializeStateData[];
}

export interface InitializeShareGroupStateRequestInitializeStateData {
  topicId: string;
  partitions: InitializeShareGroupStateRequestPartitionData[];
}

export interface InitializeShareGroupStateRequestPartitionData {
  partition: number;
  stateEpoch: number;
  startOffset: number;
}

export interface InitializeShareGroupStateResponse {
  results: InitializeShareGroupStateResponseInitializeStateResult[];
}

export interface InitializeShareGroupStateResponseInitializeStateResult {
  topicId: string;
  partitions: InitializeShareGroupStateResponsePartitionResult[];
}

export interface InitializeShareGroupStateResponsePartitionResult {
  partition: number;
  errorCode: number;
  errorMessage: string | null;
}

export const INITIALIZE_SHARE_GROUP_STATE = api({
  key: 83,
  name: 'InitializeShareGroupState',
  versions: '0',
  flexible: '0+',
  request: struct<InitializeShareGroupStateRequest>({
    groupId: string('0+'),
    topics: array(
      '0+',
      struct<InitializeShareGroupStateRequestInitializeStateData>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<InitializeShareGroupStateRequestPartitionData>({
            partition: int32('0+'),
            stateEpoch: int32('0+'),
            startOffset: int64('0+'),
          }),
        ),
      }),
    ),
  }),
  response: struct<InitializeShareGroupStateResponse>({
    results: array(
      '0+',
      struct<InitializeShareGroupStateResponseInitializeStateResult>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<InitializeShareGroupStateResponsePartitionResult>({
            partition: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+', default: null }),
          }),
        ),
      }),
    ),
  }),
});
