import { api, array, int16, int32, int64, string, struct, uint16, uuid } from '../schema-dsl.ts';

export interface DescribeQuorumRequest {
  topics: DescribeQuorumRequestTopicData[];
}

export interface DescribeQuorumRequestTopicData {
  topicName: string;
  partitions: DescribeQuorumRequestPartitionData[];
}

export interface DescribeQuorumRequestPartitionData {
  partitionIndex: number;
}

export interface DescribeQuorumResponse {
  errorCode: number;
  errorMessage: string | null;
  topics: DescribeQuorumResponseTopicData[];
  nodes: DescribeQuorumResponseNode[];
}

export interface DescribeQuorumResponseTopicData {
  topicName: string;
  partitions: DescribeQuorumResponsePartitionData[];
}

export interface DescribeQuorumResponsePartitionData {
  partitionIndex: number;
  errorCode: number;
  errorMessage: string | null;
  leaderId: number;
  leaderEpoch: number;
  highWatermark: number;
  currentVoters: DescribeQuorumResponseReplicaState[];
  observers: DescribeQuorumResponseReplicaState[];
}

export interface DescribeQuorumResponseReplicaState {
  replicaId: number;
  replicaDirectoryId: string;
  logEndOffset: number;
  lastFetchTimestamp: number;
  lastCaughtUpTimestamp: number;
}

export interface DescribeQuorumResponseNode {
  nodeId: number;
  listeners: DescribeQuorumResponseListener[];
}

export interface DescribeQuorumResponseListener {
  name: string;
  host: string;
  port: number;
}

const describeQuorumResponseReplicaState = struct<DescribeQuorumResponseReplicaState>({
  replicaId: int32('0+'),
  replicaDirectoryId: uuid('2+'),
  logEndOffset: int64('0+'),
  lastFetchTimestamp: int64('1+', { default: -1, ignorable: true }),
  lastCaughtUpTimestamp: int64('1+', { default: -1, ignorable: true }),
});

export const DESCRIBE_QUORUM = api({
  key: 55,
  name: 'DescribeQuorum',
  versions: '0-2',
  flexible: '0+',
  request: struct<DescribeQuorumRequest>({
    topics: array(
      '0+',
      struct<DescribeQuorumRequestTopicData>({
        topicName: string('0+'),
        partitions: array(
          '0+',
          struct<DescribeQuorumRequestPartitionData>({
            partitionIndex: int32('0+'),
          }),
        ),
      }),
    ),
  }),
  response: struct<DescribeQuorumResponse>({
    errorCode: int16('0+'),
    errorMessage: string('2+', { nullable: '2+', ignorable: true }),
    topics: array(
      '0+',
      struct<DescribeQuorumResponseTopicData>({
        topicName: string('0+'),
        partitions: array(
          '0+',
          struct<DescribeQuorumResponsePartitionData>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('2+', { nullable: '2+', ignorable: true }),
            leaderId: int32('0+'),
            leaderEpoch: int32('0+'),
            highWatermark: int64('0+'),
            currentVoters: array('0+', describeQuorumResponseReplicaState),
            observers: array('0+', describeQuorumResponseReplicaState),
          }),
        ),
      }),
    ),
    nodes: array(
      '2+',
      struct<DescribeQuorumResponseNode>({
        nodeId: int32('2+'),
        listeners: array(
          '2+',
          struct<DescribeQuorumResponseListener>({
            name: string('2+'),
            host: string('2+'),
            port: uint16('2+'),
          }),
        ),
      }),
    ),
  }),
});
