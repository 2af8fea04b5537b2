import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { Producer } from '../../../src/client/producer/producer.ts';
import { text } from '../../../src/client/serde/serdes.ts';
import { topic } from '../../../src/client/serde/topic.ts';
import { baseSequence, producerEpoch, producerId } from '../../../src/records/batch-layout.ts';
import { randomFrom } from '../../support/random-from.ts';
import { batchesOf, recordsOf } from '../partition-log.ts';
import { type Fault, FaultyProxy } from './faulty-proxy.ts';

type Broker = Awaited<ReturnType<typeof startBroker>>;

const words = topic('words', { value: text });
const QUICK = { retryBackoffMs: 2, retryBackoffMaxMs: 10, reconnectBackoffMs: 1 } as const;

function producerOf(proxy: FaultyProxy, more: object = {}): Producer {
  const bootstrapServers = `127.0.0.1:${proxy.port}`;
  return new Producer({ bootstrapServers, lingerMs: 0, batchSize: 400, ...QUICK, ...more });
}

async function stored(broker: Broker): Promise<string[]> {
  const records = await recordsOf(broker.bootstrapServers, { topic: 'words' });
  return records.map(({ value }) => String(value));
}

/** Sends so many records, several batches at a time, and says what was acknowledged. */
async function sendAll(producer: Producer, count: number): Promise<string[]> {
  const kept: string[] = [];
  for (let i = 0; i < count; i += 200) {
    const some = Array.from({ length: Math.min(200, count - i) }, (_, j) => `record ${i + j}`);
    const outcomes = await Promise.allSettled(some.map((value) => producer.send(words, { value })));
    for (const [j, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') kept.push(some[j]!);
    }
  }
  return kept;
}

describe('an idempotent producer behind a faulty network', () => {
  it('loses nothing and stores nothing twice, wherever an answer is cut', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    await using proxy = await FaultyProxy.start(broker.port);
    await using producer = producerOf(proxy);
    const expected: string[] = [];
    for (let bytes = 0; bytes < 64; bytes++) {
      const faults: Fault[] = [{ kind: 'cut-answer', bytes }];
      proxy.next = () => faults.shift() ?? { kind: 'pass' };
      expected.push(`answer ${bytes}`);
      await producer.send(words, { value: `answer ${bytes}` });
    }
    expect(await stored(broker)).toEqual(expected);
  });

  it('loses nothing and stores nothing twice, wherever a request is cut', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    await using proxy = await FaultyProxy.start(broker.port);
    await using producer = producerOf(proxy);
    const expected: string[] = [];
    for (let bytes = 0; bytes < 160; bytes++) {
      const faults: Fault[] = [{ kind: 'cut-request', bytes }];
      proxy.next = () => faults.shift() ?? { kind: 'pass' };
      expected.push(`request ${bytes}`);
      await producer.send(words, { value: `request ${bytes}` });
    }
    expect(await stored(broker)).toEqual(expected);
  });

  it.each([1, 2, 3])(
    'keeps order with five requests in flight, faults of seed %d',
    async (seed) => {
      await using broker = await startBroker();
      await broker.createTopic('words');
      await using proxy = await FaultyProxy.start(broker.port);
      await using producer = producerOf(proxy, { requestTimeoutMs: 5_000 });
      const random = randomFrom(seed);
      proxy.next = () => {
        const drawn = random();
        if (drawn < 0.06) return { kind: 'cut-answer', bytes: Math.floor(random() * 80) };
        if (drawn < 0.12) return { kind: 'cut-request', bytes: Math.floor(random() * 400) };
        if (drawn < 0.2) return { kind: 'hold-answer', ms: Math.floor(random() * 10) };
        return { kind: 'pass' };
      };
      const kept = await sendAll(producer, 1_000);
      expect(kept).toHaveLength(1_000);
      expect(await stored(broker)).toEqual(kept);
    },
  );

  it('goes on after a batch whose time was over, without a gap or a double', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    await using proxy = await FaultyProxy.start(broker.port);
    const times = { requestTimeoutMs: 100, deliveryTimeoutMs: 300 };
    await using producer = producerOf(proxy, times);
    await producer.send(words, { value: 'before' });
    // The broker never gets it, in any attempt.
    proxy.next = () => ({ kind: 'cut-request', bytes: 10 });
    await expect(producer.send(words, { value: 'lost' })).rejects.toMatchObject({
      code: 'REQUEST_TIMED_OUT',
      topic: 'words',
      partition: 0,
    });
    proxy.next = () => ({ kind: 'pass' });
    for (const value of ['after', 'later']) await producer.send(words, { value });
    expect(await stored(broker)).toEqual(['before', 'after', 'later']);
    // The lost batch took number 1. Those behind it begin again at 0, in the next epoch (KIP-360).
    const batches = await batchesOf(broker.bootstrapServers, { topic: 'words' });
    const id = producerId(batches[0]!, 0);
    expect(
      batches.map((each) => [producerId(each, 0), producerEpoch(each, 0), baseSequence(each, 0)]),
    ).toEqual([
      [id, 0, 0],
      [id, 1, 0],
      [id, 1, 1],
    ]);
  });

  it('says what happened where the broker stays away', async () => {
    const broker = await startBroker();
    await broker.createTopic('words');
    const proxy = await FaultyProxy.start(broker.port);
    const times = { requestTimeoutMs: 100, deliveryTimeoutMs: 300, onError: () => undefined };
    await using producer = producerOf(proxy, times);
    await producer.send(words, { value: 'x' });
    await proxy[Symbol.asyncDispose]();
    const sent = producer.send(words, { value: 'y' });
    await expect(sent).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT', retriable: true });
    await broker.close();
  });
});

describe('a producer with acks=1', () => {
  it('loses nothing that it acknowledged', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    await using proxy = await FaultyProxy.start(broker.port);
    await using producer = producerOf(proxy, { acks: 1 });
    const random = randomFrom(7);
    proxy.next = () => {
      return random() < 0.1
        ? { kind: 'cut-answer', bytes: Math.floor(random() * 80) }
        : { kind: 'pass' };
    };
    const kept = await sendAll(producer, 1_000);
    const found = new Set(await stored(broker));
    expect(kept.filter((value) => !found.has(value))).toEqual([]);
  });
});
