import { api, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface AddOffsetsToTxnRequest {
  transactionalId: string;
  producerId: number;
  producerEpoch: number;
  groupId: string;
}

export interface AddOffsetsToTxnResponse {
  throttleTimeMs: number;
  errorCode: number;
}

export const ADD_OFFSETS_TO_TXN = api({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: '0-4',
  flexible: '3+',
  request: struct<AddOffsetsToTxnRequest>({
    transactionalId: string('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    groupId: string('0+'),
  }),
  response: struct<AddOffsetsToTxnResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
  }),
});
