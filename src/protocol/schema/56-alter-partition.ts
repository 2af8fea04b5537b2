import { api, array, int8, int16, int32, int64, struct, uuid } from '../schema-dsl.ts';

export interface AlterPartitionRequest {
  brokerId: number;
  brokerEpoch: number;
  topics: AlterPartitionRequestTopicData[];
}

export interface AlterPartitionRequestTopicData {
  topicId: string;
  partitions: AlterPartitionRequestPartitionData[];
}

export interface AlterPartitionRequestPartitionData {
  partitionIndex: number;
  leaderEpoch: number;
  newIsr: number[];
  newIsrWithEpochs: AlterPartitionRequestBrokerState[];
  leaderRecoveryState: number;
  partitionEpoch: number;
}

export interface AlterPartitionRequestBrokerState {
  brokerId: number;
  brokerEpoch: number;
}

export interface AlterPartitionResponse {
  throttleTimeMs: number;
  errorCode: number;
  topics: AlterPartitionResponseTopicData[];
}

export interface AlterPartitionResponseTopicData {
  topicId: string;
  partitions: AlterPartitionResponsePartitionData[];
}

export interface AlterPartitionResponsePartitionData {
  partitionIndex: number;
  errorCode: number;
  leaderId: number;
  leaderEpoch: number;
  isr: number[];
  leaderRecoveryState: number;
  partitionEpoch: number;
}

export const ALTER_PARTITION = api({
  key: 56,
  name: 'AlterPartition',
  versions: '2-3',
  flexible: '0+',
  request: struct<AlterPartitionRequest>({
    brokerId: int32('0+'),
    brokerEpoch: int64('0+', { default: -1 }),
    topics: array(
      '0+',
      struct<AlterPartitionRequestTopicData>({
        topicId: uuid('2+', { ignorable: true }),
        partitions: array(
          '0+',
          struct<AlterPartitionRequestPartitionData>({
            partitionIndex: int32('0+'),
            leaderEpoch: int32('0+'),
            newIsr: array('0-2', 'int32'),
            newIsrWithEpochs: array(
              '3+',
              struct<AlterPartitionRequestBrokerState>({
                brokerId: int32('3+'),
                brokerEpoch: int64('3+', { default: -1 }),
              }),
            ),
            leaderRecoveryState: int8('1+'),
            partitionEpoch: int32('0+'),
          }),
        ),
      }),
    ),
  }),
  response: struct<AlterPartitionResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    topics: array(
      '0+',
      struct<AlterPartitionResponseTopicData>({
        topicId: uuid('2+', { ignorable: true }),
        partitions: array(
          '0+',
          struct<AlterPartitionResponsePartitionData>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
            leaderId: int32('0+'),
            leaderEpoch: int32('0+'),
            isr: array('0+', 'int32'),
            leaderRecoveryState: int8('1+', { ignorable: true }),
            partitionEpoch: int32('0+'),
          }),
        ),
      }),
    ),
  }),
});
