import type { ApiMeter } from './network-metrics.ts';
import type { Sensor } from './sensor.ts';

/** What is told of requests that fetch records. */
export function fetchReads({ latency, answerBytes }: ApiMeter, throttle: Sensor) {
  return {
    'fetch-size-avg': (nowMs: number) => answerBytes.avg(nowMs),
    'fetch-size-max': (nowMs: number) => answerBytes.max(nowMs),
    'fetch-latency-avg': (nowMs: number) => latency.avg(nowMs),
    'fetch-latency-max': (nowMs: number) => latency.max(nowMs),
    'fetch-rate': (nowMs: number) => latency.countRate(nowMs),
    'fetch-total': () => latency.count,
    'fetch-throttle-time-avg': (nowMs: number) => throttle.avg(nowMs),
    'fetch-throttle-time-max': (nowMs: number) => throttle.max(nowMs),
  };
}
