/**
 * A fixed schedule that does not wait for the broker: request k is meant to leave at start + k /
 * rate, and its latency counts from there, however late it really left (coordinated omission).
 * Node's timers are too coarse for that, so a thread of its own sleeps and rings a bell.
 */
import { Worker } from 'node:worker_threads';
import { native } from '#millrace/log/native';
import type { BellHandle } from '#millrace/log/native-calls';

/** Finer ticks cost more CPU than they add truth; requests of one tick leave together. */
const SHORTEST_TICK_MS = 0.25;
/** A tick that rings this much early is taken as the tick; latency then counts from the sending. */
const EARLY_MS = 0.06;

export class Pacer {
  readonly #intervalMs: number;
  readonly #tickMs: number;
  #startMs = 0;
  #worker: Worker | undefined;
  #bell: BellHandle = -1;

  constructor(requestsPerSecond: number) {
    this.#intervalMs = 1000 / requestsPerSecond;
    this.#tickMs = Math.max(this.#intervalMs, SHORTEST_TICK_MS);
  }

  /** Requests due in one tick share the tick's time, the one at which they were meant to leave. */
  intendedMs(index: number): number {
    const dueMs = index * this.#intervalMs;
    if (this.#intervalMs >= this.#tickMs) return this.#startMs + dueMs;
    return this.#startMs + Math.ceil(dueMs / this.#tickMs) * this.#tickMs;
  }

  /**
   * `onDue` gets the number of requests that are due since the start. `onTick` gets how late the
   * bell was heard, by which the timer measures itself.
   */
  start(onDue: (count: number) => void, onTick: (lateMs: number) => void): void {
    this.#startMs = performance.now();
    this.#bell = native.createBell(() => {
      const elapsedMs = performance.now() - this.#startMs + EARLY_MS;
      const ticks = Math.floor(elapsedMs / this.#tickMs);
      onTick(Math.max(0, elapsedMs - EARLY_MS - ticks * this.#tickMs));
      onDue(Math.floor((ticks * this.#tickMs) / this.#intervalMs + 1e-6) + 1);
    });
    this.#worker = new Worker(new URL('./ticker.js', import.meta.url), {
      workerData: { bell: this.#bell, tickMs: this.#tickMs, startMs: toMonotonic(this.#startMs) },
    });
    this.#worker.unref();
  }

  stop(): void {
    void this.#worker?.terminate();
    native.closeBell(this.#bell);
  }
}

/** performance.now() begins anew in every thread, hrtime does not. */
function toMonotonic(performanceMs: number): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1000 + nanos / 1e6 - performance.now() + performanceMs;
}
