interface Sample {
  startMs: number;
  latestMs: number;
  sum: number;
}

/**
 * A rate over a moving window, cut into samples as Apache Kafka cuts it: the window ends now and
 * begins with the oldest sample, or earlier while there are few samples. So a burst after a quiet
 * time counts as if it had come over most of the window. Unless `forgivesBursts`: then it counts as
 * if it had come over one sample.
 */
export class SampledRate {
  readonly #samplesMax: number;
  readonly #sampleMs: number;
  readonly #forgivesBursts: boolean;
  readonly #samples: Sample[] = [];
  #current = 0;

  constructor(samples: number, sampleMs: number, forgivesBursts = true) {
    this.#samplesMax = samples;
    this.#sampleMs = sampleMs;
    this.#forgivesBursts = forgivesBursts;
  }

  record(amount: number, nowMs: number): void {
    const sample = this.#sampleAt(nowMs);
    sample.sum += amount;
    sample.latestMs = nowMs;
  }

  /** Per second. */
  measure(nowMs: number): number {
    const windowMs = this.windowMs(nowMs);
    let sum = 0;
    for (const sample of this.#samples) sum += sample.sum;
    return (sum * 1000) / windowMs;
  }

  windowMs(nowMs: number): number {
    const expiryMs = this.#samplesMax * this.#sampleMs;
    let oldestMs = nowMs;
    for (const sample of this.#samples) {
      if (nowMs - sample.latestMs >= expiryMs) restart(sample, nowMs);
      if (sample.startMs < oldestMs) oldestMs = sample.startMs;
    }
    const elapsedMs = nowMs - oldestMs;
    if (!this.#forgivesBursts) return Math.max(elapsedMs, this.#sampleMs);
    const whole = Math.floor(elapsedMs / this.#sampleMs);
    const missing = Math.max(0, this.#samplesMax - 1 - whole);
    return Math.max(elapsedMs + missing * this.#sampleMs, 1);
  }

  /** Whether nothing of the last window is left in it. */
  isQuiet(nowMs: number): boolean {
    const expiryMs = this.#samplesMax * this.#sampleMs;
    return this.#samples.every((sample) => nowMs - sample.latestMs >= expiryMs);
  }

  #sampleAt(nowMs: number): Sample {
    const current = this.#samples[this.#current];
    if (current === undefined) return this.#add(nowMs);
    if (nowMs - current.startMs < this.#sampleMs) return current;
    // One more than the window holds: the oldest still overlaps the begin of the window.
    this.#current = (this.#current + 1) % (this.#samplesMax + 1);
    const next = this.#samples[this.#current];
    if (next === undefined) return this.#add(nowMs);
    restart(next, nowMs);
    return next;
  }

  #add(nowMs: number): Sample {
    const sample = { startMs: nowMs, latestMs: nowMs, sum: 0 };
    this.#samples.push(sample);
    return sample;
  }
}

function restart(sample: Sample, nowMs: number): void {
  sample.startMs = nowMs;
  sample.latestMs = nowMs;
  sample.sum = 0;
}
