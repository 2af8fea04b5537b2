import { expect, test } from 'vitest';
import { SampledRate } from '../../../src/security/quotas/sampled-rate.ts';

test('a burst after a quiet time counts over most of the window', () => {
  const rate = new SampledRate(11, 1000);
  rate.record(1000, 0);
  // Ten whole samples are missing, as with Kafka's Rate.
  expect(rate.windowMs(0)).toBe(10_000);
  expect(rate.measure(0)).toBe(100);
});

test('a steady use is measured as what it is', () => {
  const rate = new SampledRate(11, 1000);
  for (let ms = 0; ms <= 60_000; ms += 100) rate.record(50, ms);
  expect(rate.measure(60_000)).toBeGreaterThan(490);
  expect(rate.measure(60_000)).toBeLessThan(550);
});

test('what is older than the window is forgotten', () => {
  const rate = new SampledRate(11, 1000);
  rate.record(1000, 0);
  expect(rate.measure(10_999)).toBeGreaterThan(0);
  expect(rate.isQuiet(10_999)).toBe(false);
  expect(rate.isQuiet(11_000)).toBe(true);
  expect(rate.measure(11_000)).toBe(0);
});

test('samples that overlap the begin of the window count, and make it longer', () => {
  const rate = new SampledRate(2, 1000);
  rate.record(10, 0);
  rate.record(10, 900);
  rate.record(10, 1000);
  rate.record(10, 2500);
  // The first sample ended at 900, less than two samples ago.
  expect(rate.windowMs(2500)).toBe(2500);
  expect(rate.measure(2500)).toBe(16);
});
