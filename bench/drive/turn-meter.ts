/** What broker, clients and machine did in the measured time of a turn, sampled by the suite. */
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { anonymousBytesOf, busySecondsOfMachine, cpuSecondsOf } from '../load/process-stats.ts';
import type { ClientProcess } from './client-process.ts';
import { sharedNowMs } from './clock.ts';
import { type ClientResult, SAMPLE_EVERY_MS } from './drive-messages.ts';
import type { DriveResult } from './drive-result.ts';
import { newHistogram } from './latency-window.ts';

const MIB = 1024 * 1024;

interface Sample {
  readonly atMs: number;
  readonly broker: number;
  readonly producers: number;
  readonly consumers: number;
  readonly machine: number;
  readonly brokerMib: number;
  readonly producerMib: number;
  readonly consumerMib: number;
}

export class TurnMeter {
  readonly #brokerPid: number;
  readonly #producers: readonly number[];
  readonly #consumers: readonly number[];
  readonly #samples: Sample[] = [];

  constructor(brokerPid: number, clients: readonly ClientProcess[]) {
    this.#brokerPid = brokerPid;
    this.#producers = clients.filter(({ role }) => role === 'producer').map(({ pid }) => pid);
    this.#consumers = clients.filter(({ role }) => role === 'consumer').map(({ pid }) => pid);
  }

  async run(openMs: number, closeMs: number): Promise<void> {
    for (let atMs = openMs; atMs < closeMs; atMs += SAMPLE_EVERY_MS) {
      await sleep(Math.max(0, atMs - sharedNowMs()));
      this.#sample(openMs);
    }
    await sleep(Math.max(0, closeMs - sharedNowMs()));
    this.#sample(openMs);
  }

  /** `counted` says how many messages there were and how long they took. */
  result(
    counted: readonly ClientResult[],
    sent: readonly ClientResult[],
  ): Omit<DriveResult, 'held'> {
    const latency = newHistogram();
    for (const { histogram } of counted) latency.add(decodeFromCompressedBase64(histogram));
    const ms = (percent: number): number => latency.getValueAtPercentile(percent) / 1000;
    const from = this.#samples[0]!;
    const to = this.#samples.at(-1)!;
    const seconds = (to.atMs - from.atMs) / 1000;
    const grown = (name: 'broker' | 'producers' | 'consumers' | 'machine'): number =>
      to[name] - from[name];
    const percentOf = (name: 'broker' | 'producers' | 'consumers'): number =>
      (100 * grown(name)) / seconds;
    const messages = this.#messages(counted);
    const total = messages.at(-1)!;
    const own = grown('broker') + grown('producers') + grown('consumers');
    const late = sent.filter(({ timerLateP99Ms }) => timerLateP99Ms > 0);
    return {
      messagesPerSecond: total / seconds,
      p50Ms: ms(50),
      p99Ms: ms(99),
      p999Ms: ms(99.9),
      maxMs: latency.maxValue / 1000,
      ...(late.length === 0 ? {} : timerFigures(late[0]!)),
      brokerPeakMib: this.#peak('brokerMib'),
      brokerCpuPercent: percentOf('broker'),
      brokerCpuPerMillion: (grown('broker') / total) * 1e6,
      clientCpuPercent: percentOf('producers') + percentOf('consumers'),
      producerCpuPercent: percentOf('producers'),
      consumerCpuPercent: percentOf('consumers'),
      producerPeakMib: this.#peak('producerMib'),
      consumerPeakMib: this.#peak('consumerMib'),
      otherCpuSeconds: Math.max(0, grown('machine') - own),
      seconds,
      series: this.#series(messages),
      histogram: encodeIntoCompressedBase64(latency),
    };
  }

  /** At each sample, since the first. */
  #messages(counted: readonly ClientResult[]): number[] {
    let sum = 0;
    return this.#samples.map((_, i) => {
      if (i > 0) for (const { counts } of counted) sum += counts[i - 1] ?? 0;
      return sum;
    });
  }

  #series(messages: readonly number[]): DriveResult['series'] {
    const from = this.#samples[0]!;
    return {
      atMs: this.#samples.map(({ atMs }) => rounded(atMs)),
      messages,
      brokerCpuSeconds: this.#samples.map(({ broker }) => rounded(broker - from.broker)),
      clientCpuSeconds: this.#samples.map((sample) =>
        rounded(sample.producers + sample.consumers - from.producers - from.consumers),
      ),
      brokerMib: this.#samples.map(({ brokerMib }) => rounded(brokerMib)),
    };
  }

  #peak(name: 'brokerMib' | 'producerMib' | 'consumerMib'): number {
    return Math.max(...this.#samples.map((sample) => sample[name]));
  }

  #sample(openMs: number): void {
    const sum = (pids: readonly number[], of: (pid: number) => number): number =>
      pids.reduce((total, pid) => total + of(pid), 0);
    this.#samples.push({
      atMs: sharedNowMs() - openMs,
      broker: cpuSecondsOf(this.#brokerPid),
      producers: sum(this.#producers, cpuSecondsOf),
      consumers: sum(this.#consumers, cpuSecondsOf),
      machine: busySecondsOfMachine(),
      brokerMib: anonymousBytesOf(this.#brokerPid) / MIB,
      producerMib: sum(this.#producers, anonymousBytesOf) / MIB,
      consumerMib: sum(this.#consumers, anonymousBytesOf) / MIB,
    });
  }
}

function timerFigures({ timerLateP50Ms, timerLateP99Ms }: ClientResult) {
  return { timerLateP50Ms, timerLateP99Ms };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
