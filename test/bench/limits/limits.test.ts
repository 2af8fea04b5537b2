import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { distances, leastMs, limitsText, mostMbPerSecond } from '../../../bench/limits/distance.ts';
import { measureLimits } from '../../../bench/limits/limits.ts';

const LIMITS = {
  copyMbPerSecond: 10_000,
  crcMbPerSecond: 10_000,
  loopbackMbPerSecond: 2_000,
  wakeMs: 0.01,
  writeMbPerSecond: 5_000,
  syncMs: 0.5,
};
const PRODUCED = {
  isProduced: true,
  isConsumed: false,
  isPacked: false,
  isTimed: true,
  isSynced: false,
};

it('measures each limit of this machine', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-limits-'));
  const limits = await measureLimits(folder, 20);
  await rm(folder, { recursive: true });
  for (const [name, value] of Object.entries(limits)) expect(value, name).toBeGreaterThan(0);
  expect(limitsText(limits)).toContain('fdatasync');
});

it('lets no byte cost less than to be received, checked and written', () => {
  expect(mostMbPerSecond(PRODUCED, LIMITS)).toBeCloseTo(1 / (1 / 2000 + 1 / 10_000 + 1 / 5000));
  const read = { ...PRODUCED, isProduced: false, isConsumed: true };
  expect(mostMbPerSecond(read, LIMITS)).toBeCloseTo(2000);
});

it('lets no answer come before two wakes, and a sync where one is asked for', () => {
  expect(leastMs(PRODUCED, LIMITS)).toBeCloseTo(0.02);
  expect(leastMs({ ...PRODUCED, isSynced: true }, LIMITS)).toBeCloseTo(0.52);
});

it('tells no share of bytes that codecs pack, and no latency where none is meant', () => {
  const figures = { mbPerSecond: 125, p50Ms: 0.04 };
  const told = distances(figures, PRODUCED, LIMITS);
  expect(told).toEqual({ ofLimitPercent: expect.closeTo(10), timesLeastMs: expect.closeTo(2) });
  expect(distances(figures, { ...PRODUCED, isPacked: true, isTimed: false }, LIMITS)).toEqual({});
});
