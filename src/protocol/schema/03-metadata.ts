import { api, array, bool, int16, int32, string, struct, uuid } from '../schema-dsl.ts';

export interface MetadataRequest {
  topics: MetadataRequestTopic[] | null;
  allowAutoTopicCreation: boolean;
  includeClusterAuthorizedOperations: boolean;
  includeTopicAuthorizedOperations: boolean;
}

export interface MetadataRequestTopic {
  topicId: string;
  name: string | null;
}

export interface MetadataResponse {
  throttleTimeMs: number;
  brokers: MetadataResponseBroker[];
  clusterId: string | null;
  controllerId: number;
  topics: MetadataResponseTopic[];
  clusterAuthorizedOperations: number;
  errorCode: number;
}

export interface MetadataResponseBroker {
  nodeId: number;
  host: string;
  port: number;
  rack: string | null;
}

export interface MetadataResponseTopic {
  errorCode: number;
  name: string | null;
  topicId: string;
  isInternal: boolean;
  partitions: MetadataResponsePartition[];
  topicAuthorizedOperations: number;
}

export interface MetadataResponsePartition {
  errorCode: number;
  partitionIndex: number;
  leaderId: number;
  leaderEpoch: number;
  replicaNodes: number[];
  isrNodes: number[];
  offlineReplicas: number[];
}

export const METADATA = api({
  key: 3,
  name: 'Metadata',
  versions: '0-13',
  flexible: '9+',
  request: struct<MetadataRequest>({
    topics: array(
      '0+',
      struct<MetadataRequestTopic>({
        topicId: uuid('10+', { ignorable: true }),
        name: string('0+', { nullable: '10+' }),
      }),
      { nullable: '1+' },
    ),
    allowAutoTopicCreation: bool('4+', { default: true }),
    includeClusterAuthorizedOperations: bool('8-10'),
    includeTopicAuthorizedOperations: bool('8+'),
  }),
  response: struct<MetadataResponse>({
    throttleTimeMs: int32('3+', { ignorable: true }),
    brokers: array(
      '0+',
      struct<MetadataResponseBroker>({
        nodeId: int32('0+'),
        host: string('0+'),
        port: int32('0+'),
        rack: string('1+', { nullable: '1+', default: null, ignorable: true }),
      }),
    ),
    clusterId: string('2+', { nullable: '2+', default: null, ignorable: true }),
    controllerId: int32('1+', { default: -1, ignorable: true }),
    topics: array(
      '0+',
      struct<MetadataResponseTopic>({
        errorCode: int16('0+'),
        name: string('0+', { nullable: '12+' }),
        topicId: uuid('10+', { ignorable: true }),
        isInternal: bool('1+', { default: false, ignorable: true }),
        partitions: array(
          '0+',
          struct<MetadataResponsePartition>({
            errorCode: int16('0+'),
            partitionIndex: int32('0+'),
            leaderId: int32('0+'),
            leaderEpoch: int32('7+', { default: -1, ignorable: true }),
            replicaNodes: array('0+', 'int32'),
            isrNodes: array('0+', 'int32'),
            offlineReplicas: array('5+', 'int32', { ignorable: true }),
          }),
        ),
        topicAuthorizedOperations: int32('8+', { default: -2147483648 }),
      }),
    ),
    clusterAuthorizedOperations: int32('8-10', { default: -2147483648 }),
    errorCode: int16('13+', { ignorable: true }),
  }),
});
