import { api, bytes, int16, struct } from '../schema-dsl.ts';

export interface EnvelopeRequest {
  requestData: Buffer;
  requestPrincipal: Buffer | null;
  clientHostAddress: Buffer;
}

export interface EnvelopeResponse {
  responseData: Buffer | null;
  errorCode: number;
}

export const ENVELOPE = api({
  key: 58,
  name: 'Envelope',
  versions: '0',
  flexible: '0+',
  request: struct<EnvelopeRequest>({
    requestData: bytes('0+'),
    requestPrincipal: bytes('0+', { nullable: '0+' }),
    clientHostAddress: bytes('0+'),
  }),
  response: struct<EnvelopeResponse>({
    responseData: bytes('0+', { nullable: '0+', default: null }),
    errorCode: int16('0+'),
  }),
});
