import { expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { PacedQueue } from '../../../src/front/net/paced-queue.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A queue whose items take as long as they say. */
function queueOf(shareMs: number) {
  const clock = new ManualClock(0);
  const done: number[] = [];
  const queue = new PacedQueue<number>(shareMs, clock, (ms) => {
    clock.advance(ms);
    done.push(ms);
  });
  return { queue, done };
}

test('does in a turn what its share allows, and the rest in the next ones', async () => {
  const { queue, done } = queueOf(10);
  for (let i = 0; i < 7; i++) queue.push(4);
  expect(done.length).toBe(0);
  await turn();
  expect(done.length).toBe(3);
  expect(queue.length).toBe(4);
  await turn();
  expect(done.length).toBe(6);
  await turn();
  expect(done.length).toBe(7);
  expect(queue.length).toBe(0);
});

test('does one item a turn at least, in order, over thousands of them', async () => {
  const { queue, done } = queueOf(1);
  const items = Array.from({ length: 3000 }, (_, i) => i + 1);
  for (const item of items) queue.push(item);
  while (queue.length > 0) await turn();
  expect(done).toEqual(items);
  queue.push(5);
  await turn();
  expect(done.length).toBe(3001);
});

test('what an item adds waits for the next turn', async () => {
  const done: string[] = [];
  const queue = new PacedQueue<string>(10, new ManualClock(0), (item) => {
    done.push(item);
    if (done.length < 5) queue.push(`${item}'`);
  });
  queue.push('a');
  await turn();
  expect(done).toEqual(['a']);
  await turn();
  expect(done).toEqual(['a', "a'"]);
});
