import { api, array, bool, int8, int16, int32, string, struct, uuid } from '../schema-dsl.ts';

export interface CreateTopicsRequest {
  topics: CreateTopicsRequestCreatableTopic[];
  timeoutMs: number;
  validateOnly: boolean;
}

export interface CreateTopicsRequestCreatableTopic {
  name: string;
  numPartitions: number;
  replicationFactor: number;
  assignments: CreateTopicsRequestCreatableReplicaAssignment[];
  configs: CreateTopicsRequestCreatableTopicConfig[];
}

export interface CreateTopicsRequestCreatableReplicaAssignment {
  partitionIndex: number;
  brokerIds: number[];
}

export interface CreateTopicsRequestCreatableTopicConfig {
  name: string;
  value: string | null;
}

export interface CreateTopicsResponse {
  throttleTimeMs: number;
  topics: CreateTopicsResponseCreatableTopicResult[];
}

export interface CreateTopicsResponseCreatableTopicResult {
  name: string;
  topicId: string;
  errorCode: number;
  errorMessage: string | null;
  topicConfigErrorCode: number;
  numPartitions: number;
  replicationFactor: number;
  configs: CreateTopicsResponseCreatableTopicConfigs[] | null;
}

export interface CreateTopicsResponseCreatableTopicConfigs {
  name: string;
  value: string | null;
  readOnly: boolean;
  configSource: number;
  isSensitive: boolean;
}

export const CREATE_TOPICS = api({
  key: 19,
  name: 'CreateTopics',
  versions: '2-7',
  flexible: '5+',
  request: struct<CreateTopicsRequest>({
    topics: array(
      '0+',
      struct<CreateTopicsRequestCreatableTopic>({
        name: string('0+'),
        numPartitions: int32('0+'),
        replicationFactor: int16('0+'),
        assignments: array(
          '0+',
          struct<CreateTopicsRequestCreatableReplicaAssignment>({
            partitionIndex: int32('0+'),
            brokerIds: array('0+', 'int32'),
          }),
        ),
        configs: array(
          '0+',
          struct<CreateTopicsRequestCreatableTopicConfig>({
            name: string('0+'),
            value: string('0+', { nullable: '0+' }),
          }),
        ),
      }),
    ),
    timeoutMs: int32('0+', { default: 60000 }),
    validateOnly: bool('1+', { default: false }),
  }),
  response: struct<CreateTopicsResponse>({
    throttleTimeMs: int32('2+', { ignorable: true }),
    topics: array(
      '0+',
      struct<CreateTopicsResponseCreatableTopicResult>({
        name: string('0+'),
        topicId: uuid('7+', { ignorable: true }),
        errorCode: int16('0+'),
        errorMessage: string('1+', { nullable: '0+', ignorable: true }),
        topicConfigErrorCode: int16('5+', { tag: 0, tagged: '5+', ignorable: true }),
        numPartitions: int32('5+', { default: -1, ignorable: true }),
        replicationFactor: int16('5+', { default: -1, ignorable: true }),
        configs: array(
          '5+',
          struct<CreateTopicsResponseCreatableTopicConfigs>({
            name: string('5+'),
            value: string('5+', { nullable: '5+' }),
            readOnly: bool('5+'),
            configSource: int8('5+', { default: -1, ignorable: true }),
            isSensitive: bool('5+'),
          }),
          { nullable: '5+', ignorable: true },
        ),
      }),
    ),
  }),
});
