import { api, array, bool, int16, int32, string, struct } from '../schema-dsl.ts';

export interface CreatePartitionsRequest {
  topics: CreatePartitionsRequestCreatePartitionsTopic[];
  timeoutMs: number;
  validateOnly: boolean;
}

export interface CreatePartitionsRequestCreatePartitionsTopic {
  name: string;
  count: number;
  assignments: CreatePartitionsRequestCreatePartitionsAssignment[] | null;
}

export interface CreatePartitionsRequestCreatePartitionsAssignment {
  brokerIds: number[];
}

export interface CreatePartitionsResponse {
  throttleTimeMs: number;
  results: CreatePartitionsResponseCreatePartitionsTopicResult[];
}

export interface CreatePartitionsResponseCreatePartitionsTopicResult {
  name: string;
  errorCode: number;
  errorMessage: string | null;
}

export const CREATE_PARTITIONS = api({
  key: 37,
  name: 'CreatePartitions',
  versions: '0-3',
  flexible: '2+',
  request: struct<CreatePartitionsRequest>({
    topics: array(
      '0+',
      struct<CreatePartitionsRequestCreatePartitionsTopic>({
        name: string('0+'),
        count: int32('0+'),
        assignments: array(
          '0+',
          struct<CreatePartitionsRequestCreatePartitionsAssignment>({
            brokerIds: array('0+', 'int32'),
          }),
          { nullable: '0+' },
        ),
      }),
    ),
    timeoutMs: int32('0+'),
    validateOnly: bool('0+'),
  }),
  response: struct<CreatePartitionsResponse>({
    throttleTimeMs: int32('0+'),
    results: array(
      '0+',
      struct<CreatePartitionsResponseCreatePartitionsTopicResult>({
        name: string('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
      }),
    ),
  }),
});
