/** What a turn did over time, sampled about ten times a second. */

/** One entry of each list for each sample; counts and seconds grow from sample to sample. */
export interface TurnSeries {
  /** Since the measured time began. */
  readonly atMs: readonly number[];
  readonly messages: readonly number[];
  readonly brokerCpuSeconds: readonly number[];
  readonly clientCpuSeconds: readonly number[];
  /** `RssAnon` at the moment of the sample. */
  readonly brokerMib: readonly number[];
}
