import type { ApiMeter } from './network-metrics.ts';
import { secondsSince } from './seconds-since.ts';

/** What is told of the heartbeats of a member of a group. */
export function heartbeatReads(heartbeats: () => ApiMeter) {
  return {
    'heartbeat-response-time-max': (nowMs: number) => heartbeats().latency.max(nowMs),
    'heartbeat-rate': (nowMs: number) => heartbeats().latency.countRate(nowMs),
    'heartbeat-total': () => heartbeats().latency.count,
    'last-heartbeat-seconds-ago': (nowMs: number) => secondsSince(heartbeats().sentMs, nowMs),
  };
}
