import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { Admin, Consumer, Producer, text, topic } from '../../../src/client/index.ts';

const words = topic('words', { key: text, value: text });

describe('the metrics of a producer', () => {
  it('count records, batches, requests and bytes, by topic and node too', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    const { bootstrapServers } = broker;
    await using producer = new Producer({ bootstrapServers, clientId: 'p', 'linger.ms': 5 });
    const value = 'x'.repeat(100);
    for (let i = 0; i < 500; i++) producer.send(words, { value });
    await producer.flush();
    const { client, topics, nodes } = producer.metrics.snapshot();
    expect(client['record-send-total']).toBe(500);
    expect(client['record-send-rate']).toBeGreaterThan(0);
    expect(client['batch-size-avg']).toBeGreaterThan(100);
    expect(client['batch-size-max']).toBeLessThanOrEqual(16_384);
    expect(client['compression-rate-avg']).toBe(1);
    expect(client['record-size-avg']).toBeGreaterThan(100);
    expect(client['request-latency-avg']).toBeGreaterThan(0);
    expect(client['record-queue-time-avg']).toBeGreaterThan(0);
    expect(client['buffer-available-bytes']).toBe(client['buffer-total-bytes']);
    expect(client['requests-in-flight']).toBe(0);
    expect(client['connection-count']).toBeGreaterThanOrEqual(1);
    expect(client['outgoing-byte-total']).toBeGreaterThan(50_000);
    expect(client['record-error-total']).toBe(0);
    expect(topics.words!['record-send-total']).toBe(500);
    expect(topics.words!['byte-total']).toBeGreaterThan(50_000);
    const [node] = Object.values(nodes);
    expect(node!['request-total']).toBeGreaterThan(0);
    expect(node!['request-latency-max']).toBeGreaterThan(0);
    expect(producer.metrics.prometheus()).toContain(
      'kafka_producer_topic_record_send_total{client_id="p",topic="words"} 500\n',
    );
  });

  it('count compression, and records that fail', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words', { config: { 'max.message.bytes': '300' } });
    await using producer = new Producer({
      bootstrapServers: broker.bootstrapServers,
      'compression.type': 'gzip',
      'linger.ms': 0,
      onError: () => undefined,
    });
    await producer.send(words, { value: 'x'.repeat(1_000) });
    expect(producer.metrics.snapshot().client['compression-rate-avg']).toBeLessThan(0.3);
    const noise = Array.from({ length: 1_000 }, () => Math.random().toString(36)[3]).join('');
    await expect(producer.send(words, { value: noise })).rejects.toThrow(/MESSAGE_TOO_LARGE|large/);
    const { client, topics } = producer.metrics.snapshot();
    expect(client['record-error-total']).toBe(1);
    expect(topics.words!['record-error-total']).toBe(1);
  });
});

describe('the metrics of a consumer', () => {
  it.each(['classic', 'consumer'] as const)(
    'count records, lag, polls, commits and the group (%s)',
    async (groupProtocol) => {
      await using broker = await startBroker();
      await broker.createTopic('words');
      const { bootstrapServers } = broker;
      await using producer = new Producer({ bootstrapServers });
      for (let i = 0; i < 100; i++) producer.send(words, { value: `word ${i}` });
      await producer.flush();
      await using consumer = new Consumer({
        bootstrapServers,
        groupId: 'readers',
        topics: [words],
        groupProtocol,
        autoOffsetReset: 'earliest',
      });
      let seen = 0;
      for await (const _ of consumer) if (++seen === 100) break;
      await consumer.commit();
      const { client, topics, partitions } = consumer.metrics.snapshot();
      expect(client['records-consumed-total']).toBe(100);
      expect(topics.words!['records-consumed-total']).toBe(100);
      expect(client['fetch-total']).toBeGreaterThan(0);
      expect(client['fetch-latency-avg']).toBeGreaterThan(0);
      expect(client['commit-total']).toBe(1);
      expect(client['commit-latency-max']).toBeGreaterThan(0);
      expect(client['commit-sync-time-ns-total']).toBeGreaterThan(0);
      expect(client['rebalance-total']).toBe(1);
      expect(client['rebalance-latency-avg']).toBeGreaterThan(0);
      expect(client['failed-rebalance-total']).toBe(0);
      expect(client['assigned-partitions']).toBe(1);
      expect(client['join-total'] > 0).toBe(groupProtocol === 'classic');
      expect(client['heartbeat-total'] > 0).toBe(groupProtocol === 'consumer');
      expect(client['last-poll-seconds-ago']).toBeGreaterThanOrEqual(0);
      expect(partitions['words-0']).toMatchObject({
        'records-lag': 0,
        'records-lead': 100,
        'preferred-read-replica': -1,
      });
      expect(consumer.metrics.prometheus()).toContain(
        'kafka_consumer_fetch_manager_partition_records_lag',
      );
    },
  );

  it('tell the lag of each partition, and forget partitions that are given up', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words', { partitions: 2 });
    const { bootstrapServers } = broker;
    await using producer = new Producer({ bootstrapServers, 'linger.ms': 0 });
    for (let i = 0; i < 10; i++) await producer.send(words, { value: 'x', partition: 1 });
    await using consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' });
    const at = { topic: 'words', partition: 1 };
    consumer.assign([{ topic: 'words', partition: 0 }, at]);
    for await (const _ of consumer.batches()) break;
    const { client, partitions } = consumer.metrics.snapshot();
    expect(Object.keys(partitions).sort()).toEqual(['words-0', 'words-1']);
    expect(partitions['words-1']!['records-lag']).toBe(consumer.lag(at));
    expect(client['records-lag-max']).toBeGreaterThan(0);
    consumer.assign([at]);
    expect(Object.keys(consumer.metrics.snapshot().partitions)).toEqual(['words-1']);
  });
});

describe('the metrics of an admin', () => {
  it('count its requests', async () => {
    await using broker = await startBroker();
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    await admin.topics.list();
    const { client } = admin.metrics.snapshot();
    expect(client['request-total']).toBeGreaterThanOrEqual(2);
    expect(client['response-total']).toBe(client['request-total']);
    const [metric] = admin.metrics.list();
    expect(metric).toMatchObject({ group: 'admin-client-metrics', scope: 'client' });
  });
});
