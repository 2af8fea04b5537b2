/** What a turn did over time, sampled about ten times a second. */
import { anonymousBytesOf, cpuSecondsOf } from '../load/process-stats.ts';

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

const MIB = 1024 * 1024;

/** A sample reads three files of /proc, which takes some tens of microseconds. */
export class SeriesRecorder {
  readonly #brokerPid: number;
  readonly #fromMs = performance.now();
  readonly #brokerFromSeconds: number;
  readonly #clientFromSeconds: number;
  readonly #series = {
    atMs: [] as number[],
    messages: [] as number[],
    brokerCpuSeconds: [] as number[],
    clientCpuSeconds: [] as number[],
    brokerMib: [] as number[],
  };

  constructor(brokerPid: number) {
    this.#brokerPid = brokerPid;
    this.#brokerFromSeconds = cpuSecondsOf(brokerPid);
    this.#clientFromSeconds = cpuSecondsOf(process.pid);
  }

  get series(): TurnSeries {
    return this.#series;
  }

  get peakMib(): number {
    return Math.max(0, ...this.#series.brokerMib);
  }

  /** `messages`: counted since the measured time began. */
  sample(messages: number): void {
    const { atMs, brokerCpuSeconds, clientCpuSeconds, brokerMib } = this.#series;
    atMs.push(rounded(performance.now() - this.#fromMs));
    this.#series.messages.push(messages);
    brokerCpuSeconds.push(rounded(cpuSecondsOf(this.#brokerPid) - this.#brokerFromSeconds));
    clientCpuSeconds.push(rounded(cpuSecondsOf(process.pid) - this.#clientFromSeconds));
    brokerMib.push(rounded(anonymousBytesOf(this.#brokerPid) / MIB));
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
