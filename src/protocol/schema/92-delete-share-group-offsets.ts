import { api, array, int16, int32, string, struct, uuid } from '../schema-dsl.ts';

export interface DeleteShareGroupOffsetsRequest {
  groupId: string;
  topics: DeleteShareGroupOffsetsRequestTopic[];
}

export interface DeleteShareGroupOffsetsRequestTopic {
  topicName: string;
}

export interface DeleteShareGroupOffsetsResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  responses: DeleteShareGroupOffsetsResponseTopic[];
}

export interface DeleteShareGroupOffsetsResponseTopic {
  topicName: string;
  topicId: string;
  errorCode: number;
  errorMessage: string | null;
}

export const DELETE_SHARE_GROUP_OFFSETS = api({
  key: 92,
  name: 'DeleteShareGroupOffsets',
  versions: '0',
  flexible: '0+',
  request: struct<DeleteShareGroupOffsetsRequest>({
    groupId: string('0+'),
    topics: array(
      '0+',
      struct<DeleteShareGroupOffsetsRequestTopic>({
        topicName: string('0+'),
      }),
    ),
  }),
  response: struct<DeleteShareGroupOffsetsResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    responses: array(
      '0+',
      struct<DeleteShareGroupOffsetsResponseTopic>({
        topicName: string('0+'),
        topicId: uuid('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
      }),
    ),
  }),
});
