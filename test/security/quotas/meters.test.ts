import { expect, test } from 'vitest';
import { Meters } from '../../../src/security/quotas/meters.ts';
import { SampledRate } from '../../../src/security/quotas/sampled-rate.ts';
import { TokenBucket } from '../../../src/security/quotas/token-bucket.ts';

const MANY = 10_000;

test('a share keeps its meter, until so many are there that the quiet ones go', () => {
  const meters = new Meters(() => new SampledRate(11, 1000));
  const first = meters.of('first', 0);
  first.record(1, 0);
  const busy = meters.of('busy', 0);
  for (let i = 2; i < MANY; i++) meters.of(`${i}`, 0).record(1, 0);
  busy.record(1, 20_000);
  expect(meters.of('first', 20_000)).toBe(first);
  meters.of('one more', 20_000);
  expect(meters.of('busy', 20_000)).toBe(busy);
  expect(meters.of('first', 20_000)).not.toBe(first);
});

test('a bucket is quiet once its own rate has filled it', () => {
  const bucket = new TokenBucket(10);
  bucket.take(10, 1, 0);
  expect(bucket.isQuiet(5000)).toBe(false);
  expect(bucket.isQuiet(10_000)).toBe(true);
});
