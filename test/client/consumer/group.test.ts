import { describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { cooperativeStickyAssignor } from '../../../src/client/consumer/assign/cooperative-sticky-assignor.ts';
import { Consumer } from '../../../src/client/consumer/consumer.ts';
import type { TopicPartition } from '../../../src/client/topic-partition.ts';
import { numbered, putRecords, textOf } from './records-in.ts';

const QUICK = {
  groupId: 'g',
  autoOffsetReset: 'earliest',
  heartbeatIntervalMs: 50,
  sessionTimeoutMs: 10_000,
} as const;
const GROUP_CONFIG = {
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '100',
  'group.consumer.heartbeat.interval.ms': '100',
  'group.consumer.min.heartbeat.interval.ms': '50',
};

function start() {
  return startBroker({ config: GROUP_CONFIG });
}

async function take(consumer: Consumer, count: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const record of consumer) {
    texts.push(textOf(record.value)!);
    if (texts.length === count) break;
  }
  return texts;
}

async function fill(broker: EmbeddedBroker, partitions: number, count: number): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const values = numbered(count, count * partition);
    await putRecords(broker.bootstrapServers, { topic: 'orders', partition }, values);
  }
}

function named(partitions: readonly TopicPartition[]): number[] {
  return partitions.map(({ partition }) => partition).sort();
}

describe.each([
  ['eager', { groupProtocol: 'classic' }],
  [
    'cooperative',
    { groupProtocol: 'classic', partitionAssignmentStrategy: [cooperativeStickyAssignor] },
  ],
  ['KIP-848', { groupProtocol: 'consumer' }],
] as const)('a group (%s)', (_, protocol) => {
  const member = (broker: EmbeddedBroker, more = {}) => {
    const { bootstrapServers } = broker;
    return new Consumer({ bootstrapServers, topics: ['orders'], ...QUICK, ...protocol, ...more });
  };

  it('commits what the loop has left behind, and goes on there', async () => {
    await using broker = await start();
    await broker.createTopic('orders');
    await fill(broker, 1, 10);
    const first = member(broker);
    expect(await take(first, 4)).toEqual(numbered(4));
    await first.close();
    // The fourth was in hand when the loop ended.
    const second = member(broker, { enableAutoCommit: false });
    expect(await take(second, 3)).toEqual(numbered(3, 3));
    await second.commit();
    expect(await second.committed()).toMatchObject([{ partition: 0, offset: 6 }]);
    await second.close();
    await using third = member(broker);
    expect(await take(third, 4)).toEqual(numbered(4, 6));
  });

  it('commits by record, by batch and by offsets', async () => {
    await using broker = await start();
    await broker.createTopic('orders');
    await fill(broker, 1, 10);
    await using consumer = member(broker, { enableAutoCommit: false });
    const offset = async () => (await consumer.committed())[0]!.offset;
    for await (const record of consumer) {
      if (record.offset !== 2) continue;
      await consumer.commit(record);
      break;
    }
    expect(await offset()).toBe(3);
    for await (const batch of consumer.batches()) {
      await consumer.commit(batch);
      break;
    }
    expect(await offset()).toBe(10);
    await consumer.commit([{ topic: 'orders', partition: 0, offset: 5, metadata: 'mine' }]);
    expect(await consumer.committed()).toMatchObject([{ offset: 5, metadata: 'mine' }]);
  });

  it('keeps what was committed inside a batch, until more is left behind', async () => {
    await using broker = await start();
    await broker.createTopic('orders');
    await fill(broker, 1, 10);
    const first = member(broker);
    for await (const { topic, partition } of first.batches()) {
      await first.commit([{ topic, partition, offset: 4 }]);
      break;
    }
    await first.close();
    await using second = member(broker);
    expect(await second.committed([{ topic: 'orders', partition: 0 }])).toMatchObject([
      { offset: 4 },
    ]);
    for await (const record of second) {
      if (record.offset === 5) await second.commit(record);
      if (record.offset === 7) break;
    }
    await second.close();
    await using third = member(broker);
    expect(await take(third, 1)).toEqual(['value 7']);
  });

  it('shares partitions out, and takes them over from one that leaves', async () => {
    await using broker = await start();
    await broker.createTopic('orders', { partitions: 4 });
    const events: string[] = [];
    const listener = {
      onAssigned: (partitions: readonly TopicPartition[]) => {
        events.push(`+${named(partitions)}`);
      },
      onRevoked: (partitions: readonly TopicPartition[]) => {
        events.push(`-${named(partitions)}`);
      },
    };
    await using one = member(broker, { listener });
    await expect.poll(() => one.assignment.length, { timeout: 10_000 }).toBe(4);
    const two = member(broker);
    const sizes = () => [one.assignment.length, two.assignment.length];
    await expect.poll(sizes, { timeout: 10_000 }).toEqual([2, 2]);
    const all = named([...one.assignment, ...two.assignment]);
    expect(all).toEqual([0, 1, 2, 3]);
    await fill(broker, 4, 5);
    const [some, others] = await Promise.all([take(one, 10), take(two, 10)]);
    expect(new Set([...some, ...others]).size).toBe(20);
    await two.close();
    await expect.poll(() => one.assignment.length, { timeout: 10_000 }).toBe(4);
    expect(events[0]).toBe('+0,1,2,3');
    expect(events.length).toBeGreaterThan(2);
  });

  it('reads what matches a pattern, also topics that come later', async () => {
    await using broker = await start();
    await broker.createTopic('orders-1');
    await using consumer = member(broker, { topics: [/^orders-\d$/], metadataMaxAgeMs: 200 });
    await expect.poll(() => consumer.assignment.length, { timeout: 10_000 }).toBe(1);
    await broker.createTopic('orders-2');
    await broker.createTopic('others');
    await expect.poll(() => consumer.assignment.length, { timeout: 10_000 }).toBe(2);
    await putRecords(broker.bootstrapServers, { topic: 'orders-2' }, ['late']);
    expect(await take(consumer, 1)).toEqual(['late']);
  });
});

describe('a static member', () => {
  it('is fenced by another one of its name, and each loop says so', async () => {
    await using broker = await start();
    await broker.createTopic('orders');
    const { bootstrapServers } = broker;
    const options = { bootstrapServers, topics: ['orders'], ...QUICK, groupInstanceId: 'one' };
    await using first = new Consumer(options);
    await expect.poll(() => first.assignment.length, { timeout: 10_000 }).toBe(1);
    const waiting = take(first, 1);
    await using second = new Consumer(options);
    const fenced = { code: 'FENCED_INSTANCE_ID', category: 'application-recoverable' };
    await expect(waiting).rejects.toMatchObject(fenced);
    await expect(take(first, 1)).rejects.toMatchObject(fenced);
    expect(first.assignment).toEqual([]);
    await expect.poll(() => second.assignment.length, { timeout: 10_000 }).toBe(1);
  });
});
