import { api, bool, bytes, int8, int16, int32, struct, uuid } from '../schema-dsl.ts';

export interface PushTelemetryRequest {
  clientInstanceId: string;
  subscriptionId: number;
  terminating: boolean;
  compressionType: number;
  metrics: Buffer;
}

export interface PushTelemetryResponse {
  throttleTimeMs: number;
  errorCode: number;
}

export const PUSH_TELEMETRY = api({
  key: 72,
  name: 'PushTelemetry',
  versions: '0',
  flexible: '0+',
  request: struct<PushTelemetryRequest>({
    clientInstanceId: uuid('0+'),
    subscriptionId: int32('0+'),
    terminating: bool('0+'),
    compressionType: int8('0+'),
    metrics: bytes('0+'),
  }),
  response: struct<PushTelemetryResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
  }),
});
