import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { type Heap, IdleCollector, threadHeap } from '../../src/broker/idle-collector.ts';

const MB = 1024 * 1024;

class FakeHeap implements Heap {
  held = 12 * MB;
  used = 8 * MB;
  busy = 0;
  collections = 0;
  holders = 0;
  /** What a collection leaves, and how long it takes. */
  leaves = 12 * MB;
  takesMs = 10;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  heldBytes(): number {
    return this.held;
  }

  usedBytes(): number {
    return this.used;
  }

  busyPart(): number {
    return this.busy;
  }

  holderCount(): number {
    return this.holders;
  }

  collect(): void {
    this.collections++;
    this.#clock.advance(this.takesMs);
    this.held = this.leaves;
  }
}

let clock: ManualClock;
let heap: FakeHeap;
let collector: IdleCollector;

beforeEach(() => {
  clock = new ManualClock(0);
  heap = new FakeHeap(clock);
  collector = new IdleCollector(heap, clock, (thrown) => expect.unreachable(String(thrown)));
});

function look(times: number): void {
  for (let i = 0; i < times; i++) {
    clock.advance(2000);
    collector.look();
  }
}

test('a heap that has not grown is left alone', () => {
  look(100);
  heap.held += 4 * MB;
  look(100);
  expect(heap.collections).toBe(0);
});

test('after a flood it collects twice, then rests', () => {
  heap.held = 90 * MB;
  look(1);
  expect(heap.collections).toBe(0);
  heap.leaves = 20 * MB;
  look(20);
  expect(heap.collections).toBe(2);
});

test('it waits for a quiet loop and a steady heap', () => {
  heap.held = 90 * MB;
  heap.busy = 0.8;
  look(10);
  expect(heap.collections).toBe(0);
  heap.busy = 0.02;
  for (let i = 0; i < 10; i++) {
    heap.held += 2 * MB;
    look(1);
  }
  expect(heap.collections).toBe(0);
  look(3);
  expect(heap.collections).toBe(1);
});

test('a short pause between two loads is no rest', () => {
  heap.held = 90 * MB;
  for (let i = 0; i < 50; i++) {
    heap.busy = 0.1;
    look(3);
    heap.busy = 0;
    look(2);
  }
  expect(heap.collections).toBe(0);
});

test('what the second collection leaves is what is needed: it is not tried again', () => {
  heap.held = 90 * MB;
  heap.leaves = 88 * MB;
  look(20);
  expect(heap.collections).toBe(2);
  look(500);
  expect(heap.collections).toBe(2);
});

test('when those have gone who needed what was left, it is tried again', () => {
  heap.held = 90 * MB;
  heap.leaves = 88 * MB;
  heap.holders = 10_000;
  look(10);
  expect(heap.collections).toBe(2);
  heap.holders = 3;
  heap.leaves = 14 * MB;
  look(10);
  expect(heap.collections).toBe(4);
});

test('a collection that takes long is not soon repeated, and a full heap is left alone', () => {
  heap.takesMs = 60;
  heap.held = 90 * MB;
  look(5);
  expect(heap.collections).toBe(1);
  heap.held = 90 * MB;
  look(50);
  expect(heap.collections).toBe(1);
  heap.used = 500 * MB;
  look(1000);
  expect(heap.collections).toBe(1);
});

test('the second collection comes when the first is some seconds ago', () => {
  heap.held = 90 * MB;
  heap.leaves = 60 * MB;
  look(4);
  expect(heap.collections).toBe(1);
  heap.leaves = 20 * MB;
  look(2);
  expect(heap.collections).toBe(1);
  look(2);
  expect(heap.collections).toBe(2);
  expect(heap.held).toBe(20 * MB);
});

test("V8's collector can be had, and gives back what nobody holds", () => {
  const own = threadHeap(() => 0);
  expect(own.busyPart()).toBeGreaterThanOrEqual(0);
  let litter: unknown[] | null = Array.from({ length: 200_000 }, (_, i) => ({ i }));
  expect(litter.length).toBe(200_000);
  const before = own.usedBytes();
  litter = null;
  own.collect();
  expect(own.usedBytes()).toBeLessThan(before);
});
