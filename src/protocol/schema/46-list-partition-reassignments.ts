import { api, array, int16, int32, string, struct } from '../schema-dsl.ts';

export interface ListPartitionReassignmentsRequest {
  timeoutMs: number;
  topics: ListPartitionReassignmentsRequestListPartitionReassignmentsTopics[] | null;
}

export interface ListPartitionReassignmentsRequestListPartitionReassignmentsTopics {
  name: string;
  partitionIndexes: number[];
}

export interface ListPartitionReassignmentsResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  topics: ListPartitionReassignmentsResponseOngoingTopicReassignment[];
}

export interface ListPartitionReassignmentsResponseOngoingTopicReassignment {
  name: string;
  partitions: ListPartitionReassignmentsResponseOngoingPartitionReassignment[];
}

export interface ListPartitionReassignmentsResponseOngoingPartitionReassignment {
  partitionIndex: number;
  replicas: number[];
  addingReplicas: number[];
  removingReplicas: number[];
}

export const LIST_PARTITION_REASSIGNMENTS = api({
  key: 46,
  name: 'ListPartitionReassignments',
  versions: '0',
  flexible: '0+',
  request: struct<ListPartitionReassignmentsRequest>({
    timeoutMs: int32('0+', { default: 60000 }),
    topics: array(
      '0+',
      struct<ListPartitionReassignmentsRequestListPartitionReassignmentsTopics>({
        name: string('0+'),
        partitionIndexes: array('0+', 'int32'),
      }),
      { nullable: '0+', default: null },
    ),
  }),
  response: struct<ListPartitionReassignmentsResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    topics: array(
      '0+',
      struct<ListPartitionReassignmentsResponseOngoingTopicReassignment>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<ListPartitionReassignmentsResponseOngoingPartitionReassignment>({
            partitionIndex: int32('0+'),
            replicas: array('0+', 'int32'),
            addingReplicas: array('0+', 'int32'),
            removingReplicas: array('0+', 'int32'),
          }),
        ),
      }),
    ),
  }),
});
