import { api, array, bytes, int8, int16, int32, string, struct } from '../schema-dsl.ts';

export interface AlterUserScramCredentialsRequest {
  deletions: AlterUserScramCredentialsRequestScramCredentialDeletion[];
  upsertions: AlterUserScramCredentialsRequestScramCredentialUpsertion[];
}

export interface AlterUserScramCredentialsRequestScramCredentialDeletion {
  name: string;
  mechanism: number;
}

export interface AlterUserScramCredentialsRequestScramCredentialUpsertion {
  name: string;
  mechanism: number;
  iterations: number;
  salt: Buffer;
  saltedPassword: Buffer;
}

export interface AlterUserScramCredentialsResponse {
  throttleTimeMs: number;
  results: AlterUserScramCredentialsResponseAlterUserScramCredentialsResult[];
}

export interface AlterUserScramCredentialsResponseAlterUserScramCredentialsResult {
  user: string;
  errorCode: number;
  errorMessage: string | null;
}

export const ALTER_USER_SCRAM_CREDENTIALS = api({
  key: 51,
  name: 'AlterUserScramCredentials',
  versions: '0',
  flexible: '0+',
  request: struct<AlterUserScramCredentialsRequest>({
    deletions: array(
      '0+',
      struct<AlterUserScramCredentialsRequestScramCredentialDeletion>({
        name: string('0+'),
        mechanism: int8('0+'),
      }),
    ),
    upsertions: array(
      '0+',
      struct<AlterUserScramCredentialsRequestScramCredentialUpsertion>({
        name: string('0+'),
        mechanism: int8('0+'),
        iterations: int32('0+'),
        salt: bytes('0+'),
        saltedPassword: bytes('0+'),
      }),
    ),
  }),
  response: struct<AlterUserScramCredentialsResponse>({
    throttleTimeMs: int32('0+'),
    results: array(
      '0+',
      struct<AlterUserScramCredentialsResponseAlterUserScramCredentialsResult>({
        user: string('0+'),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
      }),
    ),
  }),
});
