import { api, array, bytes, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface CreateDelegationTokenRequest {
  ownerPrincipalType: string | null;
  ownerPrincipalName: string | null;
  renewers: CreateDelegationTokenRequestCreatableRenewers[];
  maxLifetimeMs: number;
}

export interface CreateDelegationTokenRequestCreatableRenewers {
  principalType: string;
  principalName: string;
}

export interface CreateDelegationTokenResponse {
  errorCode: number;
  principalType: string;
  principalName: string;
  tokenRequesterPrincipalType: string;
  tokenRequesterPrincipalName: string;
  issueTimestampMs: number;
  expiryTimestampMs: number;
  maxTimestampMs: number;
  tokenId: string;
  hmac: Buffer;
  throttleTimeMs: number;
}

export const CREATE_DELEGATION_TOKEN = api({
  key: 38,
  name: 'CreateDelegationToken',
  versions: '1-3',
  flexible: '2+',
  request: struct<CreateDelegationTokenRequest>({
    ownerPrincipalType: string('3+', { nullable: '3+' }),
    ownerPrincipalName: string('3+', { nullable: '3+' }),
    renewers: array(
      '0+',
      struct<CreateDelegationTokenRequestCreatableRenewers>({
        principalType: string('0+'),
        principalName: string('0+'),
      }),
    ),
    maxLifetimeMs: int64('0+'),
  }),
  response: struct<CreateDelegationTokenResponse>({
    errorCode: int16('0+'),
    principalType: string('0+'),
    principalName: string('0+'),
    tokenRequesterPrincipalType: string('3+'),
    tokenRequesterPrincipalName: string('3+'),
    issueTimestampMs: int64('0+'),
    expiryTimestampMs: int64('0+'),
    maxTimestampMs: int64('0+'),
    tokenId: string('0+'),
    hmac: bytes('0+'),
    throttleTimeMs: int32('0+'),
  }),
});
