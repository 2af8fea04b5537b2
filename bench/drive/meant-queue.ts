/** When the records of one partition were meant to leave, in the order of the partition. */
import type { LatencyWindow } from './latency-window.ts';

const FIRST_RUNS = 256;

/** Records of the same moment are one run: a ring of (moment, count) that grows when it is full. */
export class MeantQueue {
  #meantMs = new Float64Array(FIRST_RUNS);
  #counts = new Int32Array(FIRST_RUNS);
  #first = 0;
  #runs = 0;

  push(meantMs: number): void {
    const mask = this.#meantMs.length - 1;
    if (this.#runs > 0) {
      const last = (this.#first + this.#runs - 1) & mask;
      if (this.#meantMs[last] === meantMs) {
        this.#counts[last]!++;
        return;
      }
    }
    if (this.#runs === this.#meantMs.length) this.#grow();
    const at = (this.#first + this.#runs) & (this.#meantMs.length - 1);
    this.#meantMs[at] = meantMs;
    this.#counts[at] = 1;
    this.#runs++;
  }

  /** The next `count` records were acknowledged now. */
  take(count: number, nowMs: number, window: LatencyWindow): void {
    const mask = this.#meantMs.length - 1;
    let left = count;
    while (left > 0 && this.#runs > 0) {
      const at = this.#first;
      const taken = Math.min(left, this.#counts[at]!);
      window.time(this.#meantMs[at]!, nowMs, taken);
      left -= taken;
      this.#counts[at]! -= taken;
      if (this.#counts[at]! > 0) return;
      this.#first = (at + 1) & mask;
      this.#runs--;
    }
    if (left > 0) throw new Error(`${left} records were acknowledged that nobody sent`);
  }

  #grow(): void {
    const length = this.#meantMs.length;
    const meantMs = new Float64Array(2 * length);
    const counts = new Int32Array(2 * length);
    for (let i = 0; i < this.#runs; i++) {
      const at = (this.#first + i) & (length - 1);
      meantMs[i] = this.#meantMs[at]!;
      counts[i] = this.#counts[at]!;
    }
    this.#meantMs = meantMs;
    this.#counts = counts;
    this.#first = 0;
  }
}
