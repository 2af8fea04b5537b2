import { api, bytes, int16, int64, string, struct } from '../schema-dsl.ts';

export interface SaslAuthenticateRequest {
  authBytes: Buffer;
}

export interface SaslAuthenticateResponse {
  errorCode: number;
  errorMessage: string | null;
  authBytes: Buffer;
  sessionLifetimeMs: number;
}

export const SASL_AUTHENTICATE = api({
  key: 36,
  name: 'SaslAuthenticate',
  versions: '0-2',
  flexible: '2+',
  request: struct<SaslAuthenticateRequest>({
    authBytes: bytes('0+'),
  }),
  response: struct<SaslAuthenticateResponse>({
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    authBytes: bytes('0+'),
    sessionLifetimeMs: int64('1+', { default: 0, ignorable: true }),
  }),
});
