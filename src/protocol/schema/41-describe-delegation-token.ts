import { api, array, bytes, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface DescribeDelegationTokenRequest {
  owners: DescribeDelegationTokenRequestDescribeDelegationTokenOwner[] | null;
}

export interface DescribeDelegationTokenRequestDescribeDelegationTokenOwner {
  principalType: string;
  principalName: string;
}

export interface DescribeDelegationTokenResponse {
  errorCode: number;
  tokens: DescribeDelegationTokenResponseDescribedDelegationToken[];
  throttleTimeMs: number;
}

export interface DescribeDelegationTokenResponseDescribedDelegationToken {
  principalType: string;
  principalName: string;
  tokenRequesterPrincipalType: string;
  tokenRequesterPrincipalName: string;
  issueTimestamp: number;
  expiryTimestamp: number;
  maxTimestamp: number;
  tokenId: string;
  hmac: Buffer;
  renewers: DescribeDelegationTokenResponseDescribedDelegationTokenRenewer[];
}

export interface DescribeDelegationTokenResponseDescribedDelegationTokenRenewer {
  principalType: string;
  principalName: string;
}

export const DESCRIBE_DELEGATION_TOKEN = api({
  key: 41,
  name: 'DescribeDelegationToken',
  versions: '1-3',
  flexible: '2+',
  request: struct<DescribeDelegationTokenRequest>({
    owners: array(
      '0+',
      struct<DescribeDelegationTokenRequestDescribeDelegationTokenOwner>({
        principalType: string('0+'),
        principalName: string('0+'),
      }),
      { nullable: '0+' },
    ),
  }),
  response: struct<DescribeDelegationTokenResponse>({
    errorCode: int16('0+'),
    tokens: array(
      '0+',
      struct<DescribeDelegationTokenResponseDescribedDelegationToken>({
        principalType: string('0+'),
        principalName: string('0+'),
        tokenRequesterPrincipalType: string('3+'),
        tokenRequesterPrincipalName: string('3+'),
        issueTimestamp: int64('0+'),
        expiryTimestamp: int64('0+'),
        maxTimestamp: int64('0+'),
        tokenId: string('0+'),
        hmac: bytes('0+'),
        renewers: array(
          '0+',
          struct<DescribeDelegationTokenResponseDescribedDelegationTokenRenewer>({
            principalType: string('0+'),
            principalName: string('0+'),
          }),
        ),
      }),
    ),
    throttleTimeMs: int32('0+'),
  }),
});
