const JITTER = 0.2;

/** Pauses that double with each failure in a row, a fifth more or less by chance (KIP-580). */
export class BackOff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  #failures = 0;

  constructor(firstMs: number, mostMs: number) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
  }

  get failures(): number {
    return this.#failures;
  }

  reset(): void {
    this.#failures = 0;
  }

  /** Counts a failure and returns for how long to wait. */
  next(): number {
    return backOffMs(this.#firstMs, this.#mostMs, this.#failures++);
  }
}

/** The pause after so many failures before this one. */
export function backOffMs(firstMs: number, mostMs: number, failures: number): number {
  const grown = Math.min(firstMs * 2 ** Math.min(failures, 30), mostMs);
  return Math.min(grown * (1 - JITTER + 2 * JITTER * Math.random()), mostMs);
}
