import { describe, expect, it } from 'vitest';
import { CLUSTER_USAGE, readClusterOptions } from '../../../bench/cluster/cluster-options.ts';
import { CLUSTER_SCENARIO } from '../../../bench/cluster/cluster-scenario.ts';
import { rowLines } from '../../../bench/report.ts';

const read = (text: string) => readClusterOptions(`--suite cluster ${text}`.trim().split(' '));

describe('the command line of the cluster suite', () => {
  it('takes turns with Kafka where nothing else is said', () => {
    expect(read('')).toEqual({
      against: 'kafka',
      records: 1_000_000,
      warmupRecords: 500_000,
      rounds: 2,
      connections: 4,
      inFlight: 5,
      touchGib: 8,
      json: false,
    });
  });

  it('takes what is given', () => {
    const options = read('--against nobody --records 20000 --rounds 3 --touch 0 -o json');
    expect(options).toMatchObject({ records: 20_000, rounds: 3, touchGib: 0, json: true });
    expect(options?.against).toBeUndefined();
  });

  it('only tells its options where that is asked', () => {
    expect(read('--help')).toBeUndefined();
    expect(CLUSTER_USAGE).toContain('--warmup N');
  });

  for (const [text, complaint] of [
    ['--against nats', '--against is one of kafka, nobody, not "nats"'],
    ['--warmup 1000', '--warmup takes a whole number from 500000 to 20000000, not "1000"'],
    ['--rounds 1.5', '--rounds takes a whole number from 1 to 20, not "1.5"'],
    ['--seconds 3', "Unknown option '--seconds'"],
  ] as const) {
    it(`refuses ${text}`, () => {
      expect(() => read(text)).toThrow(complaint);
    });
  }
});

it('shows what a turn measured, and the ratios', () => {
  const millrace = { messagesPerSecond: 150_000, brokerCpuUsBatch: 100, brokersAnonMib: 280 };
  const figures = { messagesPerSecond: 50_000, brokerCpuUsBatch: 500, brokersAnonMib: 1300 };
  const { name: scenario, title } = CLUSTER_SCENARIO;
  const rival = { name: 'kafka', figures };
  const text = rowLines(CLUSTER_SCENARIO, { scenario, title, millrace, rival, command: '' });
  expect(text).toContain('CPU us a batch 500, anonymous MiB 1,300');
  expect(text).toContain('messagesPerSecond: 3.00');
  expect(text).toContain('brokerCpuUsBatch: 0.20');
  expect(text).toContain('brokersAnonMib: 280');
  expect(text).not.toContain('NOT REACHED');
});
