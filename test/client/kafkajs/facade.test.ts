import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import {
  CompressionTypes,
  Kafka,
  KafkaJSNonRetriableError,
  KafkaJSProtocolError,
  logLevel,
  Partitioners,
} from '../../../src/client/kafkajs/index.ts';

describe('the KafkaJS façade', () => {
  let broker: Awaited<ReturnType<typeof startBroker>>;
  let kafka: Kafka;

  beforeAll(async () => {
    broker = await startBroker();
    const brokers = [broker.bootstrapServers];
    kafka = new Kafka({ clientId: 'test', brokers, logLevel: logLevel.NOTHING });
  });

  afterAll(() => broker.close());

  async function withTopic(topic: string, numPartitions = 1): Promise<void> {
    const admin = kafka.admin();
    await admin.connect();
    expect(await admin.createTopics({ topics: [{ topic, numPartitions }] })).toBe(true);
    await admin.disconnect();
  }

  /** What a fresh group reads of the topic, until it has so many messages. */
  async function consumed(topic: string, groupId: string, count: number) {
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
    const joins: object[] = [];
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => joins.push(payload));
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const messages: { partition: number; offset: string; value: string | undefined }[] = [];
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const { offset, value } = message;
        messages.push({ partition, offset, value: value?.toString() });
      },
    });
    await expect.poll(() => messages.length, { timeout: 10_000 }).toBe(count);
    await consumer.disconnect();
    return { messages, joins };
  }

  it('sends, and consumes as a group that commits', async () => {
    await withTopic('plain');
    const producer = kafka.producer();
    await producer.connect();
    const [answer] = await producer.send({
      topic: 'plain',
      compression: CompressionTypes.GZIP,
      messages: [
        { key: 'a', value: 'one', headers: { h: ['1', '2'] } },
        { key: 'b', value: 'two' },
      ],
    });
    expect(answer).toEqual({
      topicName: 'plain',
      partition: 0,
      errorCode: 0,
      baseOffset: '0',
      logAppendTime: '-1',
      logStartOffset: '0',
    });
    await producer.disconnect();
    const { messages, joins } = await consumed('plain', 'readers', 2);
    expect(messages.map(({ offset, value }) => [offset, value])).toEqual([
      ['0', 'one'],
      ['1', 'two'],
    ]);
    expect(joins).toMatchObject([
      { groupId: 'readers', isLeader: true, groupProtocol: 'RoundRobinAssigner' },
    ]);
    const admin = kafka.admin();
    const offsets = await admin.fetchOffsets({ groupId: 'readers', topics: ['plain'] });
    expect(offsets).toEqual([
      { topic: 'plain', partitions: [{ partition: 0, offset: '2', metadata: null }] },
    ]);
    await admin.disconnect();
  });

  it('hands batches out, and what was not resolved again', async () => {
    await withTopic('batches');
    const producer = kafka.producer();
    await producer.connect();
    const messages = ['0', '1', '2', '3'].map((value) => ({ value }));
    await producer.sendBatch({ topicMessages: [{ topic: 'batches', messages }] });
    await producer.disconnect();
    const consumer = kafka.consumer({ groupId: 'batch-readers', maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic: 'batches', fromBeginning: true });
    const seen: string[] = [];
    await consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
        for (const { offset } of batch.messages.slice(0, 3)) {
          seen.push(offset);
          resolveOffset(offset);
          await heartbeat();
        }
      },
    });
    await expect.poll(() => seen).toEqual(['0', '1', '2', '3']);
    consumer.seek({ topic: 'batches', partition: 0, offset: '2' });
    await expect.poll(() => seen).toEqual(['0', '1', '2', '3', '2', '3']);
    await consumer.disconnect();
  });

  it('makes the records of a transaction visible with its commit, none after an abort', async () => {
    await withTopic('transactions');
    const producer = kafka.producer({ transactionalId: 'façade', idempotent: true });
    await producer.connect();
    const dropped = await producer.transaction();
    await dropped.send({ topic: 'transactions', messages: [{ value: 'dropped' }] });
    await dropped.abort();
    const kept = await producer.transaction();
    await kept.send({ topic: 'transactions', messages: [{ value: 'kept' }] });
    // From the keys of an object, as many programs have it.
    const partition = '0' as unknown as number;
    const topics = [{ topic: 'transactions', partitions: [{ partition, offset: '1' }] }];
    await kept.sendOffsets({ consumerGroupId: 'in-transaction', topics });
    await kept.commit();
    expect(kept.isActive()).toBe(false);
    await expect(kept.abort()).rejects.toThrow('Cannot continue to use transaction once ended');
    await producer.disconnect();
    const { messages } = await consumed('transactions', 'committed-readers', 1);
    expect(messages.map(({ value }) => value)).toEqual(['kept']);
  });

  it('throws KafkaJS errors', async () => {
    const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
    const record = { topic: 'absent', messages: [{ value: 'x' }] };
    await expect(producer.send(record)).rejects.toThrow('The producer is disconnected');
    await producer.connect();
    const thrown = await producer.send(record).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name: 'KafkaJSNumberOfRetriesExceeded', retriable: false });
    const { cause } = thrown as Error;
    expect(cause).toBeInstanceOf(KafkaJSProtocolError);
    expect(cause).toMatchObject({ type: 'UNKNOWN_TOPIC_OR_PARTITION', code: 3 });
    await producer.disconnect();
    expect(() => kafka.consumer({ groupId: '' })).toThrow(KafkaJSNonRetriableError);
  });

  it('tries a failed handler again, then crashes and starts again', async () => {
    await withTopic('failing');
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 'failing', messages: [{ value: 'x' }] });
    await producer.disconnect();
    const retry = { retries: 1, initialRetryTime: 20 };
    const consumer = kafka.consumer({ groupId: 'failing', retry, maxWaitTimeInMs: 100 });
    const crashes: { restart: boolean; error: Error }[] = [];
    consumer.on(consumer.events.CRASH, ({ payload }) => crashes.push(payload));
    await consumer.connect();
    await consumer.subscribe({ topics: ['failing'], fromBeginning: true });
    let calls = 0;
    await consumer.run({
      eachMessage: async () => {
        if (++calls < 3) throw new Error('not now');
      },
    });
    await expect.poll(() => calls, { timeout: 10_000 }).toBe(3);
    expect(crashes).toMatchObject([
      { restart: true, error: { name: 'KafkaJSNumberOfRetriesExceeded', message: 'not now' } },
    ]);
    await consumer.disconnect();
  });

  it('administers topics, configs and offsets', async () => {
    await withTopic('managed', 2);
    const admin = kafka.admin();
    const requests: string[] = [];
    admin.on(admin.events.REQUEST, ({ payload }) => requests.push(payload.apiName));
    await admin.connect();
    expect(await admin.createTopics({ topics: [{ topic: 'managed' }] })).toBe(false);
    expect(await admin.listTopics()).toContain('managed');
    expect(await admin.fetchTopicOffsets('managed')).toEqual([
      { partition: 0, offset: '0', high: '0', low: '0' },
      { partition: 1, offset: '0', high: '0', low: '0' },
    ]);
    const resources = [{ type: 2 as const, name: 'managed', configNames: ['retention.ms'] }];
    const { resources: described } = await admin.describeConfigs({ resources });
    expect(described[0]!.configEntries[0]).toMatchObject({ configName: 'retention.ms' });
    const partitions = [{ partition: 1, offset: '0' }];
    await admin.setOffsets({ groupId: 'managed', topic: 'managed', partitions });
    expect(await admin.listGroups()).toMatchObject({
      groups: expect.arrayContaining([{ groupId: 'managed', protocolType: '' }]),
    });
    await admin.deleteGroups(['managed']);
    await admin.deleteTopics({ topics: ['managed'] });
    expect(await admin.listTopics()).not.toContain('managed');
    expect(requests).toContain('CreateTopics');
    await admin.disconnect();
  });

  it('places keys as Java does, and as KafkaJS 1 did', () => {
    const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => {
      return { partitionId, leader: 0, replicas: [], isr: [], partitionErrorCode: 0 };
    });
    const place = (partitioner: ReturnType<typeof Partitioners.DefaultPartitioner>, key: string) =>
      partitioner({ topic: 't', partitionMetadata, message: { key, value: null } });
    expect(place(Partitioners.DefaultPartitioner(), 'abc')).toBe(479470107 % 12);
    expect(place(Partitioners.LegacyPartitioner(), 'abc')).toBe(1545667907 % 12);
    expect(place(Partitioners.LegacyPartitioner(), '100:48069')).toBe(1713501762 % 12);
  });
});
