import { describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { tumbling } from '#millrace/streams/dsl/windows';
import { Streams } from '#millrace/streams/runtime/streams';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';

const input = topic('input', { key: text, value: text });
const output = topic('output', { key: text, value: text });

function topology(): StreamsBuilder {
  const builder = new StreamsBuilder();
  builder
    .stream(input)
    .groupByKey()
    .windowedBy(tumbling('1s', { grace: '0s' }))
    .count({ as: 'counts' })
    .toStream((_count, { key }) => key)
    .mapValues((count) => String(count))
    .to(output);
  return builder;
}

function application(broker: EmbeddedBroker, more: object = {}): Streams {
  const { bootstrapServers } = broker;
  return new Streams(topology(), {
    bootstrapServers,
    applicationId: 'app',
    commitIntervalMs: 50,
    statestoreCacheMaxBytes: 0,
    ...more,
  });
}

async function send(broker: EmbeddedBroker, timestamps: readonly number[]): Promise<void> {
  await using producer = new Producer({ bootstrapServers: broker.bootstrapServers });
  for (const timestamp of timestamps) {
    producer.send(input, { key: 'k', value: 'v', timestamp, partition: 0 });
  }
  await producer.flush();
}

/** The sum of a metric over all tasks. */
function total(app: Streams, name: 'process-total' | 'dropped-records-total'): number {
  return Object.values(app.metrics.snapshot().tasks).reduce(
    (sum, task) => sum + (task[name] ?? 0),
    0,
  );
}

describe('the metrics of an application', () => {
  it('count records, the late ones too, and say what the clients do', async () => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    await using app = await application(broker).start();
    await send(broker, [10_000, 10_100, 20_000, 10_200]);
    await until('all are processed', async () => total(app, 'process-total') === 4);
    expect(total(app, 'dropped-records-total')).toBe(1);
    const { client, tasks, nodes } = app.metrics.snapshot();
    expect(client['client-state']).toBe(2);
    const [thread] = Object.values(app.metrics.snapshot().threads);
    // Where nothing was done, nothing is committed, however often it would be due.
    expect(thread!['commit-total']).toBeLessThanOrEqual(4);
    expect(tasks['0_0']!['record-lateness-max']).toBe(9_800);
    const taken = Object.entries(nodes).map(([id, values]) => [id, values['process-total']]);
    expect(Object.fromEntries(taken)).toMatchObject({
      '0_0/KSTREAM-SOURCE-0000000000': 4,
      '0_0/KSTREAM-SINK-0000000005': 3,
    });
    const groups = new Set(app.metrics.list().map(({ group }) => group));
    expect(groups).toContain('consumer-fetch-manager-metrics');
    expect(groups).toContain('producer-metrics');
    expect(app.metrics.about()).toMatchObject({ applicationId: 'app', state: 'RUNNING' });
    expect(app.metrics.about().topologyDescription).toContain('Sub-topology: 0');
  });

  it('give each client a name, so that no line comes twice', async () => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    await using app = await application(broker).start();
    const lines = app.metrics
      .prometheus()
      .split('\n')
      .filter((line) => /^kafka/.test(line));
    const heads = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(new Set(heads).size).toBe(heads.length);
  });

  it('tell a listener of restoration, and count what was restored', async () => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    const first = await application(broker).start();
    await send(broker, [10_000, 11_000, 12_000]);
    await until('all are processed', async () => total(first, 'process-total') === 3);
    await first.close();
    const second = application(broker);
    const told: string[] = [];
    const batches: { offset: number; rows: number }[] = [];
    second.onRestore({
      onRestoreStart: (at, store, start, end) => {
        told.push(`start ${at.topic}-${at.partition} ${store} ${start}..${end}`);
      },
      onBatchRestored: (_at, _store, offset, rows) => batches.push({ offset, rows }),
      onRestoreEnd: (_at, store, rows) => told.push(`end ${store} ${rows}`),
    });
    second.onRestore({
      onRestoreStart: () => {
        throw new Error('a listener of the test fails');
      },
    });
    await using app = await second.start();
    expect(told).toEqual(['start app-counts-changelog-0 counts 0..3', 'end counts 3']);
    expect(batches.reduce((sum, { rows }) => sum + rows, 0)).toBe(3);
    expect(batches.at(-1)!.offset).toBe(3);
    expect(app.metrics.snapshot().tasks['0_0']!['restore-total']).toBe(3);
    expect(app.metrics.snapshot().tasks['0_0']!['restore-remaining-records-total']).toBe(0);
  });

  it('clock the calls of stores at the level DEBUG alone', async () => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    expect(() => application(broker, { 'metrics.recording.level': 'FULL' })).toThrow(
      "option 'metricsRecordingLevel'",
    );
    await using plain = await application(broker).start();
    await send(broker, [10_000, 10_100, 20_000]);
    await until('all are processed', async () => total(plain, 'process-total') === 3);
    const { stores, tasks } = plain.metrics.snapshot();
    expect(stores['0_0/counts']).not.toHaveProperty('put-latency-avg');
    expect(tasks['0_0']!['active-process-ratio']).toBeGreaterThanOrEqual(0);
    await plain.close();
    await using app = application(broker, { 'metrics.recording.level': 'TRACE' });
    await app.start();
    await send(broker, [30_000, 40_000]);
    await until('all are processed', async () => total(app, 'process-total') === 2);
    const now = () => app.metrics.snapshot().stores['0_0/counts']!;
    await until('it is committed', async () => now()['commit-rate']! > 0);
    const measured = now();
    expect(measured['put-latency-avg']).toBeGreaterThan(0);
    expect(measured['fetch-latency-max']).toBeGreaterThan(0);
    expect(measured['restore-latency-avg']).toBeGreaterThan(0);
    expect(measured['record-e2e-latency-min']).toBeGreaterThan(0);
    expect(measured['num-open-iterators']).toBe(0);
  });

  it.each(['classic', 'streams'])('count heartbeats in a %s group', async (groupProtocol) => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    const consumer = { heartbeatIntervalMs: 100 };
    await using app = await application(broker, { groupProtocol, consumer }).start();
    await until('some were sent', async () => {
      const metrics = app.metrics.list().filter(({ name }) => name === 'heartbeat-total');
      return metrics.some(({ value }) => value >= 2);
    });
    const [since] = app.metrics.list().filter(({ name, value }) => {
      return name === 'last-heartbeat-seconds-ago' && value >= 0;
    });
    expect(since!.value).toBeLessThan(10);
  });
});
