import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import {
  Admin,
  Consumer,
  Producer,
  ShareConsumer,
  text,
  topic,
} from '../../../src/client/index.ts';
import { ScriptedQueue } from '../share/scripted-queue.ts';

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

describe('the metrics of a transactional producer', () => {
  it('sum up the time of its calls', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    await using producer = new Producer({ bootstrapServers, transactionalId: 'books' });
    const times = () => {
      const { client } = producer.metrics.snapshot();
      const calls = ['init', 'begin', 'commit', 'abort', 'send-offsets'] as const;
      return calls.map((call) => client[`txn-${call}-time-ns-total`] > 0);
    };
    expect(times()).toEqual([false, false, false, false, false]);
    await producer.transaction(async () => {
      await producer.send(words, { value: 'x' });
    });
    expect(times()).toEqual([true, true, true, false, false]);
    await producer.beginTransaction();
    const offsets = [{ topic: 'words', partition: 0, offset: 1 }];
    await producer.sendOffsetsToTransaction(offsets, { groupId: 'readers' });
    await producer.flush();
    await producer.abortTransaction();
    expect(times()).toEqual([true, true, true, true, true]);
    const { client } = producer.metrics.snapshot();
    expect(client['flush-time-ns-total']).toBeGreaterThan(0);
    expect(client['metadata-wait-time-ns-total']).toBeGreaterThan(0);
    expect(client['txn-begin-time-ns-total']).toBeGreaterThan(client['txn-init-time-ns-total']);
  });
});

describe('the metrics of a share consumer', () => {
  it('count what was acquired, said and refused, polls, heartbeats and changes', async () => {
    await using queue = await ScriptedQueue.start();
    queue.offer(3);
    const { bootstrapServers } = queue;
    await using member = new ShareConsumer({
      bootstrapServers,
      groupId: 'packers',
      topics: ['orders'] as string[],
      onError: () => undefined,
    });
    expect(await member.poll()).toHaveLength(3);
    queue.acknowledgeErrors.push(ERROR.INVALID_RECORD_STATE);
    await member.commit();
    queue.offer(1, 3);
    expect(await member.poll()).toHaveLength(1);
    await member.commit();
    const { client } = member.metrics.snapshot();
    expect(client).toMatchObject({
      'records-consumed-total': 4,
      'records-per-request-avg': 2,
      'records-per-request-max': 3,
      'acknowledgements-send-total': 4,
      'acknowledgements-error-total': 3,
      'rebalance-total': 1,
    });
    expect(client['bytes-consumed-total']).toBeGreaterThan(100);
    expect(client['fetch-total']).toBeGreaterThanOrEqual(2);
    expect(client['heartbeat-total']).toBeGreaterThan(0);
    expect(client['time-between-poll-avg']).toBeGreaterThan(0);
    expect(client['poll-idle-ratio-avg']).toBeGreaterThan(0);
    expect(member.metrics.prometheus()).toContain(
      'kafka_consumer_share_fetch_manager_acknowledgements_send_total{',
    );
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
    const waited = () => admin.metrics.snapshot().client['io-wait-time-ns-total'];
    await expect.poll(waited).toBeGreaterThan(0);
    const { 'io-wait-ratio': ratio } = admin.metrics.snapshot().client;
    expect(ratio).toBeGreaterThan(0);
    expect(ratio).toBeLessThanOrEqual(1);
  });
});
