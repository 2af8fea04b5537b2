import { api, array, int16, int32, string, struct, uuid } from '../schema-dsl.ts';

export interface DeleteShareGroupStateRequest {
  groupId: string;
  topics: DeleteShareGroupStateRequestDeleteStateData[];
}

export interface DeleteShareGroupStateRequestDeleteStateData {
  topicId: string;
  partitions: DeleteShareGroupStateRequestPartitionData[];
}

export interface DeleteShareGroupStateRequestPartitionData {
  partition: number;
}

export interface DeleteShareGroupStateResponse {
  results: DeleteShareGroupStateResponseDeleteStateResult[];
}

export interface DeleteShareGroupStateResponseDeleteStateResult {
  topicId: string;
  partitions: DeleteShareGroupStateResponsePartitionResult[];
}

export interface DeleteShareGroupStateResponsePartitionResult {
  partition: number;
  errorCode: number;
  errorMessage: string | null;
}

export const DELETE_SHARE_GROUP_STATE = api({
  key: 86,
  name: 'DeleteShareGroupState',
  versions: '0',
  flexible: '0+',
  request: struct<DeleteShareGroupStateRequest>({
    groupId: string('0+'),
    topics: array(
      '0+',
      struct<DeleteShareGroupStateRequestDeleteStateData>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<DeleteShareGroupStateRequestPartitionData>({
            partition: int32('0+'),
          }),
        ),
      }),
    ),
  }),
  response: struct<DeleteShareGroupStateResponse>({
    results: array(
      '0+',
      struct<DeleteShareGroupStateResponseDeleteStateResult>({
        topicId: uuid('0+'),
        partitions: array(
          '0+',
          struct<DeleteShareGroupStateResponsePartitionResult>({
            partition: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+', default: null }),
          }),
        ),
      }),
    ),
  }),
});
