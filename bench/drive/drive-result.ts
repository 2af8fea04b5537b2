/** What a turn has measured. */
import type { TurnSeries } from '../table/turn-series.ts';

export interface DriveResult {
  readonly messagesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** How late the timer of the schedule was heard; absent without a rate. */
  readonly timerLateP50Ms?: number;
  readonly timerLateP99Ms?: number;
  /** `RssAnon` of the broker, the highest of the samples. */
  readonly brokerPeakMib: number;
  /** Of one core. */
  readonly brokerCpuPercent: number;
  readonly brokerCpuPerMillion: number;
  readonly clientCpuPercent: number;
  readonly producerCpuPercent: number;
  readonly consumerCpuPercent: number;
  readonly producerPeakMib: number;
  readonly consumerPeakMib: number;
  /** Processor time that neither took: where it is much, the figures are worth little. */
  readonly otherCpuSeconds: number;
  readonly seconds: number;
  /** Acknowledged since the load began, with a marker for each partition of a transaction. */
  readonly held: number;
  readonly series: TurnSeries;
  /** All latencies of the window in microseconds, as HdrHistogram encodes them. */
  readonly histogram: string;
}
