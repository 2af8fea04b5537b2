import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../base/clock.ts';
import { every } from '../base/every.ts';
import { collectGarbage, trimMemory } from './garbage.ts';

/** The figures of this thread's memory that IdleCollector uses. */
export interface Heap {
  /** Bytes of the heap's pages and of the buffers outside the heap. */
  heldBytes(): number;
  /** Bytes of objects, dead ones included. */
  usedBytes(): number;
  /** The share of the time since the last call in which the event loop was busy, 0 to 1. */
  busyPart(): number;
  /** The number of connections. They hold most of the memory. */
  holderCount(): number;
  collect(): void;
}

const LOOK_MS = 2000;
/**
 * The thread is idle when so many looks in a row found it so. A collection throws away compiled
 * code whose objects have gone with the connections, and after a short pause the next clients would
 * wait while V8 compiles all of it again.
 */
const IDLE_LOOKS = 3;
const GROWN_BYTES = 8 * 1024 * 1024;
const STEADY_BYTES = 1024 * 1024;
/** A loop that serves three hundred requests a second is busier. Its clients must not wait. */
const BUSY_PART_MAX = 0.02;
/** A full collection of a heap with more objects may take too long. */
const USED_BYTES_MAX = 128 * 1024 * 1024;
const PAUSE_MS_MAX = 25;
/**
 * There is a second collection after this time. V8 gives back the pages of one collection with the
 * next, and shrinks its young generation after some seconds with few allocations.
 */
const AGAIN_MS = 8000;
const REST_MS = 10_000;
const FRUITLESS_REST_MS = 60_000;
const LONG_REST_MS = 120_000;

/**
 * Gives back the memory of a flood of connections. V8 collects only when a program allocates, so a
 * quiet process keeps the remains of 10,000 connections for good. When the heap has grown by much
 * and the thread is idle, this collects, which takes about 10 ms. It waits longer before the next
 * time where a collection was slow or freed little.
 */
export class IdleCollector {
  readonly #heap: Heap;
  readonly #clock: Clock;
  readonly #onFailure: (thrown: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  readonly #startBytes: number;
  #neededBytes: number;
  /** The number of connections when `#neededBytes` was measured. */
  #neededBy = 0;
  #lastBytes: number;
  #idleLooks = 0;
  #notBeforeMs = 0;
  #isSecond = false;
  /** Bytes held before the first of two collections. */
  #beforeBytes = 0;

  constructor(heap: Heap, clock: Clock, onFailure: (thrown: unknown) => void) {
    this.#heap = heap;
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#startBytes = heap.heldBytes();
    this.#neededBytes = this.#startBytes;
    this.#lastBytes = this.#startBytes;
  }

  start(): void {
    this.#timer = every(LOOK_MS, () => this.look(), this.#onFailure);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  look(): void {
    const heldBytes = this.#heap.heldBytes();
    const isSteady = heldBytes <= this.#lastBytes + STEADY_BYTES;
    this.#lastBytes = heldBytes;
    if (this.#heap.holderCount() < this.#neededBy / 2) this.#needLess();
    const isBusy = this.#heap.busyPart() > BUSY_PART_MAX;
    this.#idleLooks = isBusy || !isSteady ? 0 : this.#idleLooks + 1;
    const nowMs = this.#clock.monotonicMs();
    if (this.#idleLooks < IDLE_LOOKS || nowMs < this.#notBeforeMs) return;
    const hasGrown = heldBytes - this.#neededBytes > Math.max(GROWN_BYTES, this.#neededBytes / 4);
    if (!hasGrown && !this.#isSecond) return;
    if (this.#heap.usedBytes() > USED_BYTES_MAX) return;
    this.#collect(heldBytes, nowMs);
  }

  /** Many connections have closed since, so there is something to free again. */
  #needLess(): void {
    this.#neededBytes = this.#startBytes;
    this.#neededBy = 0;
    this.#notBeforeMs = 0;
  }

  #collect(beforeBytes: number, startedMs: number): void {
    this.#heap.collect();
    const endedMs = this.#clock.monotonicMs();
    const heldBytes = this.#heap.heldBytes();
    this.#lastBytes = heldBytes;
    const isFirst = !this.#isSecond;
    if (isFirst) this.#beforeBytes = beforeBytes;
    const isSlow = endedMs - startedMs > PAUSE_MS_MAX;
    this.#isSecond = isFirst && !isSlow;
    if (this.#isSecond) {
      this.#notBeforeMs = endedMs + AGAIN_MS;
      return;
    }
    const isWorthwhile = this.#beforeBytes - heldBytes > GROWN_BYTES / 2;
    if (!isWorthwhile) {
      this.#neededBytes = heldBytes;
      this.#neededBy = this.#heap.holderCount();
    }
    const restMs = isWorthwhile ? REST_MS : FRUITLESS_REST_MS;
    this.#notBeforeMs = endedMs + (isSlow ? LONG_REST_MS : restMs);
  }
}

/** V8's heap of this thread. */
export function threadHeap(holderCount: () => number): Heap {
  let utilization = performance.eventLoopUtilization();
  return {
    heldBytes() {
      const { total_heap_size, external_memory } = getHeapStatistics();
      return total_heap_size + external_memory;
    },
    usedBytes: () => getHeapStatistics().used_heap_size,
    busyPart() {
      const now = performance.eventLoopUtilization();
      const since = performance.eventLoopUtilization(now, utilization);
      utilization = now;
      return since.utilization;
    },
    holderCount,
    collect() {
      collectGarbage();
      trimMemory();
    },
  };
}
