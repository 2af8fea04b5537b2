import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import {
  Admin,
  Consumer,
  type ConsumerRecord,
  json,
  KafkaError,
  type Partitioner,
  Producer,
  partitionOfKey,
  required,
  ShareConsumer,
  type StandardSchema,
  text,
  toNodeReadable,
  toNodeWritable,
  topic,
} from '../../src/client/index.ts';
import { Kafka, logLevel } from '../../src/client/kafkajs/index.ts';
import { batchOf, ScriptedQueue } from './share/scripted-queue.ts';

const README = join(import.meta.dirname, '../../src/client/README.md');
/** What runs in a browser. */
const BROWSER = join(import.meta.dirname, 'browser/program.mjs');

function linesOf(source: string): string {
  return source
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}

describe('the recipes of the client', () => {
  const words = topic('words', { key: text, value: text });

  it('are all in this file or run in a browser, word for word', () => {
    const files = [import.meta.filename, BROWSER].map((each) => readFileSync(each, 'utf8'));
    const own = linesOf(files.join('\n'));
    const recipes = [...readFileSync(README, 'utf8').matchAll(/```ts\n([^`]*)```/g)];
    expect(recipes.length).toBeGreaterThan(5);
    for (const [, recipe] of recipes) expect(own).toContain(linesOf(recipe!));
  });

  it('send a record and learn its offset', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    const words = topic('words', { key: text, value: text });
    await using producer = new Producer({ bootstrapServers, 'linger.ms': 0 });
    const { partition, offset } = await producer.send(words, { key: 'k', value: 'hello' });
    expect([partition, offset]).toEqual([0, 0]);
  });

  it('send many', async () => {
    await using broker = await startBroker();
    await using producer = new Producer({ bootstrapServers: broker.bootstrapServers });
    const lines = Array.from({ length: 5_000 }, (_, i) => `line ${i}`);
    let delivered = 0;
    const out = producer.to(words, {
      onBatch: ({ error, count }) => {
        if (error === null) delivered += count;
      },
    });
    for (const line of lines) {
      if (!out.enqueue(null, line)) await out.ready();
    }
    await producer.flush();
    expect(delivered).toBe(lines.length);
  });

  it('send at most once', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    await using producer = new Producer({ bootstrapServers, acks: 0, retries: 0 });
    await producer.send(words, { value: 'fire and forget' });
    await using other = new Producer({ bootstrapServers });
    await expect.poll(async () => (await other.send(words, { value: '' })).offset).toBe(1);
  });

  it('send exactly once', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    await using producer = new Producer({ bootstrapServers, transactionalId: 'transfers' });
    await producer.transaction(async () => {
      producer.send(words, { key: 'from', value: '-10' });
      producer.send(words, { key: 'to', value: '+10' });
    });
    await using other = new Producer({ bootstrapServers });
    // Two records and the marker of the commit.
    expect(await other.send(words, { value: '' })).toMatchObject({ offset: 3 });
  });

  it('check records by a schema', async () => {
    await using broker = await startBroker();
    await using producer = new Producer({ bootstrapServers: broker.bootstrapServers });
    const orderSchema: StandardSchema<{ id: number }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => {
          const { id } = value as { id: number };
          return id > 0 ? { value: { id } } : { issues: [{ message: 'below 1', path: ['id'] }] };
        },
      },
    };
    const orders = topic('orders', { key: text, value: json(orderSchema) });
    const wrong = () => producer.send(orders, { value: { id: -1 } });
    expect(wrong).toThrow(
      expect.objectContaining({ code: 'SERIALIZATION', message: expect.stringContaining('id: ') }),
    );
    expect(await producer.send(orders, { value: { id: 1 } })).toMatchObject({ offset: 0 });
  });

  it('choose partitions by region', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    await broker.createTopic('words', { partitions: 12 });
    const regionOf = (leader: number) => (leader >= 0 ? 'here' : 'there');
    const nearby: Partitioner = (key, _value, { topic: { partitions }, available }) => {
      if (key !== null) return partitionOfKey(key, partitions.length);
      const near = available.filter((each) => regionOf(partitions[each]!.leader) === 'here');
      const choice = near.length > 0 ? near : available;
      return choice[Math.floor(Math.random() * choice.length)] ?? 0;
    };
    await using producer = new Producer({ bootstrapServers, partitioner: nearby });
    expect(await producer.send(words, { key: 'a', value: '' })).toMatchObject({ partition: 4 });
    const { partition } = await producer.send(words, { value: '' });
    expect(partition).toBeLessThan(12);
  });

  it('stream', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    const producer = new Producer({ bootstrapServers });
    await producer.send(words, { value: 'hello' });
    const ending = new AbortController();
    const { signal } = ending;
    const options = { bootstrapServers, autoOffsetReset: 'earliest', groupId: 'g' } as const;
    const consumer = new Consumer({ ...options, topics: [words] });
    const shouts = new Consumer({ ...options, groupId: 'h', topics: ['shouts'] as string[] });
    const heard = shouts[Symbol.asyncIterator]()
      .next()
      .finally(() => ending.abort());
    const shout = async function* (records: AsyncIterable<ConsumerRecord<unknown, string | null>>) {
      for await (const { value } of records) yield { value: `${value}!` };
    };
    const source = toNodeReadable(consumer, { signal });
    await pipeline(source, shout, toNodeWritable(producer, topic('shouts', { value: text })));
    expect(Buffer.from((await heard).value!.value as Uint8Array).toString()).toBe('hello!');
    await shouts.close();
  });

  it('share the work of a queue', async () => {
    await using cluster = await ScriptedQueue.start();
    cluster.offer(3);
    cluster.offers.push({ records: batchOf(1, 2), acquired: [[2, 2, 3]] });
    const { bootstrapServers } = cluster;
    const ending = new AbortController();
    const { signal } = ending;
    const packed: (string | null)[] = [];
    const failures: unknown[] = [];
    const pack = async (value: string | null) => {
      if (failures.length === 1) ending.abort();
      if (value === 'value 2') throw new Error('too heavy');
      packed.push(value);
    };
    const parcels = topic('orders', { value: text });
    await using queue = new ShareConsumer({
      bootstrapServers,
      groupId: 'packers',
      topics: [parcels],
      shareAcknowledgementMode: 'explicit',
    });
    for await (const record of queue.records({ signal })) {
      try {
        await pack(record.value);
        record.accept();
      } catch (error) {
        failures.push(error);
        if (record.deliveryCount < 3) record.release();
        else record.reject();
      }
    }
    await queue.close();
    expect(packed).toEqual(['value 0', 'value 1']);
    expect(failures).toHaveLength(2);
    // The first two are accepted; the third is released, and rejected when it comes for the third time.
    expect(cluster.said.map(({ offsets, types }) => [offsets, types])).toEqual([
      [[0, 1], [1]],
      [[2, 2], [2]],
      [[2, 2], [3]],
    ]);
  });

  it('administer a cluster', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    const refused: string[] = [];
    await using admin = new Admin({ bootstrapServers });
    const made = await admin.topics.create([{ name: 'orders', partitions: 3 }, { name: 'a b' }]);
    for (const [name, outcome] of made) {
      if (outcome instanceof KafkaError) refused.push(`${name}: ${outcome.code}`);
    }
    const { partitions } = required((await admin.topics.describe(['orders'])).get('orders'));
    expect(refused).toEqual(['a b: INVALID_TOPIC_EXCEPTION']);
    expect(partitions).toHaveLength(3);
  });

  it('move from KafkaJS', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    const moved: (string | undefined)[] = [];
    const kafka = new Kafka({ brokers: [bootstrapServers], logLevel: logLevel.ERROR });
    const mover = kafka.producer();
    await mover.connect();
    await mover.send({ topic: 'words', messages: [{ key: 'k', value: 'moved' }] });
    await mover.disconnect();
    const reader = kafka.consumer({ groupId: 'movers' });
    await reader.connect();
    await reader.subscribe({ topics: ['words'], fromBeginning: true });
    await reader.run({
      eachMessage: async ({ message }) => {
        moved.push(message.value?.toString());
      },
    });
    await expect.poll(() => moved, { timeout: 10_000 }).toEqual(['moved']);
    await reader.disconnect();
  });
});
