import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import {
  Admin,
  Consumer,
  Producer,
  required,
  ShareConsumer,
  text,
  topic,
} from '../../src/client/index.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { randomFrom } from '../support/random-from.ts';
import { type Fault, FaultyProxy } from './producer/faulty-proxy.ts';
import { batchOf, ScriptedQueue } from './share/scripted-queue.ts';

const QUICK = { retryBackoffMs: 2, retryBackoffMaxMs: 10, reconnectBackoffMs: 1 } as const;
const LENGTHS = [-1, 0, 3, 40, 2 ** 30, 2 ** 31 - 1];
const WORDS = topic('words', { value: text });
const AT = { topic: 'words', partition: 0 };

/** Everything that can happen on the way, to a third of the requests. */
function anyFault(random: () => number): Fault {
  const drawn = random();
  if (drawn < 0.08) return { kind: 'cut-answer', bytes: Math.floor(random() * 60) };
  if (drawn < 0.16) return { kind: 'cut-request', bytes: Math.floor(random() * 200) };
  if (drawn < 0.22) return { kind: 'hold-answer', ms: Math.floor(random() * 20) };
  if (drawn < 0.28) return { kind: 'repeat-answer' };
  if (drawn < 0.32) return { kind: 'lie-about-length', length: Math.floor(random() * 2 ** 31) };
  return { kind: 'pass' };
}

describe('transactions behind a faulty network', () => {
  const OF_TRANSACTIONS = [
    API.FIND_COORDINATOR,
    API.INIT_PRODUCER_ID,
    API.ADD_PARTITIONS_TO_TXN,
    API.ADD_OFFSETS_TO_TXN,
    API.TXN_OFFSET_COMMIT,
    API.END_TXN,
    API.PRODUCE,
  ];

  it.each([21, 22, 23])('are whole or not there, faults of seed %d', async (seed) => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    await using proxy = await FaultyProxy.start(broker.port);
    proxy.faulty = OF_TRANSACTIONS;
    const random = randomFrom(seed);
    proxy.next = () => anyFault(random);
    const producer = new Producer({
      bootstrapServers: `127.0.0.1:${proxy.port}`,
      transactionalId: 'faulty',
      lingerMs: 0,
      requestTimeoutMs: 400,
      onError: () => undefined,
      ...QUICK,
    });
    const kept: string[] = [];
    const given = new Error('given up');
    for (let i = 0; i < 40; i++) {
      const values = [0, 1, 2].map((each) => `${i}/${each}`);
      const work = producer.transaction(async () => {
        for (const value of values) producer.send(WORDS, { value }).toldElsewhere();
        await producer.sendOffsetsToTransaction([{ ...AT, offset: i + 1 }], { groupId: 'g' });
        if (i % 4 === 3) throw given;
      });
      const outcome = await work.catch((thrown: unknown) => thrown);
      if (i % 4 === 3) expect(outcome).toBe(given);
      else expect(outcome).toBeUndefined();
      if (outcome === undefined) kept.push(...values);
    }
    await producer.close();
    const options = { isolationLevel: 'read_committed', autoOffsetReset: 'earliest' } as const;
    const { bootstrapServers } = broker;
    await using consumer = new Consumer({ bootstrapServers, groupId: 'g', ...options });
    consumer.assign([AT]);
    consumer.seek(AT, 0);
    const seen: (string | null)[] = [];
    for await (const batch of consumer.batches()) {
      seen.push(...batch.texts());
      if (seen.length >= kept.length) break;
    }
    expect(seen).toEqual(kept);
    expect(await consumer.committed([AT])).toMatchObject([{ offset: 39 }]);
  });
});

describe('a share consumer behind a faulty network', () => {
  async function withQueue(work: (queue: ScriptedQueue, proxy: FaultyProxy) => Promise<void>) {
    await using queue = await ScriptedQueue.start();
    await using proxy = await FaultyProxy.start(queue.brokers[0]!.port);
    await work(queue, proxy);
  }

  function memberBehind(proxy: FaultyProxy) {
    return new ShareConsumer({
      bootstrapServers: `127.0.0.1:${proxy.port}`,
      groupId: 'g',
      topics: [topic('orders', { value: text })],
      shareAcknowledgementMode: 'explicit',
      requestTimeoutMs: 400,
      fetchMaxWaitMs: 5,
      onError: () => undefined,
      ...QUICK,
    });
  }

  /** What a broken answer brought comes again: the broker has released it with the connection. */
  async function takeAgain(
    queue: ScriptedQueue,
    member: ShareConsumer<unknown, unknown>,
    i: number,
  ) {
    queue.offer(1, i);
    queue.offers.push({ records: batchOf(1, i), acquired: [[i, i, 2]] });
    const [record] = await member.poll();
    expect([record!.offset, record!.deliveryCount, record!.value]).toEqual([i, 2, `value ${i}`]);
    record!.accept();
    expect(await member.commit()).toMatchObject([{ offsets: [i], error: null }]);
  }

  it('takes each record again, wherever an answer is cut', () =>
    withQueue(async (queue, proxy) => {
      proxy.faulty = [API.SHARE_FETCH];
      await using member = memberBehind(proxy);
      for (let bytes = 0; bytes < 150; bytes++) {
        const faults: Fault[] = [{ kind: 'cut-answer', bytes }];
        proxy.next = () => faults.shift() ?? { kind: 'pass' };
        await takeAgain(queue, member, bytes);
        expect(faults).toEqual([]);
      }
    }));

  it.each(LENGTHS)('goes on after an answer that says it is %d bytes long', (length) =>
    withQueue(async (queue, proxy) => {
      proxy.faulty = [API.SHARE_FETCH];
      await using member = memberBehind(proxy);
      const faults: Fault[] = [{ kind: 'lie-about-length', length }];
      proxy.next = () => faults.shift() ?? { kind: 'pass' };
      await takeAgain(queue, member, 0);
      expect(process.memoryUsage().arrayBuffers).toBeLessThan(500_000_000);
    }),
  );
});

describe('an administrator behind a faulty network', () => {
  it.each([31, 32])('gets its answers, faults of seed %d', async (seed) => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    await using proxy = await FaultyProxy.start(broker.port);
    proxy.faulty = Object.values(API).filter((key) => key !== API.API_VERSIONS);
    const random = randomFrom(seed);
    await using admin = new Admin({
      bootstrapServers: `127.0.0.1:${proxy.port}`,
      requestTimeoutMs: 400,
      onError: () => undefined,
      ...QUICK,
    });
    proxy.next = () => anyFault(random);
    for (let i = 0; i < 25; i++) {
      const described = required((await admin.topics.describe(['words'])).get('words'));
      expect(described.partitions).toHaveLength(1);
      const [end] = await admin.records.offsets([{ ...AT, at: 'latest' }]);
      expect(end).toMatchObject({ ...AT, outcome: { offset: 0 } });
      const resource = { type: 'topic', name: 'words' } as const;
      const entries = required((await admin.configs.describe([resource])).get(resource));
      expect(entries.length).toBeGreaterThan(10);
      expect((await admin.groups.list()).length).toBe(0);
    }
  });
});
