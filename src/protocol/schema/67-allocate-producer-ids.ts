import { api, int16, int32, int64, struct } from '../schema-dsl.ts';

export interface AllocateProducerIdsRequest {
  brokerId: number;
  brokerEpoch: number;
}

export interface AllocateProducerIdsResponse {
  throttleTimeMs: number;
  errorCode: number;
  producerIdStart: number;
  producerIdLen: number;
}

export const ALLOCATE_PRODUCER_IDS = api({
  key: 67,
  name: 'AllocateProducerIds',
  versions: '0',
  flexible: '0+',
  request: struct<AllocateProducerIdsRequest>({
    brokerId: int32('0+'),
    brokerEpoch: int64('0+', { default: -1 }),
  }),
  response: struct<AllocateProducerIdsResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    producerIdStart: int64('0+'),
    producerIdLen: int32('0+'),
  }),
});
