import { api, array, bool, int16, int32, string, struct } from '../schema-dsl.ts';

export interface AlterPartitionReassignmentsRequest {
  timeoutMs: number;
  allowReplicationFactorChange: boolean;
  topics: AlterPartitionReassignmentsRequestReassignableTopic[];
}

export interface AlterPartitionReassignmentsRequestReassignableTopic {
  name: string;
  partitions: AlterPartitionReassignmentsRequestReassignablePartition[];
}

export interface AlterPartitionReassignmentsRequestReassignablePartition {
  partitionIndex: number;
  replicas: number[] | null;
}

export interface AlterPartitionReassignmentsResponse {
  throttleTimeMs: number;
  allowReplicationFactorChange: boolean;
  errorCode: number;
  errorMessage: string | null;
  responses: AlterPartitionReassignmentsResponseReassignableTopicResponse[];
}

export interface AlterPartitionReassignmentsResponseReassignableTopicResponse {
  name: string;
  partitions: AlterPartitionReassignmentsResponseReassignablePartitionResponse[];
}

export interface AlterPartitionReassignmentsResponseReassignablePartitionResponse {
  partitionIndex: number;
  errorCode: number;
  errorMessage: string | null;
}

export const ALTER_PARTITION_REASSIGNMENTS = api({
  key: 45,
  name: 'AlterPartitionReassignments',
  versions: '0-1',
  flexible: '0+',
  request: struct<AlterPartitionReassignmentsRequest>({
    timeoutMs: int32('0+', { default: 60000 }),
    allowReplicationFactorChange: bool('1+', { default: true }),
    topics: array(
      '0+',
      struct<AlterPartitionReassignmentsRequestReassignableTopic>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<AlterPartitionReassignmentsRequestReassignablePartition>({
            partitionIndex: int32('0+'),
            replicas: array('0+', 'int32', { nullable: '0+', default: null }),
          }),
        ),
      }),
    ),
  }),
  response: struct<AlterPartitionReassignmentsResponse>({
    throttleTimeMs: int32('0+'),
    allowReplicationFactorChange: bool('1+', { default: true, ignorable: true }),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    responses: array(
      '0+',
      struct<AlterPartitionReassignmentsResponseReassignableTopicResponse>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<AlterPartitionReassignmentsResponseReassignablePartitionResponse>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+' }),
          }),
        ),
      }),
    ),
  }),
});
