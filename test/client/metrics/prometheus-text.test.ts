import { expect, it } from 'vitest';
import { ClientMetrics } from '../../../src/client/metrics/client-metrics.ts';
import { MetricsRegistry } from '../../../src/client/metrics/metrics-registry.ts';

interface Names {
  readonly client: 'byte-rate' | 'byte-total' | 'size-avg';
  readonly topic: 'byte-rate';
  readonly node: never;
  readonly partition: never;
}

function metricsAt(clock: { nowMs: number }): ClientMetrics<Names> {
  const registry = new MetricsRegistry({
    clientId: 'say "hi"\\\n',
    kind: 'consumer',
    windows: { samples: 2, windowMs: 30_000 },
    now: () => clock.nowMs,
  });
  const bytes = registry.sensor();
  const sizes = registry.sensor();
  bytes.record(600, clock.nowMs);
  const client = { scope: 'client', id: '', group: 'consumer-fetch-manager-metrics' } as const;
  const descriptions = { 'byte-rate': 'A rate.', 'byte-total': 'A sum.', 'size-avg': 'A size.' };
  registry.register({ ...client, tags: {} }, descriptions, {
    'byte-rate': (nowMs) => bytes.rate(nowMs),
    'byte-total': () => bytes.total,
    'size-avg': (nowMs) => sizes.avg(nowMs),
  });
  const tags = { topic: 'orders' };
  const place = { ...client, scope: 'topic', id: 'orders', tags } as const;
  registry.register(place, { 'byte-rate': 'A rate.' }, { 'byte-rate': () => 0.5 });
  return new ClientMetrics<Names>(registry);
}

it('writes families with help, type and labels, and leaves out what was not measured', () => {
  const clock = { nowMs: 0 };
  const metrics = metricsAt(clock);
  clock.nowMs = 40_000;
  const id = 'client_id="say \\"hi\\"\\\\\\n"';
  expect(metrics.prometheus().split('\n')).toEqual([
    '# HELP kafka_consumer_fetch_manager_byte_rate A rate.',
    '# TYPE kafka_consumer_fetch_manager_byte_rate gauge',
    `kafka_consumer_fetch_manager_byte_rate{${id}} 15`,
    '# HELP kafka_consumer_fetch_manager_byte_total A sum.',
    '# TYPE kafka_consumer_fetch_manager_byte_total counter',
    `kafka_consumer_fetch_manager_byte_total{${id}} 600`,
    '# HELP kafka_consumer_fetch_manager_topic_byte_rate A rate.',
    '# TYPE kafka_consumer_fetch_manager_topic_byte_rate gauge',
    `kafka_consumer_fetch_manager_topic_byte_rate{${id},topic="orders"} 0.5`,
    '',
  ]);
});

it('gives the values by scope', () => {
  const snapshot = metricsAt({ nowMs: 0 }).snapshot();
  expect(snapshot.client).toEqual({ 'byte-rate': 20, 'byte-total': 600, 'size-avg': Number.NaN });
  expect(snapshot.topics.orders).toEqual({ 'byte-rate': 0.5 });
});
