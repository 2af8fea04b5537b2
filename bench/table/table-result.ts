/** What the process of the client tells at its end. */
import type { TurnSeries } from './turn-series.ts';

export interface TableResult {
  readonly messagesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** `RssAnon` of the broker, the highest of the samples. */
  readonly brokerPeakMib: number;
  /** Of one core. */
  readonly brokerCpuPercent: number;
  readonly brokerCpuPerMillion: number;
  readonly clientCpuPercent: number;
  /** Processor time that neither took: where it is much, the figures are worth little. */
  readonly otherCpuSeconds: number;
  /** Acknowledged since the process began, with a marker for each transaction. */
  readonly held: number;
  readonly series: TurnSeries;
  /** All latencies of the window in microseconds, as HdrHistogram encodes them. */
  readonly histogram: string;
}
