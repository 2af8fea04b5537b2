import { api, array, int8, int16, int32, string, struct } from '../schema-dsl.ts';

export interface DescribeUserScramCredentialsRequest {
  users: DescribeUserScramCredentialsRequestUserName[] | null;
}

export interface DescribeUserScramCredentialsRequestUserName {
  name: string;
}

export interface DescribeUserScramCredentialsResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  results: DescribeUserScramCredentialsResponseDescribeUserScramCredentialsResult[];
}

export interface DescribeUserScramCredentialsResponseDescribeUserScramCredentialsResult {
  user: string;
  errorCode: number;
  errorMessage: string | null;
  credentialInfos: DescribeUserScramCredentialsResponseCredentialInfo[];
}

export interface DescribeUserScramCredentialsResponseCredentialInfo {
  mechanism: number;
  iterations: number;
}

export const DESCRIBE_USER_SCRAM_CREDENTIALS = api({
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: '0',
  flexible: '0+',
  request: struct<DescribeUserScramCredentialsRequest>({
    users: array(
      '0+',
      struct<DescribeUserScramCredentialsRequestUserName>({
        name: string('0+'),
      }),
      { nullable: '0+' },
    ),
  }),
  response: struct<DescribeUserScramCredentialsResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    results: array(
      '0+',
      struct<DescribeUserScramCredentialsResponseDescribeUserScramCredentialsResult>({
        user: string('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
        credentialInfos: array(
          '0+',
          struct<DescribeUserScramCredentialsResponseCredentialInfo>({
            mechanism: int8('0+'),
            iterations: int32('0+'),
          }),
        ),
      }),
    ),
  }),
});
