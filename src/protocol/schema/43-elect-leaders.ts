import { api, array, int8, int16, int32, string, struct } from '../schema-dsl.ts';

export interface ElectLeadersRequest {
  electionType: number;
  topicPartitions: ElectLeadersRequestTopicPartitions[] | null;
  timeoutMs: number;
}

export interface ElectLeadersRequestTopicPartitions {
  topic: string;
  partitions: number[];
}

export interface ElectLeadersResponse {
  throttleTimeMs: number;
  errorCode: number;
  replicaElectionResults: ElectLeadersResponseReplicaElectionResult[];
}

export interface ElectLeadersResponseReplicaElectionResult {
  topic: string;
  partitionResult: ElectLeadersResponsePartitionResult[];
}

export interface ElectLeadersResponsePartitionResult {
  partitionId: number;
  errorCode: number;
  errorMessage: string | null;
}

export const ELECT_LEADERS = api({
  key: 43,
  name: 'ElectLeaders',
  versions: '0-2',
  flexible: '2+',
  request: struct<ElectLeadersRequest>({
    electionType: int8('1+'),
    topicPartitions: array(
      '0+',
      struct<ElectLeadersRequestTopicPartitions>({
        topic: string('0+'),
        partitions: array('0+', 'int32'),
      }),
      { nullable: '0+' },
    ),
    timeoutMs: int32('0+', { default: 60000 }),
  }),
  response: struct<ElectLeadersResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('1+'),
    replicaElectionResults: array(
      '0+',
      struct<ElectLeadersResponseReplicaElectionResult>({
        topic: string('0+'),
        partitionResult: array(
          '0+',
          struct<ElectLeadersResponsePartitionResult>({
            partitionId: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+' }),
          }),
        ),
      }),
    ),
  }),
});
