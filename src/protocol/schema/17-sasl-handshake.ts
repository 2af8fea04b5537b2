import { api, array, int16, string, struct } from '../schema-dsl.ts';

export interface SaslHandshakeRequest {
  mechanism: string;
}

export interface SaslHandshakeResponse {
  errorCode: number;
  mechanisms: string[];
}

export const SASL_HANDSHAKE = api({
  key: 17,
  name: 'SaslHandshake',
  versions: '0-1',
  flexible: 'none',
  request: struct<SaslHandshakeRequest>({
    mechanism: string('0+'),
  }),
  response: struct<SaslHandshakeResponse>({
    errorCode: int16('0+'),
    mechanisms: array('0+', 'string'),
  }),
});
