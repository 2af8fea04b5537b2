import { api, array, bool, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface AddPartitionsToTxnRequest {
  transactions: AddPartitionsToTxnRequestAddPartitionsToTxnTransaction[];
  v3AndBelowTransactionalId: string;
  v3AndBelowProducerId: number;
  v3AndBelowProducerEpoch: number;
  v3AndBelowTopics: AddPartitionsToTxnRequestAddPartitionsToTxnTopic[];
}

export interface AddPartitionsToTxnRequestAddPartitionsToTxnTransaction {
  transactionalId: string;
  producerId: number;
  producerEpoch: number;
  verifyOnly: boolean;
  topics: AddPartitionsToTxnRequestAddPartitionsToTxnTopic[];
}

export interface AddPartitionsToTxnRequestAddPartitionsToTxnTopic {
  name: string;
  partitions: number[];
}

export interface AddPartitionsToTxnResponse {
  throttleTimeMs: number;
  errorCode: number;
  resultsByTransaction: AddPartitionsToTxnResponseAddPartitionsToTxnResult[];
  resultsByTopicV3AndBelow: AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult[];
}

export interface AddPartitionsToTxnResponseAddPartitionsToTxnResult {
  transactionalId: string;
  topicResults: AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult[];
}

export interface AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult {
  name: string;
  resultsByPartition: AddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult[];
}

export interface AddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult {
  partitionIndex: number;
  partitionErrorCode: number;
}

const addPartitionsToTxnRequestAddPartitionsToTxnTopic =
  struct<AddPartitionsToTxnRequestAddPartitionsToTxnTopic>({
    name: string('0+'),
    partitions: array('0+', 'int32'),
  });

const addPartitionsToTxnResponseAddPartitionsToTxnPartitionResult =
  struct<AddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult>({
    partitionIndex: int32('0+'),
    partitionErrorCode: int16('0+'),
  });

const addPartitionsToTxnResponseAddPartitionsToTxnTopicResult =
  struct<AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult>({
    name: string('0+'),
    resultsByPartition: array('0+', addPartitionsToTxnResponseAddPartitionsToTxnPartitionResult),
  });

export const ADD_PARTITIONS_TO_TXN = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: '0-5',
  flexible: '3+',
  request: struct<AddPartitionsToTxnRequest>({
    transactions: array(
      '4+',
      struct<AddPartitionsToTxnRequestAddPartitionsToTxnTransaction>({
        transactionalId: string('4+'),
        producerId: int64('4+'),
        producerEpoch: int16('4+'),
        verifyOnly: bool('4+', { default: false }),
        topics: array('4+', addPartitionsToTxnRequestAddPartitionsToTxnTopic),
      }),
    ),
    v3AndBelowTransactionalId: string('0-3'),
    v3AndBelowProducerId: int64('0-3'),
    v3AndBelowProducerEpoch: int16('0-3'),
    v3AndBelowTopics: array('0-3', addPartitionsToTxnRequestAddPartitionsToTxnTopic),
  }),
  response: struct<AddPartitionsToTxnResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('4+', { ignorable: true }),
    resultsByTransaction: array(
      '4+',
      struct<AddPartitionsToTxnResponseAddPartitionsToTxnResult>({
        transactionalId: string('4+'),
        topicResults: array('4+', addPartitionsToTxnResponseAddPartitionsToTxnTopicResult),
      }),
    ),
    resultsByTopicV3AndBelow: array('0-3', addPartitionsToTxnResponseAddPartitionsToTxnTopicResult),
  }),
});
