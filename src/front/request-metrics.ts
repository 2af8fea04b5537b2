import { build, type Histogram } from 'hdr-histogram-js';

/** Latencies beyond a minute are counted as a minute. */
const HIGHEST_US = 60_000_000;
const DIGITS = 2;

/** Requests of one API since the start. */
export class ApiMetrics {
  requestCount = 0;
  /** From the dispatch of the request to its reply, in microseconds. */
  readonly latencyUs: Histogram = build({
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: DIGITS,
    bitBucketSize: 32,
  });

  record(elapsedMs: number): void {
    this.requestCount++;
    const us = Math.round(elapsedMs * 1000);
    this.latencyUs.recordValue(Math.min(HIGHEST_US, Math.max(1, us)));
  }
}

/** What `/metrics` tells of the work done on the front. */
export class RequestMetrics {
  readonly apis = new Map<number, ApiMetrics>();
  bytesIn = 0;
  bytesOut = 0;
  /** Frames that were no request anyone serves. */
  malformedCount = 0;

  answered(apiKey: number, elapsedMs: number): void {
    let metrics = this.apis.get(apiKey);
    if (metrics === undefined) {
      metrics = new ApiMetrics();
      this.apis.set(apiKey, metrics);
    }
    metrics.record(elapsedMs);
  }

  produced(bytes: number): void {
    this.bytesIn += bytes;
  }

  fetched(bytes: number): void {
    this.bytesOut += bytes;
  }
}
