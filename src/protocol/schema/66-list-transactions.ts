import { api, array, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface ListTransactionsRequest {
  stateFilters: string[];
  producerIdFilters: number[];
  durationFilter: number;
  transactionalIdPattern: string | null;
}

export interface ListTransactionsResponse {
  throttleTimeMs: number;
  errorCode: number;
  unknownStateFilters: string[];
  transactionStates: ListTransactionsResponseTransactionState[];
}

export interface ListTransactionsResponseTransactionState {
  transactionalId: string;
  producerId: number;
  transactionState: string;
}

export const LIST_TRANSACTIONS = api({
  key: 66,
  name: 'ListTransactions',
  versions: '0-2',
  flexible: '0+',
  request: struct<ListTransactionsRequest>({
    stateFilters: array('0+', 'string'),
    producerIdFilters: array('0+', 'int64'),
    durationFilter: int64('1+', { default: -1 }),
    transactionalIdPattern: string('2+', { nullable: '2+', default: null }),
  }),
  response: struct<ListTransactionsResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    unknownStateFilters: array('0+', 'string'),
    transactionStates: array(
      '0+',
      struct<ListTransactionsResponseTransactionState>({
        transactionalId: string('0+'),
        producerId: int64('0+'),
        transactionState: string('0+'),
      }),
    ),
  }),
});
