import type { ApiMeter } from './network-metrics.ts';
import { secondsSince } from './seconds-since.ts';

/** What is told of the heartbeats of a member of a group. */
export function heartbeatReads(heartbeats: ApiMeter) {
  const { latency } = heartbeats;
  return {
    'heartbeat-response-time-max': (nowMs: number) => latency.max(nowMs),
    'heartbeat-rate': (nowMs: number) => latency.countRate(nowMs),
    'heartbeat-total': () => latency.count,
    'last-heartbeat-seconds-ago': (nowMs: number) => secondsSince(heartbeats.sentMs, nowMs),
  };
}
