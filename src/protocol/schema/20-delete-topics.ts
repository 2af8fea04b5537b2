import { api, array, int16, int32, string, struct, uuid } from '../schema-dsl.ts';

export interface DeleteTopicsRequest {
  topics: DeleteTopicsRequestDeleteTopicState[];
  topicNames: string[];
  timeoutMs: number;
}

export interface DeleteTopicsRequestDeleteTopicState {
  name: string | null;
  topicId: string;
}

export interface DeleteTopicsResponse {
  throttleTimeMs: number;
  responses: DeleteTopicsResponseDeletableTopicResult[];
}

export interface DeleteTopicsResponseDeletableTopicResult {
  name: string | null;
  topicId: string;
  errorCode: number;
  errorMessage: string | null;
}

export const DELETE_TOPICS = api({
  key: 20,
  name: 'DeleteTopics',
  versions: '1-6',
  flexible: '4+',
  request: struct<DeleteTopicsRequest>({
    topics: array(
      '6+',
      struct<DeleteTopicsRequestDeleteTopicState>({
        name: string('6+', { nullable: '6+', default: null }),
        topicId: uuid('6+'),
      }),
    ),
    topicNames: array('0-5', 'string', { ignorable: true }),
    timeoutMs: int32('0+'),
  }),
  response: struct<DeleteTopicsResponse>({
    throttleTimeMs: int32('1+', { ignorable: true }),
    responses: array(
      '0+',
      struct<DeleteTopicsResponseDeletableTopicResult>({
        name: string('0+', { nullable: '6+' }),
        topicId: uuid('6+', { ignorable: true }),
        errorCode: int16('0+'),
        errorMessage: string('5+', { nullable: '5+', default: null, ignorable: true }),
      }),
    ),
  }),
});
