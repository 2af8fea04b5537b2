import { describe, expect, it } from 'vitest';
import { MICRO_BENCHES } from '../../bench/micro/all.ts';
import { runMicro } from '../../bench/micro/run-micro.ts';

describe('the micro benchmarks', () => {
  for (const bench of MICRO_BENCHES) {
    it(`runs ${bench.name} for an instant, twice over the same fixtures`, () => {
      const first = runMicro(bench, true);
      const second = runMicro(bench, true);
      expect(first.hash).toBe(second.hash);
      expect(first.figures.length).toBeGreaterThan(0);
      for (const { nanosecondsPerOperation } of first.figures) {
        expect(nanosecondsPerOperation).toBeGreaterThan(0);
      }
    });
  }
});
