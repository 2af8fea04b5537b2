import { expect, it } from 'vitest';
import { EarliestFirst } from '#millrace/streams/tasks/earliest-first';

function drained(times: readonly number[]): string[] {
  const heap = new EarliestFirst<{ time: number; name: string }>();
  for (const [i, time] of times.entries()) heap.push({ time, name: `${time}#${i}` });
  return Array.from({ length: times.length }, () => heap.pop()!.name);
}

it('gives the earliest first', () => {
  const times = [5, 3, 9, 1, 7, 2, 8];
  expect(drained(times).map((name) => name.split('#')[0])).toEqual('1 2 3 5 7 8 9'.split(' '));
});

it('gives entries of one time in the order of the PriorityQueue of Java', () => {
  // What OpenJDK 17 prints for the same offers.
  expect(drained([1, 1, 1, 1, 1])).toEqual(['1#0', '1#4', '1#3', '1#2', '1#1']);
});

it('is empty after the last one', () => {
  const heap = new EarliestFirst<{ time: number }>();
  heap.push({ time: 1 });
  heap.pop();
  expect([heap.pop(), heap.peek(), heap.size]).toEqual([undefined, undefined, 0]);
});
