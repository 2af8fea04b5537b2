import { api, bool, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface EndTxnRequest {
  transactionalId: string;
  producerId: number;
  producerEpoch: number;
  committed: boolean;
}

export interface EndTxnResponse {
  throttleTimeMs: number;
  errorCode: number;
  producerId: number;
  producerEpoch: number;
}

export const END_TXN = api({
  key: 26,
  name: 'EndTxn',
  versions: '0-5',
  flexible: '3+',
  request: struct<EndTxnRequest>({
    transactionalId: string('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    committed: bool('0+'),
  }),
  response: struct<EndTxnResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    producerId: int64('5+', { default: -1, ignorable: true }),
    producerEpoch: int16('5+', { default: -1, ignorable: true }),
  }),
});
