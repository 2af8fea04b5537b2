import { createRequire } from 'node:module';
import type { Histogram } from 'hdr-histogram-js';
import type Int32Histogram from 'hdr-histogram-js/dist/Int32Histogram.js';

/** Latencies beyond a minute are counted as a minute. */
const HIGHEST_US = 60_000_000;
const DIGITS = 2;

const EARLY_MAX = 100_000;

type Build = () => Histogram;

/** Requests of one API since the start. */
export class ApiMetrics {
  requestCount = 0;
  /** From the dispatch of the request to its reply, in microseconds; null until it is built. */
  latencyUs: Histogram | null = null;
  /** What came before the histogram's code was loaded. */
  #early: number[] = [];

  build(build: Build): void {
    this.latencyUs = build();
    for (const us of this.#early) this.latencyUs.recordValue(us);
    this.#early = [];
  }

  record(elapsedMs: number): void {
    this.requestCount++;
    const us = Math.min(HIGHEST_US, Math.max(1, Math.round(elapsedMs * 1000)));
    if (this.latencyUs !== null) this.latencyUs.recordValue(us);
    else if (this.#early.length < EARLY_MAX) this.#early.push(us);
  }
}

/** What `/metrics` tells of the work done on the front. */
export class RequestMetrics {
  readonly apis = new Map<number, ApiMetrics>();
  bytesOut = 0;
  /** Frames that were no request anyone serves. */
  malformedCount = 0;
  #build: Build | null = null;

  /**
   * Loads the histograms' code, which takes longer than the rest of a start: call it after that.
   */
  async load(): Promise<void> {
    // The package's front door also loads its log writers and its WebAssembly. `require`, because
    // what a CommonJS default is called depends on who imports it: Node, a bundler or a test
    // runner.
    const require = createRequire(import.meta.url);
    const module = require('hdr-histogram-js/dist/Int32Histogram.js') as {
      readonly default: typeof Int32Histogram.default;
    };
    const build = () => new module.default(1, HIGHEST_US, DIGITS);
    this.#build = build;
    for (const metrics of this.apis.values()) metrics.build(build);
  }

  answered(apiKey: number, elapsedMs: number): void {
    let metrics = this.apis.get(apiKey);
    if (metrics === undefined) {
      metrics = new ApiMetrics();
      if (this.#build !== null) metrics.build(this.#build);
      this.apis.set(apiKey, metrics);
    }
    metrics.record(elapsedMs);
  }

  fetched(bytes: number): void {
    this.bytesOut += bytes;
  }
}
