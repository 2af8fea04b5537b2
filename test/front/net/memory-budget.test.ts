import { expect, test } from 'vitest';
import type { Connection } from '../../../src/front/net/connection.ts';
import { MemoryBudget } from '../../../src/front/net/memory-budget.ts';

/** A connection as the budget sees it. */
class Peer {
  closed = false;
  isStalled = false;
  isPaused = false;
  readonly transport = {
    pause: () => {
      this.isPaused = true;
    },
    resume: () => {
      this.isPaused = false;
    },
  };
}

const of = (peer: Peer): Connection => peer as unknown as Connection;

test('over the budget one may finish its frame, and the next when it has', () => {
  const budget = new MemoryBudget(100);
  const [first, second, third] = [new Peer(), new Peer(), new Peer()];
  budget.charge(150);
  for (const peer of [first, second, third]) budget.pauseUntilFree(of(peer));
  expect([first, second, third].map((peer) => peer.isPaused)).toEqual([false, true, true]);
  budget.charge(-10);
  budget.letPass(of(first));
  expect([second, third].map((peer) => peer.isPaused)).toEqual([false, true]);
  budget.charge(-100);
  expect(third.isPaused).toBe(false);
});

test('one that holds nothing any more is not taken for the one that may go over', () => {
  const budget = new MemoryBudget(100);
  const [small, large] = [new Peer(), new Peer()];
  small.isStalled = true;
  budget.charge(150);
  budget.pauseUntilFree(of(small));
  small.isStalled = false;
  budget.letPass(of(small));
  expect(budget.isWaiting(of(small))).toBe(false);
  budget.pauseUntilFree(of(large));
  expect(large.isPaused).toBe(false);
});

test('one that waited while it was stalled may go over once it is not', () => {
  const budget = new MemoryBudget(100);
  const peer = new Peer();
  peer.isStalled = true;
  budget.charge(150);
  budget.pauseUntilFree(of(peer));
  expect(budget.isWaiting(of(peer))).toBe(true);
  peer.isStalled = false;
  budget.pauseUntilFree(of(peer));
  expect(budget.isWaiting(of(peer))).toBe(false);
});
