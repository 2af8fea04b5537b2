/** Counts what happens between two moments of the shared clock, and times what was meant for it. */
import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { SAMPLE_EVERY_MS } from './drive-messages.ts';

const HIGHEST_US = 120_000_000;

export function newHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  });
}

export class LatencyWindow {
  readonly #latencies = newHistogram();
  readonly #late = newHistogram();
  #counts = new Float64Array(0);
  #openMs = Number.POSITIVE_INFINITY;
  #closeMs = Number.POSITIVE_INFINITY;

  open(openMs: number, closeMs: number): void {
    this.#openMs = openMs;
    this.#closeMs = closeMs;
    this.#counts = new Float64Array(Math.ceil((closeMs - openMs) / SAMPLE_EVERY_MS));
  }

  get closeMs(): number {
    return this.#closeMs;
  }

  count(messages: number, nowMs: number): void {
    if (nowMs < this.#openMs || nowMs >= this.#closeMs) return;
    this.#counts[Math.floor((nowMs - this.#openMs) / SAMPLE_EVERY_MS)]! += messages;
  }

  /**
   * A record counts where it was meant for the window, however late its answer came: what a stall
   * at the end holds back is timed as well.
   */
  time(meantMs: number, nowMs: number, messages: number): void {
    const isWithin = meantMs >= this.#openMs && meantMs < this.#closeMs;
    if (!isWithin) return;
    this.#latencies.recordValueWithCount(microseconds(nowMs - meantMs), messages);
  }

  /** The timer of the schedule was heard so late. */
  ticked(lateMs: number, nowMs: number): void {
    if (nowMs < this.#openMs || nowMs >= this.#closeMs) return;
    this.#late.recordValue(microseconds(lateMs));
  }

  result() {
    return {
      counts: [...this.#counts],
      histogram: encodeIntoCompressedBase64(this.#latencies),
      timerLateP50Ms: this.#late.getValueAtPercentile(50) / 1000,
      timerLateP99Ms: this.#late.getValueAtPercentile(99) / 1000,
    };
  }
}

function microseconds(ms: number): number {
  return Math.min(HIGHEST_US, Math.max(1, Math.round(ms * 1000)));
}
