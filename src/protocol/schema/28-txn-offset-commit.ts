import { api, array, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface TxnOffsetCommitRequest {
  transactionalId: string;
  groupId: string;
  producerId: number;
  producerEpoch: number;
  generationId: number;
  memberId: string;
  groupInstanceId: string | null;
  topics: TxnOffsetCommitRequestTopic[];
}

export interface TxnOffsetCommitRequestTopic {
  name: string;
  partitions: TxnOffsetCommitRequestPartition[];
}

export interface TxnOffsetCommitRequestPartition {
  partitionIndex: number;
  committedOffset: number;
  committedLeaderEpoch: number;
  committedMetadata: string | null;
}

export interface TxnOffsetCommitResponse {
  throttleTimeMs: number;
  topics: TxnOffsetCommitResponseTopic[];
}

export interface TxnOffsetCommitResponseTopic {
  name: string;
  partitions: TxnOffsetCommitResponsePartition[];
}

export interface TxnOffsetCommitResponsePartition {
  partitionIndex: number;
  errorCode: number;
}

export const TXN_OFFSET_COMMIT = api({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: '0-5',
  flexible: '3+',
  request: struct<TxnOffsetCommitRequest>({
    transactionalId: string('0+'),
    groupId: string('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    generationId: int32('3+', { default: -1 }),
    memberId: string('3+', { default: '' }),
    groupInstanceId: string('3+', { nullable: '3+', default: null }),
    topics: array(
      '0+',
      struct<TxnOffsetCommitRequestTopic>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<TxnOffsetCommitRequestPartition>({
            partitionIndex: int32('0+'),
            committedOffset: int64('0+'),
            committedLeaderEpoch: int32('2+', { default: -1, ignorable: true }),
            committedMetadata: string('0+', { nullable: '0+' }),
          }),
        ),
      }),
    ),
  }),
  response: struct<TxnOffsetCommitResponse>({
    throttleTimeMs: int32('0+'),
    topics: array(
      '0+',
      struct<TxnOffsetCommitResponseTopic>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<TxnOffsetCommitResponsePartition>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
          }),
        ),
      }),
    ),
  }),
});
