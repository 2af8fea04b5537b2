import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../base/clock.ts';
import { every } from '../base/every.ts';
import { collectGarbage, trimMemory } from './garbage.ts';

/** This thread's memory, as far as the collector concerns itself with it. */
export interface Heap {
  /** Of the heap's pages and of the buffers beside it. */
  heldBytes(): number;
  /** Objects, dead ones included. */
  usedBytes(): number;
  /** The part of the time since the last call in which the event loop was busy. */
  busyPart(): number;
  /** How many there are of what most of the memory is for: connections. */
  holderCount(): number;
  collect(): void;
}

const LOOK_MS = 2000;
const GROWN_BYTES = 8 * 1024 * 1024;
const STEADY_BYTES = 1024 * 1024;
/** A loop that serves a thousand requests a second is no quiet one: nobody shall wait for it. */
const BUSY_PART_MAX = 0.1;
/** Of a heap with more in it a full collection may take too long. */
const USED_BYTES_MAX = 128 * 1024 * 1024;
const PAUSE_MS_MAX = 25;
/**
 * V8 gives back the pages of one collection with the next, and shrinks its young generation when
 * for some seconds next to nothing was allocated.
 */
const AGAIN_MS = 8000;
const REST_MS = 10_000;
const FRUITLESS_REST_MS = 60_000;
const LONG_REST_MS = 120_000;

/**
 * Gives back the memory of a flood. V8 collects when a program allocates: one that has gone quiet
 * keeps the remains of 10,000 connections for good. So where the heap has grown by much and the
 * thread has little to do, it is collected, which takes some 10 ms; where that takes longer or
 * yields little, it is not soon done again.
 */
export class IdleCollector {
  readonly #heap: Heap;
  readonly #clock: Clock;
  readonly #onFailure: (thrown: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  readonly #startBytes: number;
  #neededBytes: number;
  /** For whom they were needed. */
  #neededBy = 0;
  #lastBytes: number;
  #notBeforeMs = 0;
  #isSecond = false;
  /** Held before the first of two collections. */
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
    const nowMs = this.#clock.monotonicMs();
    if (isBusy || !isSteady || nowMs < this.#notBeforeMs) return;
    const hasGrown = heldBytes - this.#neededBytes > Math.max(GROWN_BYTES, this.#neededBytes / 4);
    if (!hasGrown && !this.#isSecond) return;
    if (this.#heap.usedBytes() > USED_BYTES_MAX) return;
    this.#collect(heldBytes, nowMs);
  }

  /** What the last collection could not take has gone. */
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
