import { api, array, bool, int16, int32, int64, struct } from '../schema-dsl.ts';

export interface BrokerHeartbeatRequest {
  brokerId: number;
  brokerEpoch: number;
  currentMetadataOffset: number;
  wantFence: boolean;
  wantShutDown: boolean;
  offlineLogDirs: string[];
  cordonedLogDirs: string[] | null;
}

export interface BrokerHeartbeatResponse {
  throttleTimeMs: number;
  errorCode: number;
  isCaughtUp: boolean;
  isFenced: boolean;
  shouldShutDown: boolean;
}

export const BROKER_HEARTBEAT = api({
  key: 63,
  name: 'BrokerHeartbeat',
  versions: '0-2',
  flexible: '0+',
  request: struct<BrokerHeartbeatRequest>({
    brokerId: int32('0+'),
    brokerEpoch: int64('0+', { default: -1 }),
    currentMetadataOffset: int64('0+'),
    wantFence: bool('0+'),
    wantShutDown: bool('0+'),
    offlineLogDirs: array('1+', 'uuid', { tag: 0, tagged: '1+' }),
    cordonedLogDirs: array('2+', 'uuid', { nullable: '2+', tag: 1, tagged: '2+', default: null }),
  }),
  response: struct<BrokerHeartbeatResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    isCaughtUp: bool('0+'),
    isFenced: bool('0+', { default: true }),
    shouldShutDown: bool('0+'),
  }),
});
