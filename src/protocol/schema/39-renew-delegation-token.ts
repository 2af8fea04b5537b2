import { api, bytes, int16, int32, int64, struct } from '../schema-dsl.ts';

export interface RenewDelegationTokenRequest {
  hmac: Buffer;
  renewPeriodMs: number;
}

export interface RenewDelegationTokenResponse {
  errorCode: number;
  expiryTimestampMs: number;
  throttleTimeMs: number;
}

export const RENEW_DELEGATION_TOKEN = api({
  key: 39,
  name: 'RenewDelegationToken',
  versions: '1-2',
  flexible: '2+',
  request: struct<RenewDelegationTokenRequest>({
    hmac: bytes('0+'),
    renewPeriodMs: int64('0+'),
  }),
  response: struct<RenewDelegationTokenResponse>({
    errorCode: int16('0+'),
    expiryTimestampMs: int64('0+'),
    throttleTimeMs: int32('0+'),
  }),
});
