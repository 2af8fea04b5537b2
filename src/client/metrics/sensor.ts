/** How a client measures: over so many windows of this length, by default 2 of 30 s. */
export interface Windows {
  readonly samples: number;
  readonly windowMs: number;
}

interface Sample {
  startMs: number;
  lastMs: number;
  count: number;
  sum: number;
  max: number;
  min: number;
}

const MS_PER_SECOND = 1000;

/**
 * Values as they come, summed up window by window as Kafka's `SampledStat` does, and since the
 * start. One sensor gives the rate, average, maximum and total of the same values.
 *
 * A window ends with the first value after its time. Windows whose last value is older than all
 * windows together count no more. One more window than asked for is kept, since the oldest may
 * overlap the time that is looked at.
 */
export class Sensor {
  readonly #windows: Windows;
  readonly #samples: Sample[] = [];
  #current = 0;
  /** Since the start. */
  total = 0;
  count = 0;

  constructor(windows: Windows) {
    this.#windows = windows;
  }

  record(value: number, nowMs: number): void {
    this.total += value;
    this.count++;
    const sample = this.#sampleAt(nowMs);
    sample.lastMs = nowMs;
    sample.count++;
    sample.sum += value;
    if (value > sample.max) sample.max = value;
    if (value < sample.min) sample.min = value;
  }

  /** The same for values that were summed up elsewhere, in one go. */
  recordMany(count: number, sum: number, min: number, max: number, nowMs: number): void {
    this.total += sum;
    this.count += count;
    const sample = this.#sampleAt(nowMs);
    sample.lastMs = nowMs;
    sample.count += count;
    sample.sum += sum;
    if (max > sample.max) sample.max = max;
    if (min < sample.min) sample.min = min;
  }

  /** NaN where there was no value. */
  avg(nowMs: number): number {
    this.#purge(nowMs);
    let sum = 0;
    let count = 0;
    for (const sample of this.#samples) {
      sum += sample.sum;
      count += sample.count;
    }
    return count === 0 ? Number.NaN : sum / count;
  }

  max(nowMs: number): number {
    this.#purge(nowMs);
    let max = Number.NEGATIVE_INFINITY;
    for (const sample of this.#samples) max = Math.max(max, sample.max);
    return max === Number.NEGATIVE_INFINITY ? Number.NaN : max;
  }

  min(nowMs: number): number {
    this.#purge(nowMs);
    let min = Number.POSITIVE_INFINITY;
    for (const sample of this.#samples) min = Math.min(min, sample.min);
    return min === Number.POSITIVE_INFINITY ? Number.NaN : min;
  }

  /** The sum of the values in each second. */
  rate(nowMs: number, unitMs = MS_PER_SECOND): number {
    this.#purge(nowMs);
    let sum = 0;
    for (const sample of this.#samples) sum += sample.sum;
    return (sum * unitMs) / this.#elapsedMs(nowMs);
  }

  /** How many values there were in each second. */
  countRate(nowMs: number, unitMs = MS_PER_SECOND): number {
    this.#purge(nowMs);
    let count = 0;
    for (const sample of this.#samples) count += sample.count;
    return (count * unitMs) / this.#elapsedMs(nowMs);
  }

  #sampleAt(nowMs: number): Sample {
    const samples = this.#samples;
    const current = samples[this.#current];
    if (current === undefined) return this.#fresh(nowMs);
    if (nowMs - current.startMs < this.#windows.windowMs) return current;
    this.#current = (this.#current + 1) % (this.#windows.samples + 1);
    const next = samples[this.#current];
    if (next === undefined) return this.#fresh(nowMs);
    reset(next, nowMs);
    return next;
  }

  #fresh(nowMs: number): Sample {
    const sample = { startMs: 0, lastMs: 0, count: 0, sum: 0, max: 0, min: 0 };
    reset(sample, nowMs);
    this.#samples.push(sample);
    return sample;
  }

  #purge(nowMs: number): void {
    const ageMs = this.#windows.samples * this.#windows.windowMs;
    for (const sample of this.#samples) {
      if (nowMs - sample.lastMs >= ageMs) reset(sample, nowMs);
    }
  }

  /**
   * The time that the windows cover. All windows but the last count as whole: what a client did in
   * its first second is no rate to go by.
   */
  #elapsedMs(nowMs: number): number {
    const { samples, windowMs } = this.#windows;
    let oldestMs = nowMs;
    for (const { startMs } of this.#samples) oldestMs = Math.min(oldestMs, startMs);
    const elapsedMs = nowMs - oldestMs;
    const missing = samples - 1 - Math.floor(elapsedMs / windowMs);
    return Math.max(elapsedMs + Math.max(missing, 0) * windowMs, 1);
  }
}

function reset(sample: Sample, nowMs: number): void {
  sample.startMs = nowMs;
  sample.lastMs = nowMs;
  sample.count = 0;
  sample.sum = 0;
  sample.max = Number.NEGATIVE_INFINITY;
  sample.min = Number.POSITIVE_INFINITY;
}
