import { array, int8, int16, int32, int64, message, string, struct } from '../schema-dsl.ts';

export interface TransactionLogKey {
  transactionalId: string;
}

export const TRANSACTION_LOG_KEY = message({
  name: 'TransactionLogKey',
  recordType: 0,
  versions: '0',
  flexible: 'none',
  body: struct<TransactionLogKey>({
    transactionalId: string('0'),
  }),
});

export interface TransactionLogValue {
  producerId: number;
  previousProducerId: number;
  nextProducerId: number;
  producerEpoch: number;
  nextProducerEpoch: number;
  transactionTimeoutMs: number;
  transactionStatus: number;
  transactionPartitions: TransactionLogValuePartitionsSchema[] | null;
  transactionLastUpdateTimestampMs: number;
  transactionStartTimestampMs: number;
  clientTransactionVersion: number;
}

export interface TransactionLogValuePartitionsSchema {
  topic: string;
  partitionIds: number[];
}

export const TRANSACTION_LOG_VALUE = message({
  name: 'TransactionLogValue',
  recordType: 0,
  versions: '0-1',
  flexible: '1+',
  body: struct<TransactionLogValue>({
    producerId: int64('0+'),
    previousProducerId: int64('1+', { tag: 0, tagged: '1+', default: -1 }),
    nextProducerId: int64('1+', { tag: 1, tagged: '1+', default: -1 }),
    producerEpoch: int16('0+'),
    nextProducerEpoch: int16('1+', { tag: 3, tagged: '1+', default: -1 }),
    transactionTimeoutMs: int32('0+'),
    transactionStatus: int8('0+'),
    transactionPartitions: array(
      '0+',
      struct<TransactionLogValuePartitionsSchema>({
        topic: string('0+'),
        partitionIds: array('0+', 'int32'),
      }),
      { nullable: '0+' },
    ),
    transactionLastUpdateTimestampMs: int64('0+'),
    transactionStartTimestampMs: int64('0+'),
    clientTransactionVersion: int16('1+', { tag: 2, tagged: '1+', default: 0 }),
  }),
});
