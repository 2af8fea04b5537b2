import { api, array, bool, int16, int32, struct, uuid } from '../schema-dsl.ts';

export interface GetTelemetrySubscriptionsRequest {
  clientInstanceId: string;
}

export interface GetTelemetrySubscriptionsResponse {
  throttleTimeMs: number;
  errorCode: number;
  clientInstanceId: string;
  subscriptionId: number;
  acceptedCompressionTypes: number[];
  pushIntervalMs: number;
  telemetryMaxBytes: number;
  deltaTemporality: boolean;
  requestedMetrics: string[];
}

export const GET_TELEMETRY_SUBSCRIPTIONS = api({
  key: 71,
  name: 'GetTelemetrySubscriptions',
  versions: '0',
  flexible: '0+',
  request: struct<GetTelemetrySubscriptionsRequest>({
    clientInstanceId: uuid('0+'),
  }),
  response: struct<GetTelemetrySubscriptionsResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    clientInstanceId: uuid('0+'),
    subscriptionId: int32('0+'),
    acceptedCompressionTypes: array('0+', 'int8'),
    pushIntervalMs: int32('0+'),
    telemetryMaxBytes: int32('0+'),
    deltaTemporality: bool('0+'),
    requestedMetrics: array('0+', 'string'),
  }),
});
