/** Until the broker has said how many messages it takes a second. */
const UNTOLD_PER_SECOND = 1000;
/** Of what it takes; the rest is for what cannot wait, and for clocks that differ. */
const SHARE = 0.8;

/** When messages may go out: a broker that gets more than it takes closes the socket. */
export class Pace {
  #perSecond = UNTOLD_PER_SECOND;
  #left = UNTOLD_PER_SECOND;
  #atMs = performance.now();

  /** For another socket. */
  reset(): void {
    this.#left = this.#perSecond;
    this.#atMs = performance.now();
  }

  /** As the broker says. */
  set(messagesPerSecond: number): void {
    const told = Math.max(1, messagesPerSecond * SHARE);
    this.#left += told - this.#perSecond;
    this.#perSecond = told;
  }

  /** True: one may go now. */
  take(): boolean {
    this.#refill();
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** One that could not wait went out. */
  count(): void {
    this.#refill();
    this.#left--;
  }

  #refill(): void {
    const nowMs = performance.now();
    const earned = ((nowMs - this.#atMs) * this.#perSecond) / 1000;
    this.#left = Math.min(this.#perSecond, this.#left + earned);
    this.#atMs = nowMs;
  }

  /** Until the next may go. */
  get waitMs(): number {
    return Math.max(1, ((1 - this.#left) * 1000) / this.#perSecond);
  }
}
