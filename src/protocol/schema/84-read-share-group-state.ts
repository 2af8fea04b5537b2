import { api, array, int8, int16, int32, int64, string, struct, uuid } from '../schema-dsl.ts';

export interface ReadShareGroupStateRequest {
  groupId: string;
  topics: ReadShareGroupStateRequestReadStateData[];
}

export interface ReadShareGroupStateRequestReadStateData {
  topicId: string;
  partitions: ReadShareGroupStateRequestPartitionData[];
}

export interface ReadShareGroupStateRequestPartitionData {
  partition: number;
  leaderEpoch: number;
}

export interface ReadShareGroupStateResponse {
  results: ReadShareGroupStateResponseReadStateResult[];
}

export interface ReadShareGroupStateResponseReadStateResult {
  topicId: string;
  partitions: ReadShareGroupStateResponsePartitionResult[];
}

export interface ReadShareGroupStateResponsePartitionResult {
  partition: number;
  errorCode: number;
  errorMessage: string | null;
  stateEpoch: number;
  startOffset: number;
  stateBatches: ReadShareGroupStateResponseStateBatch[];
}

export interface ReadShareGroupStateResponseStateBatch {
  firstOffset: number;
  lastOffset: number;
  deliveryState: number;
  deliveryCount: number;
}

export const READ_SHARE_GROUP_STATE = api({
  key: 84,
  name: 'ReadShareGroupState',
  versions: '0',
  flexible: '0+',
  request: struct<ReadShareGroupStateRequest>({
    groupId: string('0+'),
    topics: array(
      '0+',
      struct<ReadShareGroupStateRequestReadStateData>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<ReadShareGroupStateRequestPartitionData>({
            partition: int32('0+'),
            leaderEpoch: int32('0+'),
          }),
        ),
      }),
    ),
  }),
  response: struct<ReadShareGroupStateResponse>({
    results: array(
      '0+',
      struct<ReadShareGroupStateResponseReadStateResult>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<ReadShareGroupStateResponsePartitionResult>({
            partition: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+', default: null }),
            stateEpoch: int32('0+'),
            startOffset: int64('0+'),
            stateBatches: array(
              '0+',
              struct<ReadShareGroupStateResponseStateBatch>({
                firstOffset: int64('0+'),
                lastOffset: int64('0+'),
                deliveryState: int8('0+'),
                deliveryCount: int16('0+'),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
});
