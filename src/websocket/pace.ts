/** The pace until the broker says how many messages it accepts a second. */
const UNTOLD_PER_SECOND = 1000;
/**
 * The share of that rate that is used. The rest is for urgent messages and for clocks that differ.
 */
const SHARE = 0.8;

/** Decides when messages may be sent. A broker that gets more than it accepts closes the socket. */
export class Pace {
  #perSecond = UNTOLD_PER_SECOND;
  #left = UNTOLD_PER_SECOND;
  #atMs = performance.now();

  /** Called for a new socket. */
  reset(): void {
    this.#left = this.#perSecond;
    this.#atMs = performance.now();
  }

  /** Sets the rate that the broker names. */
  set(messagesPerSecond: number): void {
    const told = Math.max(1, messagesPerSecond * SHARE);
    this.#left += told - this.#perSecond;
    this.#perSecond = told;
  }

  /** Takes a message's share of the rate. Answers false if none may go now. */
  take(): boolean {
    this.#refill();
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** Counts an urgent message, which does not wait. */
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

  /** The time until the next message may go. */
  get waitMs(): number {
    return Math.max(1, ((1 - this.#left) * 1000) / this.#perSecond);
  }
}
