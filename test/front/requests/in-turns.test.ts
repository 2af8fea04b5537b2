import { expect, test } from 'vitest';
import { mapInTurns } from '../../../src/front/requests/in-turns.ts';

/** A clock that a test moves. */
function handClock() {
  const clock = { nowMs: 0, monotonicMs: () => clock.nowMs, wallMs: () => 0 };
  return clock;
}

test('a long list is answered in order, and others have their turn meanwhile', async () => {
  const clock = handClock();
  let othersTurns = 0;
  let isDone = false;
  const others = (): void => {
    othersTurns++;
    if (!isDone) setImmediate(others);
  };
  setImmediate(others);
  const items = Array.from({ length: 1000 }, (_, index) => index);
  const answers = await mapInTurns(items, clock, (item, index) => {
    clock.nowMs += 0.25;
    return `${item} ${index}`;
  });
  isDone = true;
  expect(answers).toEqual(items.map((item) => `${item} ${item}`));
  // 250 ms of work, looked at every 64 items of 16 ms.
  expect(othersTurns).toBeGreaterThanOrEqual(15);
});

test('a short one is answered at once', async () => {
  const answers = mapInTurns(['a', 'b'], handClock(), (item) => item);
  let turns = 0;
  setImmediate(() => turns++);
  expect(await answers).toEqual(['a', 'b']);
  expect(turns).toBe(0);
});
