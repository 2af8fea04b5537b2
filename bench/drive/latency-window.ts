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
  #counts = new Float64Array(1);
  #openMs = 0;
  #closeMs = 0;

  open(openMs: number, closeMs: number): void {
    this.#openMs = openMs;
    this.#closeMs = closeMs;
    this.#counts = new Float64Array(Math.ceil((closeMs - openMs) / SAMPLE_EVERY_MS));
  }

  get closeMs(): number {
    return this.#closeMs;
  }

  /** What happens outside the window goes the same way and counts nothing. */
  count(messages: number, nowMs: number): void {
    const within = this.#within(nowMs);
    const sample = Math.floor((nowMs - this.#openMs) / SAMPLE_EVERY_MS);
    this.#counts[within * Math.max(0, sample)]! += messages * within;
  }

  /**
   * A record counts where it was meant for the window, however late its answer came: what a stall
   * at the end holds back is timed as well.
   */
  time(meantMs: number, nowMs: number, messages: number): void {
    const count = messages * this.#within(meantMs);
    this.#latencies.recordValueWithCount(microseconds(nowMs - meantMs), count);
  }

  /** The timer of the schedule was heard so late. */
  ticked(lateMs: number, nowMs: number): void {
    this.#late.recordValueWithCount(microseconds(lateMs), this.#within(nowMs));
  }

  /**
   * 1 within the window, 0 outside. Arithmetic and no branch: V8 gives up compiled code at the
   * first branch that was not taken before, and would compile again while the window is open.
   */
  #within(ms: number): number {
    return Number(ms >= this.#openMs) * Number(ms < this.#closeMs);
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

/** The first records tell no moment: theirs is not a number. */
function microseconds(ms: number): number {
  const us = Math.round(ms * 1000);
  return us >= 1 ? Math.min(HIGHEST_US, us) : 1;
}
