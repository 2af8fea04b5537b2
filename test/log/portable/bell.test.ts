import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { closeBell, createBell, ringBell } from '../../../src/log/portable/bell.ts';
import { until } from '../../support/until.ts';

const RINGS = 20_000;
const RINGER = `
  const { workerData: { memory, counters } } = require('node:worker_threads');
  const words = new Int32Array(memory);
  for (let i = 0; i < ${RINGS}; i++) {
    Atomics.add(counters, 0, 1);
    Atomics.add(words, 0, 1);
    Atomics.notify(words, 0);
  }`;

it('wakes its own thread from others, and loses no last ring', async () => {
  const counters = new Int32Array(new SharedArrayBuffer(4));
  let seen = 0;
  let calls = 0;
  const memory = createBell(() => {
    calls++;
    seen = Atomics.load(counters, 0);
  });
  const workers = [1, 2].map(() => {
    return new Worker(RINGER, { eval: true, workerData: { memory, counters } });
  });
  await until('the last ring is heard', async () => seen === 2 * RINGS);
  expect(calls).toBeLessThanOrEqual(2 * RINGS);
  for (const worker of workers) await worker.terminate();
  closeBell(memory);
});

it('hears rings of its own thread once, and none after it is closed', async () => {
  let calls = 0;
  const memory = createBell(() => {
    calls++;
  });
  ringBell(memory);
  ringBell(memory);
  await until('a ring is heard', async () => calls > 0);
  expect(calls).toBe(1);
  closeBell(memory);
  ringBell(memory);
  await sleep(0);
  expect(calls).toBe(1);
});
