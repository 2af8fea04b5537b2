import { api, array, int8, int16, int32, int64, string, struct, uuid } from '../schema-dsl.ts';

export interface WriteShareGroupStateRequest {
  groupId: string;
  topics: WriteShareGroupStateRequestWriteStateData[];
}

export interface WriteShareGroupStateRequestWriteStateData {
  topicId: string;
  partitions: WriteShareGroupStateRequestPartitionData[];
}

export interface WriteShareGroupStateRequestPartitionData {
  partition: number;
  stateEpoch: number;
  leaderEpoch: number;
  startOffset: number;
  deliveryCompleteCount: number;
  stateBatches: WriteShareGroupStateRequestStateBatch[];
}

export interface WriteShareGroupStateRequestStateBatch {
  firstOffset: number;
  lastOffset: number;
  deliveryState: number;
  deliveryCount: number;
}

export interface WriteShareGroupStateResponse {
  results: WriteShareGroupStateResponseWriteStateResult[];
}

export interface WriteShareGroupStateResponseWriteStateResult {
  topicId: string;
  partitions: WriteShareGroupStateResponsePartitionResult[];
}

export interface WriteShareGroupStateResponsePartitionResult {
  partition: number;
  errorCode: number;
  errorMessage: string | null;
}

export const WRITE_SHARE_GROUP_STATE = api({
  key: 85,
  name: 'WriteShareGroupState',
  versions: '0-1',
  flexible: '0+',
  request: struct<WriteShareGroupStateRequest>({
    groupId: string('0+'),
    topics: array(
      '0+',
      struct<WriteShareGroupStateRequestWriteStateData>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<WriteShareGroupStateRequestPartitionData>({
            partition: int32('0+'),
            stateEpoch: int32('0+'),
            leaderEpoch: int32('0+'),
            startOffset: int64('0+'),
            deliveryCompleteCount: int32('1+', { default: -1, ignorable: true }),
            stateBatches: array(
              '0+',
              struct<WriteShareGroupStateRequestStateBatch>({
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
  response: struct<WriteShareGroupStateResponse>({
    results: array(
      '0+',
      struct<WriteShareGroupStateResponseWriteStateResult>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<WriteShareGroupStateResponsePartitionResult>({
            partition: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+', default: null }),
          }),
        ),
      }),
    ),
  }),
});
