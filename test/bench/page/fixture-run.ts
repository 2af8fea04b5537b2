/** A run that never was: two rows, one with a rival, whose figures are made up. */
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { DriveResult } from '../../../bench/drive/drive-result.ts';
import { figuresOf } from '../../../bench/figures.ts';
import { ASYNC_BATCH } from '../../../bench/scenarios/async-batch.ts';
import { CONSUMER_SINGLE } from '../../../bench/scenarios/consumer-single.ts';
import type { TableScenario } from '../../../bench/scenarios/table-scenario.ts';
import type { RunReport } from '../../../bench/table/run-report.ts';
import type { TableRow } from '../../../bench/table/table-report.ts';

const SAMPLES = 30;

/** `factor` makes all of it slower. */
export function fixtureTurn(rate: number, factor = 1): DriveResult {
  const latency = build({ numberOfSignificantValueDigits: 3 });
  for (let i = 1; i <= 20_000; i++)
    latency.recordValue(Math.round(factor * (200 + 4e6 / (i + 999))));
  const steps = [...Array(SAMPLES).keys()];
  return {
    messagesPerSecond: rate / factor,
    p50Ms: latency.getValueAtPercentile(50) / 1000,
    p99Ms: latency.getValueAtPercentile(99) / 1000,
    p999Ms: latency.getValueAtPercentile(99.9) / 1000,
    maxMs: latency.maxValue / 1000,
    brokerPeakMib: 36 * factor,
    brokerCpuPercent: 10 * factor,
    brokerCpuPerMillion: 0.2 * factor,
    clientCpuPercent: 20,
    producerCpuPercent: 15,
    consumerCpuPercent: 5,
    producerPeakMib: 40,
    consumerPeakMib: 30,
    seconds: 3,
    otherCpuSeconds: 0.1,
    held: 1000,
    series: {
      atMs: steps.map((i) => i * 100.5),
      messages: steps.map((i) => Math.round((i * rate) / 10 / factor)),
      brokerCpuSeconds: steps.map((i) => (i * factor) / 100),
      clientCpuSeconds: steps.map((i) => (i * factor) / 50),
      brokerMib: steps.map((i) => 30 * factor + (i % 7)),
    },
    histogram: encodeIntoCompressedBase64(latency),
  };
}

export function fixtureRow(scenario: TableScenario, broker: string, factors: number[]): TableRow {
  const turns = (rate: number) => factors.map((factor) => fixtureTurn(rate, factor));
  const rounds = {
    held: turns(scenario.rate),
    flat: turns(scenario.rate * 5),
    flat1k: turns(scenario.rate),
  };
  return {
    scenario,
    broker,
    flat: figuresOf(rounds.flat[0]!),
    flat1k: figuresOf(rounds.flat1k[0]!),
    held: figuresOf(rounds.held[0]!),
    command: `npm run bench -- --only ${scenario.name}`,
    rounds,
  };
}

export function fixtureRun(): RunReport {
  return {
    origin: {
      at: '2026-11-30T08:00:00.000Z',
      machine: '2 cores (</script> & Sons), 24 GiB, linux 6 x64',
      node: 'v20.20.2',
      versions: ['millrace 0.1.0', 'Apache Kafka 4.3.1'],
      commit: 'abcdef0-changed',
      command: 'npm run bench -- --against kafka --only async-batch,consumer-single',
    },
    floorMib: 40.2,
    floorAnonymousMib: 6.7,
    rows: [
      fixtureRow(ASYNC_BATCH, 'millrace', [1, 1.1, 0.9]),
      fixtureRow(ASYNC_BATCH, 'kafka', [1.6, 1.7, 1.5]),
      fixtureRow(CONSUMER_SINGLE, 'millrace', [1]),
    ],
  };
}
