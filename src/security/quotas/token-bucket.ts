/**
 * Allows a rate with bursts. It fills by `rate` tokens a second up to its size. Who takes more than
 * there is gets it and leaves a debt, and nobody gets anything until the debt is paid.
 */
export class TokenBucket {
  readonly #burstSeconds: number;
  #tokens = Number.POSITIVE_INFINITY;
  #filledMs = 0;
  #rate = 0;

  /** A full bucket holds as much as flows in during this time. */
  constructor(burstSeconds: number) {
    this.#burstSeconds = burstSeconds;
  }

  take(amount: number, rate: number, nowMs: number): void {
    this.#fill(rate, nowMs);
    this.#tokens -= amount;
  }

  /** How long it takes until the debt is paid; 0 where there is none. */
  debtMs(rate: number, nowMs: number): number {
    this.#fill(rate, nowMs);
    return this.#tokens >= 0 ? 0 : Math.round((-this.#tokens / rate) * 1000);
  }

  /** Whether it is full again, at the rate that it was last filled with. */
  isQuiet(nowMs: number): boolean {
    this.#fill(this.#rate, nowMs);
    return this.#tokens >= this.#burstSeconds * this.#rate;
  }

  #fill(rate: number, nowMs: number): void {
    const earned = (rate * (nowMs - this.#filledMs)) / 1000;
    this.#tokens = Math.min(this.#burstSeconds * rate, this.#tokens + earned);
    this.#filledMs = nowMs;
    this.#rate = rate;
  }
}
