import type { Histogram } from 'hdr-histogram-js';

/** Latencies beyond a minute are counted as a minute. */
const HIGHEST_US = 60_000_000;
const DIGITS = 2;

/** An API gets its histogram after this many requests, which do not wait for it. */
const UNSORTED = 50;
/** The most latencies that are kept while the histograms' code is not loaded. */
const UNSORTED_MAX = 100_000;

/** Latencies below this are counted by the microsecond: the histogram's arithmetic is dear. */
const COUNTED_US = 1024;

type Build = () => Histogram;
type HistogramClass = new (lowest: number, highest: number, digits: number) => Histogram;

/** What a CommonJS default is called depends on the importer: Node, a bundler or a test runner. */
function histogramOf(imported: HistogramClass | { default: HistogramClass }): HistogramClass {
  return 'default' in imported ? imported.default : imported;
}

/** Requests of one API since the start. */
export class ApiMetrics {
  requestCount = 0;
  #latencyUs: Histogram | null = null;
  /** Latencies from before there was a histogram, in microseconds. */
  #unsorted: number[] = [];
  /** Short latencies that the histogram does not have yet, by microseconds. */
  readonly #counted = new Uint32Array(COUNTED_US);

  /** From the dispatch of the request to its reply, in microseconds. */
  latencyUs(build: Build): Histogram {
    if (this.#latencyUs !== null) return this.#withCounted(this.#latencyUs);
    const histogram = build();
    for (const us of this.#unsorted) histogram.recordValue(us);
    this.#unsorted = [];
    this.#latencyUs = histogram;
    return histogram;
  }

  #withCounted(histogram: Histogram): Histogram {
    for (const [us, count] of this.#counted.entries()) {
      if (count > 0) histogram.recordValueWithCount(us, count);
    }
    this.#counted.fill(0);
    return histogram;
  }

  record(elapsedMs: number, build: Build | null): void {
    this.requestCount++;
    const us = Math.min(HIGHEST_US, Math.max(1, Math.round(elapsedMs * 1000)));
    if (this.#latencyUs !== null) {
      if (us < COUNTED_US) this.#counted[us]!++;
      else this.#latencyUs.recordValue(us);
    } else if (build !== null && this.#unsorted.length >= UNSORTED)
      this.latencyUs(build).recordValue(us);
    else if (this.#unsorted.length < UNSORTED_MAX) this.#unsorted.push(us);
  }
}

/** What `/metrics` says about the requests served on the front. */
export class RequestMetrics {
  readonly apis = new Map<number, ApiMetrics>();
  bytesOut = 0;
  /** Frames that were not a request for an API that is served. */
  malformedCount = 0;
  #build: Build | null = null;

  /**
   * Loads the histograms' code. That takes longer than the rest of a start, so it is called after.
   */
  async load(): Promise<void> {
    // The package's main module also loads its log writers and its WebAssembly.
    const loaded = await import('hdr-histogram-js/dist/Int32Histogram.js');
    const Int32Histogram = histogramOf(loaded.default);
    this.#build = () => new Int32Histogram(1, HIGHEST_US, DIGITS);
  }

  /** Null until the histograms' code is loaded. */
  latencyUs(api: ApiMetrics): Histogram | null {
    return this.#build === null ? null : api.latencyUs(this.#build);
  }

  answered(apiKey: number, elapsedMs: number): void {
    let metrics = this.apis.get(apiKey);
    if (metrics === undefined) {
      metrics = new ApiMetrics();
      this.apis.set(apiKey, metrics);
    }
    metrics.record(elapsedMs, this.#build);
  }

  fetched(bytes: number): void {
    this.bytesOut += bytes;
  }
}
