import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Figures that are no run's own, so that what is reckoned of them can be told by head. */
const figures = join(folder, 'figures.json');
writeFileSync(
  figures,
  JSON.stringify({
    rows: [
      { scenario: 'produce-acks1', millrace: { p50Ms: 0.5, mbPerSecond: 100 } },
      { scenario: 'fetch-catch-up', millrace: { mbPerSecond: 400 } },
    ],
  }),
);

interface Line {
  readonly name: string;
  readonly value: number | null;
  readonly inputs: Readonly<Record<string, { value: number; from: string }>>;
}

async function planOf(...words: string[]): Promise<ReadonlyMap<string, Line>> {
  const { code, out } = await runCli(['plan', '--figures', figures, '-o', 'json', ...words]);
  expect(code).toBe(0);
  return new Map((JSON.parse(out) as Line[]).map((line) => [line.name, line]));
}

async function valuesOf(...words: string[]) {
  const lines = await planOf(...words);
  return Object.fromEntries([...lines].map(([name, { value }]) => [name, value]));
}

describe('millrace plan', () => {
  it('reckons the disk of a retention', async () => {
    const { disk } = await valuesOf('--rate', '1000', '--record-size', '500', '--retention', '7d');
    expect(disk).toBe(302_400_000_000);
  });

  it('shows it as a person reads it, with formula and inputs', async () => {
    const words = ['plan', '--rate', '1k', '--record-size', '500', '--figures', figures];
    const { out } = await runCli(words);
    const line = out.split('\n').find((each) => each.startsWith('disk'));
    expect(line).toMatch(/302\.4 GB +rate \* record-size \* retention \* replicas +rate 1,000/);
    expect(line).toContain('retention 7 d (default)');
  });

  it('spreads replicas over brokers', async () => {
    const words = ['--partitions', '10', '--replicas', '3', '--brokers', '6'];
    expect(await valuesOf(...words)).toMatchObject({ replicasPerBroker: 5 });
  });

  it('reckons a producer of batch, requests in flight and round trip', async () => {
    const words = ['--batch-size', '16000', '--record-size', '100', '--in-flight', '5'];
    const values = await valuesOf(...words, '--round-trip', '2ms', '--rate', '10k');
    expect(values).toMatchObject({
      batchRecords: 160,
      producerRate: 400_000,
      batchRecordsAtRate: 50,
      produceRequests: 200,
    });
  });

  it('lets the slower of polls and fetches bound a consumer', async () => {
    const polls = ['--records-per-poll', '500', '--poll-interval', '10ms', '--rate', '60k'];
    expect(await valuesOf(...polls)).toMatchObject({
      consumerRate: 50_000,
      lagGrowth: 10_000,
      partitionsToConsume: 2,
    });
    const fetches = await valuesOf(...polls, '--fetch-bytes', '1MB');
    expect(fetches.consumerRate).toBe(10_000);
  });

  it('says when a group has caught up, and when it never will', async () => {
    const words = ['--lag', '1M', '--poll-interval', '10ms', '--rate', '60k'];
    expect((await valuesOf(...words, '--consumers', '2')).catchUp).toBe(25_000);
    expect((await valuesOf(...words)).catchUp).toBeNull();
    const { out } = await runCli(['plan', '--figures', figures, ...words]);
    expect(out).toMatch(/time to catch up +never/);
  });

  it('takes figures of the last run where nothing is given, and says so', async () => {
    const plan = await planOf('--rate', '2.5M', '--record-size', '100');
    expect(plan.get('producerRate')!.inputs['round-trip']).toEqual({
      value: 0.5,
      from: 'measured',
    });
    expect(plan.get('partitionsToProduce')!.value).toBe(3);
  });

  it('names what it would need for the other figures', async () => {
    const { errors } = await runCli(['plan', '--rate', '1000', '--figures', figures]);
    expect(errors).toContain('without --poll-interval: no one consumer at most');
    expect(errors).toContain(`measured: ${figures}`);
  });

  it.each([
    [['--rate', '-5'], '--rate -5: expected a number above 0, as 2500, 500k or 1.5M'],
    [['--rate', '1', '--retention', 'week'], '--retention week: expected a number above 0'],
    [['--rate', '1', '--brokers', '1.5'], '--brokers 1.5: expected a whole number'],
    [['--rate', '1', '--figures', join(folder, 'none.json')], 'holds no figures of a run'],
    [[], 'say what the load is, at least --rate'],
  ])('refuses %j', async (words, reason) => {
    const { code, errors } = await runCli(['plan', ...words]);
    expect(code).toBe(2);
    expect(errors).toContain(reason);
  });
});
