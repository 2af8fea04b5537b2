import { api, array, bool, int16, int32, nested, string, struct, uuid } from '../schema-dsl.ts';

export interface DescribeTopicPartitionsRequest {
  topics: DescribeTopicPartitionsRequestTopicRequest[];
  responsePartitionLimit: number;
  cursor: DescribeTopicPartitionsRequestCursor | null;
}

export interface DescribeTopicPartitionsRequestTopicRequest {
  name: string;
}

export interface DescribeTopicPartitionsRequestCursor {
  topicName: string;
  partitionIndex: number;
}

export interface DescribeTopicPartitionsResponse {
  throttleTimeMs: number;
  topics: DescribeTopicPartitionsResponseTopic[];
  nextCursor: DescribeTopicPartitionsResponseCursor | null;
}

export interface DescribeTopicPartitionsResponseTopic {
  errorCode: number;
  name: string | null;
  topicId: string;
  isInternal: boolean;
  partitions: DescribeTopicPartitionsResponsePartition[];
  topicAuthorizedOperations: number;
}

export interface DescribeTopicPartitionsResponsePartition {
  errorCode: number;
  partitionIndex: number;
  leaderId: number;
  leaderEpoch: number;
  replicaNodes: number[];
  isrNodes: number[];
  eligibleLeaderReplicas: number[] | null;
  lastKnownElr: number[] | null;
  offlineReplicas: number[];
}

export interface DescribeTopicPartitionsResponseCursor {
  topicName: string;
  partitionIndex: number;
}

export const DESCRIBE_TOPIC_PARTITIONS = api({
  key: 75,
  name: 'DescribeTopicPartitions',
  versions: '0',
  flexible: '0+',
  request: struct<DescribeTopicPartitionsRequest>({
    topics: array(
      '0+',
      struct<DescribeTopicPartitionsRequestTopicRequest>({
        name: string('0+'),
      }),
    ),
    responsePartitionLimit: int32('0+', { default: 2000 }),
    cursor: nested(
      '0+',
      struct<DescribeTopicPartitionsRequestCursor>({
        topicName: string('0+'),
        partitionIndex: int32('0+'),
      }),
      { nullable: '0+', default: null },
    ),
  }),
  response: struct<DescribeTopicPartitionsResponse>({
    throttleTimeMs: int32('0+', { ignorable: true }),
    topics: array(
      '0+',
      struct<DescribeTopicPartitionsResponseTopic>({
        errorCode: int16('0+'),
        name: string('0+', { nullable: '0+' }),
        topicId: uuid('0+', { ignorable: true }),
        isInternal: bool('0+', { default: false, ignorable: true }),
        partitions: array(
          '0+',
          struct<DescribeTopicPartitionsResponsePartition>({
            errorCode: int16('0+'),
            partitionIndex: int32('0+'),
            leaderId: int32('0+'),
            leaderEpoch: int32('0+', { default: -1, ignorable: true }),
            replicaNodes: array('0+', 'int32'),
            isrNodes: array('0+', 'int32'),
            eligibleLeaderReplicas: array('0+', 'int32', { nullable: '0+', default: null }),
            lastKnownElr: array('0+', 'int32', { nullable: '0+', default: null }),
            offlineReplicas: array('0+', 'int32', { ignorable: true }),
          }),
        ),
        topicAuthorizedOperations: int32('0+', { default: -2147483648 }),
      }),
    ),
    nextCursor: nested(
      '0+',
      struct<DescribeTopicPartitionsResponseCursor>({
        topicName: string('0+'),
        partitionIndex: int32('0+'),
      }),
      { nullable: '0+', default: null },
    ),
  }),
});
