import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { every } from '../../src/base/every.ts';
import { inBackground } from '../../src/base/in-background.ts';
import { logFailure } from '../../src/base/log-failure.ts';
import { silentLogger } from '../../src/base/logger.ts';

let lines: string[];
const logger = { ...silentLogger, error: (line: string) => lines.push(line) };
const defect = new Error('a defect');

beforeEach(() => {
  lines = [];
});

afterEach(() => {
  vi.useRealTimers();
});

test('work that fails in the background is one log line, and whoever chains on it goes on', async () => {
  const order: string[] = [];
  let work = Promise.resolve();
  for (const name of ['first', 'failing', 'last']) {
    const next = work.then(() => {
      order.push(name);
      if (name === 'failing') throw defect;
    });
    work = inBackground(next, logFailure(logger, name));
  }
  await work;
  expect(order).toEqual(['first', 'failing', 'last']);
  expect(lines).toEqual(['failing failed: a defect']);
});

test.each([
  [
    'throws',
    () => {
      throw defect;
    },
  ],
  ['rejects', () => Promise.reject(defect)],
])('work that repeats and %s is done again all the same', async (_, fail) => {
  vi.useFakeTimers();
  let runs = 0;
  const timer = every(
    10,
    () => {
      runs++;
      return runs === 2 ? fail() : undefined;
    },
    logFailure(logger, 'the work'),
  );
  await vi.advanceTimersByTimeAsync(35);
  clearInterval(timer);
  expect(runs).toBe(3);
  expect(lines).toEqual(['the work failed: a defect']);
  vi.useRealTimers();
  await sleep(0);
});
