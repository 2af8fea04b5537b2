import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { Consumer, Producer, text, topic } from '../../../src/client/index.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { randomFrom } from '../../support/random-from.ts';
import { type Fault, FaultyProxy } from '../producer/faulty-proxy.ts';
import { numbered, putRecords, textOf } from './records-in.ts';

const AT = { topic: 'orders', partition: 0 };
const WORDS = topic('words', { value: text });
const QUICK = { retryBackoffMs: 2, retryBackoffMaxMs: 10, reconnectBackoffMs: 1 } as const;
/** All that a consumer of a group asks for while it reads, once it has found a broker. */
const ASKED = [
  API.METADATA,
  API.FIND_COORDINATOR,
  API.JOIN_GROUP,
  API.SYNC_GROUP,
  API.OFFSET_FETCH,
  API.LIST_OFFSETS,
  API.FETCH,
  API.OFFSET_COMMIT,
];

function readerOf(proxy: FaultyProxy, more: object = {}) {
  return new Consumer({
    bootstrapServers: `127.0.0.1:${proxy.port}`,
    autoOffsetReset: 'earliest',
    fetchMaxWaitMs: 5,
    onError: () => undefined,
    ...QUICK,
    ...more,
  });
}

async function take(consumer: Consumer, count: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const record of consumer) {
    texts.push(textOf(record.value)!);
    if (texts.length === count) break;
  }
  return texts;
}

/** Batches of five, so that each fault falls between records that come before and after it. */
async function fill(broker: EmbeddedBroker, count: number): Promise<void> {
  for (let i = 0; i < count; i += 5) {
    await putRecords(broker.bootstrapServers, AT, numbered(5, i));
  }
}

describe('a consumer behind a faulty network', () => {
  it('reads each record once, in order, wherever an answer is cut', async () => {
    await using broker = await startBroker();
    await fill(broker, 5);
    await using proxy = await FaultyProxy.start(broker.port);
    proxy.faulty = [API.FETCH];
    for (let bytes = 0; bytes < 220; bytes++) {
      const faults: Fault[] = [{ kind: 'cut-answer', bytes }];
      proxy.next = () => faults.shift() ?? { kind: 'pass' };
      await using consumer = readerOf(proxy);
      consumer.assign([AT]);
      expect(await take(consumer, 5)).toEqual(numbered(5));
      expect(faults).toEqual([]);
    }
  });

  it.each([-1, 0, 3, 40, 2 ** 30, 2 ** 31 - 1])(
    'goes on after an answer that says it is %d bytes long',
    async (length) => {
      await using broker = await startBroker();
      await fill(broker, 10);
      await using proxy = await FaultyProxy.start(broker.port);
      proxy.faulty = [API.FETCH];
      const faults: Fault[] = [{ kind: 'pass' }, { kind: 'lie-about-length', length }];
      proxy.next = () => faults.shift() ?? { kind: 'pass' };
      await using consumer = readerOf(proxy, {
        requestTimeoutMs: 300,
        maxPartitionFetchBytes: 150,
      });
      consumer.assign([AT]);
      expect(await take(consumer, 10)).toEqual(numbered(10));
      expect(faults).toEqual([]);
      expect(process.memoryUsage().arrayBuffers).toBeLessThan(500_000_000);
    },
  );

  it.each(['classic', 'consumer'] as const)(
    'goes through all that a member asks for, cut, held, repeated and lied about (%s)',
    async (groupProtocol) => {
      await using broker = await startBroker({
        config: { 'group.initial.rebalance.delay.ms': '0' },
      });
      await fill(broker, 200);
      await using proxy = await FaultyProxy.start(broker.port);
      proxy.faulty = [...ASKED, API.CONSUMER_GROUP_HEARTBEAT];
      const random = randomFrom(groupProtocol === 'classic' ? 5 : 6);
      const hurt = new Set<string>();
      proxy.next = (apiKey) => {
        const drawn = random();
        if (drawn >= 0.3) return { kind: 'pass' };
        hurt.add(`${apiKey}`);
        if (drawn < 0.08) return { kind: 'cut-answer', bytes: Math.floor(random() * 60) };
        if (drawn < 0.14) return { kind: 'cut-request', bytes: Math.floor(random() * 60) };
        if (drawn < 0.2) return { kind: 'hold-answer', ms: Math.floor(random() * 20) };
        if (drawn < 0.26) return { kind: 'repeat-answer' };
        return { kind: 'lie-about-length', length: Math.floor(random() * 2 ** 31) };
      };
      await using consumer = readerOf(proxy, {
        groupId: 'g',
        groupProtocol,
        topics: ['orders'],
        requestTimeoutMs: 400,
        maxPartitionFetchBytes: 150,
        enableAutoCommit: false,
        heartbeatIntervalMs: 50,
      });
      const seen: string[] = [];
      for await (const record of consumer) {
        seen.push(textOf(record.value)!);
        if (seen.length % 50 === 0) await consumer.commit(record);
        if (seen.length === 200) break;
      }
      expect(seen).toEqual(numbered(200));
      expect(await consumer.committed([AT])).toMatchObject([{ offset: 200 }]);
      expect(hurt.size).toBeGreaterThan(1);
    },
  );
});

describe('a producer behind a faulty network', () => {
  it.each([11, 12])('stores each record once, in order, faults of seed %d', async (seed) => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    await using proxy = await FaultyProxy.start(broker.port);
    const random = randomFrom(seed);
    proxy.next = () => {
      const drawn = random();
      if (drawn < 0.1) return { kind: 'repeat-answer' };
      if (drawn < 0.2) return { kind: 'lie-about-length', length: Math.floor(random() * 2 ** 31) };
      return { kind: 'pass' };
    };
    await using producer = new Producer({
      bootstrapServers: `127.0.0.1:${proxy.port}`,
      lingerMs: 0,
      batchSize: 400,
      requestTimeoutMs: 300,
      onError: () => undefined,
      ...QUICK,
    });
    const sent = numbered(600).map((value) => producer.send(WORDS, { value }));
    const offsets = (await Promise.all(sent)).map(({ offset }) => offset);
    const known = offsets.filter((offset) => offset >= 0);
    expect(known).toEqual([...known].sort((one, other) => one - other));
    await using consumer = new Consumer({
      bootstrapServers: broker.bootstrapServers,
      autoOffsetReset: 'earliest',
    });
    consumer.assign([{ topic: 'words', partition: 0 }]);
    expect(await take(consumer, 600)).toEqual(numbered(600));
  });
});

describe('wrong hosts', () => {
  it('are passed over where another one answers', async () => {
    await using broker = await startBroker();
    await fill(broker, 5);
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const bootstrapServers = `nowhere.invalid:9092,127.0.0.1:${port},${broker.bootstrapServers}`;
    await using consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' });
    consumer.assign([AT]);
    expect(await take(consumer, 5)).toEqual(numbered(5));
  });

  it('are named where none answers, in time', async () => {
    const options = { bootstrapServers: 'nowhere.invalid:9092', ...QUICK };
    await using producer = new Producer({ ...options, maxBlockMs: 500 });
    await expect(producer.send(WORDS, { value: 'x' })).rejects.toMatchObject({
      message: expect.stringContaining('nowhere.invalid'),
    });
    await using consumer = new Consumer({ ...options, groupId: 'g' });
    await expect(consumer.committed([AT], { timeoutMs: 500 })).rejects.toMatchObject({
      message: expect.stringContaining('nowhere.invalid'),
    });
  });
});
