export interface BackoffOptions {
  readonly firstMs?: number;
  readonly longestMs?: number;
}

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Waiting times that double, with jitter, so that a thousand tabs do not return at once. */
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  #failures = 0;

  constructor({ firstMs = FIRST_MS, longestMs = LONGEST_MS }: BackoffOptions = {}) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
  }

  reset(): void {
    this.#failures = 0;
  }

  nextMs(): number {
    const base = Math.min(this.#longestMs, this.#firstMs * 2 ** this.#failures++);
    return base * (0.5 + Math.random());
  }
}
