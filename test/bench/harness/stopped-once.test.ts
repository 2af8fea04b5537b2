import { expect, test } from 'vitest';
import { stoppedOnce } from '../../../bench/harness/stopped-once.ts';

test('work that is done leaves the signals to what runs next', async () => {
  const before = process.listenerCount('SIGTERM');
  let during = 0;
  let cleaned = 0;
  const result = await stoppedOnce(
    async () => {
      during = process.listenerCount('SIGTERM');
      return 'figures';
    },
    async () => {
      cleaned++;
    },
  );
  expect(result).toBe('figures');
  expect(cleaned).toBe(1);
  expect(during).toBe(before + 1);
  expect(process.listenerCount('SIGTERM')).toBe(before);
});
