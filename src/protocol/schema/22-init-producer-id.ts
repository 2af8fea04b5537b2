import { api, bool, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface InitProducerIdRequest {
  transactionalId: string | null;
  transactionTimeoutMs: number;
  producerId: number;
  producerEpoch: number;
  enable2Pc: boolean;
  keepPreparedTxn: boolean;
}

export interface InitProducerIdResponse {
  throttleTimeMs: number;
  errorCode: number;
  producerId: number;
  producerEpoch: number;
  ongoingTxnProducerId: number;
  ongoingTxnProducerEpoch: number;
}

export const INIT_PRODUCER_ID = api({
  key: 22,
  name: 'InitProducerId',
  versions: '0-6',
  flexible: '2+',
  latestVersionUnstable: true,
  request: struct<InitProducerIdRequest>({
    transactionalId: string('0+', { nullable: '0+' }),
    transactionTimeoutMs: int32('0+'),
    producerId: int64('3+', { default: -1 }),
    producerEpoch: int16('3+', { default: -1 }),
    enable2Pc: bool('6+', { default: false }),
    keepPreparedTxn: bool('6+', { default: false }),
  }),
  response: struct<InitProducerIdResponse>({
    throttleTimeMs: int32('0+', { ignorable: true }),
    errorCode: int16('0+'),
    producerId: int64('0+', { default: -1 }),
    producerEpoch: int16('0+'),
    ongoingTxnProducerId: int64('6+', { default: -1 }),
    ongoingTxnProducerEpoch: int16('6+', { default: -1 }),
  }),
});
