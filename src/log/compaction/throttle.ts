/** Holds a thread of the helper pool to so many bytes a second. */
export class Throttle {
  readonly #bytesPerSecondMax: number;
  readonly #startedMs: number;
  readonly #word = new Int32Array(new SharedArrayBuffer(4));
  #bytes = 0;

  constructor(bytesPerSecondMax: number) {
    this.#bytesPerSecondMax = bytesPerSecondMax;
    this.#startedMs = performance.now();
  }

  /** Sleeps until so many bytes more are within the rate. */
  spend(bytes: number): void {
    if (this.#bytesPerSecondMax <= 0 || this.#bytesPerSecondMax >= Number.MAX_SAFE_INTEGER) return;
    this.#bytes += bytes;
    const dueMs = this.#startedMs + (this.#bytes * 1000) / this.#bytesPerSecondMax;
    const waitMs = dueMs - performance.now();
    if (waitMs > 1) Atomics.wait(this.#word, 0, 0, waitMs);
  }
}
