import { int16, int32, message, string, struct } from '../schema-dsl.ts';

export interface RequestHeader {
  requestApiKey: number;
  requestApiVersion: number;
  correlationId: number;
  clientId: string | null;
}

export const REQUEST_HEADER = message({
  name: 'RequestHeader',
  versions: '1-2',
  flexible: '2+',
  body: struct<RequestHeader>({
    requestApiKey: int16('0+'),
    requestApiVersion: int16('0+'),
    correlationId: int32('0+'),
    clientId: string('1+', { nullable: '1+', flexible: 'none' }),
  }),
});

export interface ResponseHeader {
  correlationId: number;
}

export const RESPONSE_HEADER = message({
  name: 'ResponseHeader',
  versions: '0-1',
  flexible: '1+',
  body: struct<ResponseHeader>({
    correlationId: int32('0+'),
  }),
});
