import { api, int16, int32, string, struct } from '../schema-dsl.ts';

export interface UnregisterBrokerRequest {
  brokerId: number;
}

export interface UnregisterBrokerResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
}

export const UNREGISTER_BROKER = api({
  key: 64,
  name: 'UnregisterBroker',
  versions: '0',
  flexible: '0+',
  request: struct<UnregisterBrokerRequest>({
    brokerId: int32('0+'),
  }),
  response: struct<UnregisterBrokerResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
  }),
});
