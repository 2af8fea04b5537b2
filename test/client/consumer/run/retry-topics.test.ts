import { describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { Admin } from '../../../../src/client/admin/admin.ts';
import { required } from '../../../../src/client/admin/outcome.ts';
import { Consumer } from '../../../../src/client/consumer/consumer.ts';
import type { ConsumerRecord } from '../../../../src/client/consumer/records/consumer-record.ts';
import { readInteger } from '../../../../src/client/consumer/run/header-bytes.ts';
import { Producer } from '../../../../src/client/producer/producer.ts';
import { json, text } from '../../../../src/client/serde/serdes.ts';
import { topic } from '../../../../src/client/serde/topic.ts';

const ORDERS = topic('orders', { key: text, value: json<{ n: number }>() });

function start() {
  return startBroker({ config: { 'group.initial.rebalance.delay.ms': '0' } });
}

function member({ bootstrapServers }: EmbeddedBroker, more = {}) {
  return new Consumer({
    bootstrapServers,
    groupId: 'billing',
    topics: [ORDERS],
    autoOffsetReset: 'earliest',
    heartbeatIntervalMs: 50,
    ...more,
  } as never) as Consumer<string | null, { n: number } | null>;
}

async function fill({ bootstrapServers }: EmbeddedBroker, count: number): Promise<void> {
  await using producer = new Producer({ bootstrapServers });
  for (let n = 0; n < count; n++) {
    const headers = { trace: `t${n}` };
    await producer.send(ORDERS, { key: `k${n}`, value: { n }, headers, partition: n % 2 });
  }
}

async function firstOf({ bootstrapServers }: EmbeddedBroker, name: string) {
  await using looking = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' });
  looking.assign([0, 1].map((partition) => ({ topic: name, partition })));
  for await (const record of looking) return record.detach();
  throw new Error('no record came');
}

const integer = (record: ConsumerRecord, name: string) => readInteger(record.header(name));

describe('retry topics', () => {
  it('hold no other record up, keep their times, and end in the dead letters', async () => {
    await using broker = await start();
    await broker.createTopic('orders', { partitions: 2 });
    await fill(broker, 6);
    const seen: string[] = [];
    const startMs = new Map<string, number>();
    const given: unknown[] = [];
    const consumer = member(broker);
    const running = consumer.run({
      retry: { attempts: 3, topics: true, backoffMs: 200 },
      deadLetter: true,
      onGivenUp: (_, error) => given.push(error),
      eachRecord: (record, { attempt }) => {
        const what = `${record.value!.n} ${attempt}`;
        seen.push(what);
        startMs.set(what, Date.now());
        if (record.value!.n === 2 || (record.value!.n === 3 && attempt < 3)) {
          throw new TypeError(`no ${record.value!.n}`);
        }
      },
    });
    await expect.poll(() => given, { timeout: 20_000 }).toHaveLength(1);
    await expect.poll(() => seen).toContain('3 3');
    await consumer.close();
    await running;
    expect([...seen].sort()).toEqual(
      ['0 1', '1 1', '2 1', '2 2', '2 3', '3 1', '3 2', '3 3', '4 1', '5 1'].sort(),
    );
    // The records behind those that fail do not wait for their retries.
    expect(startMs.get('5 1')!).toBeLessThan(startMs.get('3 2')!);
    expect(startMs.get('2 2')! - startMs.get('2 1')!).toBeGreaterThanOrEqual(200);
    expect(startMs.get('2 3')! - startMs.get('2 2')!).toBeGreaterThanOrEqual(400);
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    for (const name of ['orders-retry-0', 'orders-retry-1', 'orders-dlt']) {
      const made = required((await admin.topics.describe([name])).get(name));
      expect(made.partitions).toHaveLength(2);
    }
    const committed = async (groupId: string) => {
      return required((await admin.groupOffsets.list([groupId])).get(groupId));
    };
    expect((await committed('billing')).map(({ offset }) => offset)).toEqual([3, 3]);
    expect((await committed('billing-retry-0')).map(({ offset }) => offset)).toEqual([1, 1]);
  });

  it('have the names and encodings of Spring in their headers', async () => {
    await using broker = await start();
    await broker.createTopic('orders', { partitions: 2 });
    await fill(broker, 2);
    const consumer = member(broker);
    const given: unknown[] = [];
    const beforeMs = Date.now();
    const running = consumer.run({
      retry: { attempts: 2, topics: true, backoffMs: 50 },
      deadLetter: true,
      onGivenUp: (record) => given.push(record),
      eachRecord: (record, { attempt }) => {
        if (record.value!.n !== 1) return;
        throw new TypeError(`attempt ${attempt}`, { cause: new RangeError('deep') });
      },
    });
    await expect.poll(() => given, { timeout: 20_000 }).toHaveLength(1);
    await consumer.close();
    await running;
    const retried = await firstOf(broker, 'orders-retry-0');
    const dead = await firstOf(broker, 'orders-dlt');
    expect(Buffer.from(retried.valueBytes!).toString()).toBe('{"n":1}');
    for (const record of [retried, dead]) {
      const { headers } = record;
      expect(record.partition).toBe(1);
      expect(headers.text('trace')).toBe('t1');
      expect(headers.text('kafka_original-topic')).toBe('orders');
      expect(Buffer.from(headers.get('kafka_original-partition')!).toString('hex')).toBe(
        '00000001',
      );
      expect(headers.get('kafka_original-offset')).toHaveLength(8);
      expect(integer(record, 'kafka_original-offset')).toBe(0);
      expect(headers.text('kafka_original-timestamp-type')).toBe('CreateTime');
      expect(headers.text('kafka_original-consumer-group')).toBe('billing');
      expect(headers.text('kafka_exception-fqcn')).toBe('TypeError');
      expect(headers.text('kafka_exception-cause-fqcn')).toBe('RangeError');
      const sentMs = integer(record, 'kafka_original-timestamp');
      expect(integer(record, 'retry_topic-original-timestamp')).toBe(sentMs);
      expect(headers.getAll('kafka_original-topic')).toHaveLength(1);
      expect(headers.getAll('kafka_exception-message')).toHaveLength(1);
    }
    expect(retried.headers.text('kafka_exception-message')).toBe('attempt 1');
    expect(dead.headers.text('kafka_exception-message')).toBe('attempt 2');
    expect(Buffer.from(retried.header('retry_topic-attempts')!).toString('hex')).toBe('00000002');
    expect(integer(dead, 'retry_topic-attempts')).toBe(3);
    expect(retried.header('retry_topic-backoff-timestamp')).toHaveLength(6);
    expect(integer(retried, 'retry_topic-backoff-timestamp')).toBeGreaterThan(beforeMs);
  });

  it('are read for topics of a pattern as they come, and are no topics of the pattern', async () => {
    await using broker = await start();
    await broker.createTopic('orders-1');
    const { bootstrapServers } = broker;
    const consumer = member(broker, { topics: [/^orders-/], metadataMaxAgeMs: 100 });
    const seen: string[] = [];
    const running = consumer.run({
      retry: { attempts: 2, topics: true, backoffMs: 10 },
      deadLetter: true,
      eachRecord: ({ topic: name }, { attempt }) => {
        seen.push(`${name} ${attempt}`);
        throw new Error('no');
      },
    });
    await using producer = new Producer({ bootstrapServers });
    await producer.send(topic('orders-1', { value: text }), { value: 'x' });
    await expect.poll(() => seen).toEqual(['orders-1 1', 'orders-1-retry-0 2']);
    await broker.createTopic('orders-2');
    await producer.send(topic('orders-2', { value: text }), { value: 'x' });
    await expect.poll(() => seen, { timeout: 10_000 }).toHaveLength(4);
    await consumer.close();
    await running;
    expect(seen.slice(2)).toEqual(['orders-2 1', 'orders-2-retry-0 2']);
  });

  it('end the run where there are no dead letters and the attempts are used up', async () => {
    await using broker = await start();
    await broker.createTopic('orders', { partitions: 2 });
    await fill(broker, 1);
    await using consumer = member(broker);
    const running = consumer.run({
      retry: { attempts: 2, topics: true, backoffMs: 10 },
      eachRecord: () => {
        throw new Error('never');
      },
    });
    await expect(running).rejects.toThrow(/offset 0 of partition orders-retry-0-0 failed: never/);
  });
});

describe('dead letters of the run itself', () => {
  it('go to a topic that it makes, also where there was none', async () => {
    await using broker = await start();
    await broker.createTopic('orders', { partitions: 2 });
    await fill(broker, 2);
    const consumer = member(broker);
    const given: unknown[] = [];
    const running = consumer.run({
      deadLetter: true,
      onGivenUp: (record) => given.push(record),
      eachRecord: (record) => {
        if (record.value!.n === 1) throw new Error('no');
      },
    });
    await expect.poll(() => given, { timeout: 20_000 }).toHaveLength(1);
    await consumer.close();
    await running;
    const dead = await firstOf(broker, 'orders-dlt');
    expect(dead.partition).toBe(1);
    expect(dead.headers.text('kafka_dlt-original-topic')).toBe('orders');
  });
});
