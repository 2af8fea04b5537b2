/** Counts and times what is completed inside the measured window. */
import { build, type Histogram } from 'hdr-histogram-js';
import { anonymousBytesOf, busySecondsOfMachine, cpuSecondsOf } from './process-stats.ts';

const SAMPLE_EVERY_MS = 100;
const HIGHEST_US = 120_000_000;
const MIB = 1024 * 1024;

export interface LoadResult {
  readonly mode: string;
  /** The topics that were made for the run. */
  readonly topics: readonly string[];
  readonly seconds: number;
  readonly messages: number;
  readonly requests: number;
  readonly messagesPerSecond: number;
  readonly requestsPerSecond: number;
  readonly mbPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** How late the timer of a load with a rate was heard; absent without a rate. */
  readonly timerLateP50Ms?: number;
  readonly timerLateP99Ms?: number;
  /** Absent without a broker pid. */
  readonly brokerCpuSeconds?: number;
  readonly brokerCpuPerMillion?: number;
  readonly brokerCpuPerGb?: number;
  readonly brokerIdleMib?: number;
  readonly brokerPeakMib?: number;
  readonly loadCpuSeconds: number;
  /** CPU that neither the broker nor this process took: noise, where it is much. */
  readonly otherCpuSeconds: number;
}

interface Marks {
  readonly atMs: number;
  readonly broker: number;
  readonly own: number;
  readonly machine: number;
}

function newHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  });
}

export class Meter {
  readonly #brokerPid: number;
  readonly #latencies: Histogram = newHistogram();
  readonly #timer: Histogram = newHistogram();
  #recording = false;
  #messages = 0;
  #bytes = 0;
  #requests = 0;
  #idleBytes = 0;
  #peakBytes = 0;
  #sampler: NodeJS.Timeout | undefined;
  #from: Marks | undefined;
  #to: Marks | undefined;

  /** A pid of 0: the broker's own figures are left out. */
  constructor(brokerPid: number) {
    this.#brokerPid = brokerPid;
    if (brokerPid === 0) return;
    this.#idleBytes = anonymousBytesOf(brokerPid);
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
  }

  begin(): void {
    this.#from = this.#mark();
    this.#recording = true;
  }

  end(): void {
    this.#recording = false;
    this.#to = this.#mark();
    if (this.#brokerPid !== 0) this.#sample();
    clearInterval(this.#sampler);
  }

  /** One request done, `messages` records in it. */
  done(latencyMs: number, messages: number, bytes: number): void {
    if (!this.#recording) return;
    this.#requests++;
    this.#messages += messages;
    this.#bytes += bytes;
    this.#latencies.recordValue(latencyMs > 0 ? Math.min(latencyMs * 1000, HIGHEST_US) : 0);
  }

  /** The pacer's timer was heard so late. */
  ticked(lateMs: number): void {
    if (this.#recording) this.#timer.recordValue(Math.min(lateMs * 1000, HIGHEST_US));
  }

  result(mode: string): Omit<LoadResult, 'topics'> {
    const from = this.#from!;
    const to = this.#to!;
    const seconds = (to.atMs - from.atMs) / 1000;
    const latency = (percentile: number): number =>
      this.#latencies.getValueAtPercentile(percentile) / 1000;
    const own = to.own - from.own;
    const broker = to.broker - from.broker;
    return {
      mode,
      seconds,
      messages: this.#messages,
      requests: this.#requests,
      messagesPerSecond: this.#messages / seconds,
      requestsPerSecond: this.#requests / seconds,
      mbPerSecond: this.#bytes / 1e6 / seconds,
      p50Ms: latency(50),
      p99Ms: latency(99),
      p999Ms: latency(99.9),
      maxMs: this.#latencies.maxValue / 1000,
      ...(this.#timer.totalCount === 0 ? {} : this.#timerFigures()),
      ...(this.#brokerPid === 0 ? {} : this.#brokerFigures(broker)),
      loadCpuSeconds: own,
      otherCpuSeconds: Math.max(0, to.machine - from.machine - own - broker),
    };
  }

  #timerFigures(): Partial<LoadResult> {
    return {
      timerLateP50Ms: this.#timer.getValueAtPercentile(50) / 1000,
      timerLateP99Ms: this.#timer.getValueAtPercentile(99) / 1000,
    };
  }

  #brokerFigures(cpuSeconds: number): Partial<LoadResult> {
    return {
      brokerCpuSeconds: cpuSeconds,
      brokerCpuPerMillion: cpuSeconds / (this.#messages / 1e6),
      ...(this.#bytes === 0 ? {} : { brokerCpuPerGb: cpuSeconds / (this.#bytes / 1e9) }),
      brokerIdleMib: this.#idleBytes / MIB,
      brokerPeakMib: this.#peakBytes / MIB,
    };
  }

  #mark(): Marks {
    const { user, system } = process.cpuUsage();
    return {
      atMs: performance.now(),
      broker: this.#brokerPid === 0 ? 0 : cpuSecondsOf(this.#brokerPid),
      own: (user + system) / 1e6,
      machine: busySecondsOfMachine(),
    };
  }

  #sample(): void {
    this.#peakBytes = Math.max(this.#peakBytes, anonymousBytesOf(this.#brokerPid));
  }
}
