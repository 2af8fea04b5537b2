import { api, array, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface DescribeTransactionsRequest {
  transactionalIds: string[];
}

export interface DescribeTransactionsResponse {
  throttleTimeMs: number;
  transactionStates: DescribeTransactionsResponseTransactionState[];
}

export interface DescribeTransactionsResponseTransactionState {
  errorCode: number;
  transactionalId: string;
  transactionState: string;
  transactionTimeoutMs: number;
  transactionStartTimeMs: number;
  producerId: number;
  producerEpoch: number;
  topics: DescribeTransactionsResponseTopicData[];
}

export interface DescribeTransactionsResponseTopicData {
  topic: string;
  partitions: number[];
}

export const DESCRIBE_TRANSACTIONS = api({
  key: 65,
  name: 'DescribeTransactions',
  versions: '0',
  flexible: '0+',
  request: struct<DescribeTransactionsRequest>({
    transactionalIds: array('0+', 'string'),
  }),
  response: struct<DescribeTransactionsResponse>({
    throttleTimeMs: int32('0+'),
    transactionStates: array(
      '0+',
      struct<DescribeTransactionsResponseTransactionState>({
        errorCode: int16('0+'),
        transactionalId: string('0+'),
        transactionState: string('0+'),
        transactionTimeoutMs: int32('0+'),
        transactionStartTimeMs: int64('0+'),
        producerId: int64('0+'),
        producerEpoch: int16('0+'),
        topics: array(
          '0+',
          struct<DescribeTransactionsResponseTopicData>({
            topic: string('0+'),
            partitions: array('0+', 'int32'),
          }),
        ),
      }),
    ),
  }),
});
