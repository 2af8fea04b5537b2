import { expect, it } from 'vitest';
import { Throttle } from '../../../src/log/compaction/throttle.ts';

it('holds back what is over the rate, and nothing where there is none', () => {
  const fromMs = performance.now();
  const throttle = new Throttle(10_000);
  throttle.spend(500);
  throttle.spend(500);
  // A wait ends up to a millisecond early.
  expect(performance.now() - fromMs).toBeGreaterThan(98);
  const waits = Atomics.wait;
  Atomics.wait = () => {
    throw new Error('it waits');
  };
  try {
    for (const rate of [0, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
      new Throttle(rate).spend(2 ** 40);
    }
  } finally {
    Atomics.wait = waits;
  }
});
