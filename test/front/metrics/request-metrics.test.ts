import { beforeEach, describe, expect, it } from 'vitest';
import { RequestMetrics } from '../../../src/front/metrics/request-metrics.ts';

const API = 0;
/** The histogram has two digits. */
const PRECISION = 0.01;

let metrics: RequestMetrics;

beforeEach(async () => {
  metrics = new RequestMetrics();
  await metrics.load();
});

function answer(latenciesUs: readonly number[]): void {
  for (const us of latenciesUs) metrics.answered(API, us / 1000);
}

describe('the latencies of an API', () => {
  it('are all in its histogram, whether they are short or long', () => {
    answer(Array.from({ length: 100 }, () => 20));
    answer(Array.from({ length: 100 }, () => 1023));
    answer(Array.from({ length: 100 }, () => 1024));
    answer(Array.from({ length: 100 }, () => 500_000));
    const histogram = metrics.latencyUs(metrics.apis.get(API)!)!;
    expect(histogram.totalCount).toBe(400);
    expect(histogram.getValueAtPercentile(25)).toBe(20);
    expect(Math.abs(histogram.getValueAtPercentile(50) / 1023 - 1)).toBeLessThan(PRECISION);
    expect(Math.abs(histogram.getValueAtPercentile(75) / 1024 - 1)).toBeLessThan(PRECISION);
    expect(Math.abs(histogram.getValueAtPercentile(99) / 500_000 - 1)).toBeLessThan(PRECISION);
  });

  it('are counted once, however often somebody looks', () => {
    answer(Array.from({ length: 60 }, () => 7));
    const api = metrics.apis.get(API)!;
    expect(metrics.latencyUs(api)!.totalCount).toBe(60);
    expect(metrics.latencyUs(api)!.totalCount).toBe(60);
    answer([7, 2000]);
    expect(metrics.latencyUs(api)!.totalCount).toBe(62);
    expect(api.requestCount).toBe(62);
  });
});
