import { api, bytes, int16, int32, int64, struct } from '../schema-dsl.ts';

export interface ExpireDelegationTokenRequest {
  hmac: Buffer;
  expiryTimePeriodMs: number;
}

export interface ExpireDelegationTokenResponse {
  errorCode: number;
  expiryTimestampMs: number;
  throttleTimeMs: number;
}

export const EXPIRE_DELEGATION_TOKEN = api({
  key: 40,
  name: 'ExpireDelegationToken',
  versions: '1-2',
  flexible: '2+',
  request: struct<ExpireDelegationTokenRequest>({
    hmac: bytes('0+'),
    expiryTimePeriodMs: int64('0+'),
  }),
  response: struct<ExpireDelegationTokenResponse>({
    errorCode: int16('0+'),
    expiryTimestampMs: int64('0+'),
    throttleTimeMs: int32('0+'),
  }),
});
