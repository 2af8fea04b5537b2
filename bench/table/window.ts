/** Counts, times and samples what happens between the warm-up and the end of a turn. */
import { setTimeout as sleep } from 'node:timers/promises';
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { busySecondsOfMachine, cpuSecondsOf } from '../load/process-stats.ts';
import type { TableResult } from './table-result.ts';
import type { TableSetup } from './table-setup.ts';
import { SeriesRecorder } from './turn-series.ts';

const SAMPLE_EVERY_MS = 100;
const HIGHEST_US = 120_000_000;

export class Window {
  readonly #setup: TableSetup;
  readonly #latency = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  });
  #isOpen = false;
  #isOver = false;
  #messages = 0;

  constructor(setup: TableSetup) {
    this.#setup = setup;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  count(messages: number): void {
    if (this.#isOpen) this.#messages += messages;
  }

  /** From the moment at which the record was meant to leave. */
  time(meantMs: number, nowMs: number): void {
    if (!this.#isOpen) return;
    this.#latency.recordValue(
      Math.min(HIGHEST_US, Math.max(1, Math.round((nowMs - meantMs) * 1000))),
    );
  }

  /** Waits for the warm-up and the measured time; `held` is filled in by who knows it. */
  async measure(): Promise<Omit<TableResult, 'held'>> {
    const { brokerPid, warmupMs, measureMs } = this.#setup;
    await sleep(warmupMs);
    const cpu = cpuSecondsOf(brokerPid);
    const own = cpuSecondsOf(process.pid);
    const busy = busySecondsOfMachine();
    const fromMs = performance.now();
    const recorder = new SeriesRecorder(brokerPid);
    this.#isOpen = true;
    recorder.sample(0);
    while (performance.now() - fromMs < measureMs) {
      await sleep(SAMPLE_EVERY_MS);
      recorder.sample(this.#messages);
    }
    this.#isOpen = false;
    this.#isOver = true;
    const seconds = (performance.now() - fromMs) / 1000;
    const brokerSeconds = cpuSecondsOf(brokerPid) - cpu;
    const clientSeconds = cpuSecondsOf(process.pid) - own;
    const others = busySecondsOfMachine() - busy - brokerSeconds - clientSeconds;
    const ms = (percent: number): number => this.#latency.getValueAtPercentile(percent) / 1000;
    return {
      messagesPerSecond: this.#messages / seconds,
      p50Ms: ms(50),
      p99Ms: ms(99),
      p999Ms: ms(99.9),
      maxMs: this.#latency.maxValue / 1000,
      brokerPeakMib: recorder.peakMib,
      brokerCpuPercent: (100 * brokerSeconds) / seconds,
      brokerCpuPerMillion: (brokerSeconds / this.#messages) * 1e6,
      clientCpuPercent: (100 * clientSeconds) / seconds,
      otherCpuSeconds: Math.max(0, others),
      series: recorder.series,
      histogram: encodeIntoCompressedBase64(this.#latency),
    };
  }
}
