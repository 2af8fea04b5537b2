import { describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { Consumer } from '../../../../src/client/consumer/consumer.ts';
import { Producer } from '../../../../src/client/producer/producer.ts';
import { json, text } from '../../../../src/client/serde/serdes.ts';
import { topic } from '../../../../src/client/serde/topic.ts';
import { numbered, putRecords, textOf } from '../records-in.ts';

const AT = { topic: 'orders', partition: 0 };

function start() {
  return startBroker({ config: { 'group.initial.rebalance.delay.ms': '0' } });
}

function member(broker: EmbeddedBroker, more = {}) {
  const { bootstrapServers } = broker;
  const group = { groupId: 'g', autoOffsetReset: 'earliest', heartbeatIntervalMs: 50 } as const;
  return new Consumer({ bootstrapServers, topics: ['orders'], ...group, ...more });
}

/** A promise and how to settle it. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

async function committed(broker: EmbeddedBroker) {
  const { bootstrapServers } = broker;
  await using asking = new Consumer({ bootstrapServers, groupId: 'g' });
  return (await asking.committed([AT]))[0]!;
}

describe('run', () => {
  it('works on many keys at once, on each in its order', async () => {
    await using broker = await start();
    const records = Array.from({ length: 60 }, (_, i) => ({
      key: Buffer.from(`k${i % 5}`),
      value: Buffer.from(String(i)),
      timestamp: 1,
    }));
    await putRecords(broker.bootstrapServers, AT, records);
    const seen = new Map<string, number[]>();
    let active = 0;
    let most = 0;
    let count = 0;
    const ending = new AbortController();
    await using consumer = member(broker);
    await consumer.run({
      concurrency: 4,
      order: 'key',
      signal: ending.signal,
      eachRecord: async (record) => {
        most = Math.max(most, ++active);
        await new Promise(setImmediate);
        const key = textOf(record.key)!;
        seen.set(key, [...(seen.get(key) ?? []), Number(textOf(record.value))]);
        active--;
        if (++count === 60) ending.abort();
      },
    });
    expect(most).toBe(4);
    for (const list of seen.values()) expect(list).toEqual([...list].sort((a, b) => a - b));
    expect([...seen.values()].flat()).toHaveLength(60);
    expect((await committed(broker)).offset).toBe(60);
  });

  it('never commits past an unfinished record, and repeats no finished one', async () => {
    await using broker = await start();
    await putRecords(broker.bootstrapServers, AT, numbered(10));
    const stuck = gate();
    const done: number[] = [];
    const ending = new AbortController();
    const first = member(broker);
    const running = first.run({
      concurrency: 16,
      order: 'none',
      signal: ending.signal,
      eachRecord: async ({ offset }, { signal }) => {
        if (offset === 2) {
          signal.addEventListener('abort', stuck.open);
          await stuck.opened;
          throw new Error('interrupted');
        }
        done.push(offset);
      },
    });
    await expect.poll(() => done.length).toBe(9);
    ending.abort();
    await expect(running).rejects.toThrow(/offset 2 of partition orders-0 failed: interrupted/);
    expect(await committed(broker)).toMatchObject({
      offset: 2,
      metadata: expect.stringMatching(/^mr1/),
    });
    await first.close();
    await putRecords(broker.bootstrapServers, AT, ['more']);
    const again: number[] = [];
    const second = member(broker);
    const rerun = second.run({ eachRecord: ({ offset }) => again.push(offset) });
    await expect.poll(() => again).toEqual([2, 10]);
    await second.close();
    await rerun;
    expect((await committed(broker)).offset).toBe(11);
  });

  it('tries again, and sends what failed for good to the dead letters as Spring does', async () => {
    await using broker = await start();
    await broker.createTopic('orders-dlt');
    const { bootstrapServers } = broker;
    await putRecords(bootstrapServers, AT, ['good', 'flaky', 'bad']);
    await using producer = new Producer({ bootstrapServers });
    const attempts: string[] = [];
    const given: unknown[] = [];
    const running = member(broker);
    const run = running.run({
      retry: { attempts: 3, backoffMs: 1 },
      deadLetter: producer,
      onGivenUp: (_, error) => given.push(error),
      eachRecord: (record, { attempt }) => {
        const value = textOf(record.value)!;
        attempts.push(`${value} ${attempt}`);
        if (value === 'bad' || (value === 'flaky' && attempt < 2)) throw new TypeError(value);
      },
    });
    await using letters = member(broker, { groupId: 'letters', topics: ['orders-dlt'] });
    for await (const record of letters) {
      expect(textOf(record.value)).toBe('bad');
      const { headers } = record;
      expect(headers.text('kafka_dlt-original-topic')).toBe('orders');
      expect(Buffer.from(headers.get('kafka_dlt-original-offset')!).readBigInt64BE()).toBe(2n);
      expect(Buffer.from(headers.get('kafka_dlt-original-partition')!).readInt32BE()).toBe(0);
      expect(headers.text('kafka_dlt-exception-fqcn')).toBe('TypeError');
      expect(headers.text('kafka_dlt-exception-message')).toBe('bad');
      expect(headers.text('kafka_dlt-original-consumer-group')).toBe('g');
      break;
    }
    await expect.poll(() => given).toHaveLength(1);
    await running.close();
    await run;
    expect(attempts).toEqual(['good 1', 'flaky 1', 'flaky 2', 'bad 1', 'bad 2', 'bad 3']);
    expect((await committed(broker)).offset).toBe(3);
  });

  it('does with records that cannot be read as it is told', async () => {
    await using broker = await start();
    await putRecords(broker.bootstrapServers, AT, ['{"n":1}', '{', '{"n":2}']);
    const orders = topic('orders', { key: text, value: json<{ n: number }>() });
    const seen: unknown[] = [];
    const skipping = member(broker, { topics: [orders] });
    const run = skipping.run({
      onBadPayload: 'skip',
      eachRecord: (record) => seen.push(record.value),
    });
    await expect.poll(() => seen).toEqual([{ n: 1 }, { n: 2 }]);
    await skipping.close();
    await run;
    await using throwing = member(broker, { topics: [orders], groupId: 'other' });
    const read = throwing.run({ eachRecord: (record) => void record.value });
    await expect(read).rejects.toMatchObject({ code: 'SERIALIZATION', partition: 0 });
  });

  it('refuses options that cannot be', async () => {
    await using consumer = new Consumer({ bootstrapServers: 'localhost:1' });
    const eachRecord = () => undefined;
    const bad = { code: 'BAD_ARGUMENT' };
    await expect(consumer.run({ eachRecord, concurrency: 0 })).rejects.toMatchObject(bad);
    const lonely = consumer.run({ eachRecord, onBadPayload: 'dead-letter' });
    await expect(lonely).rejects.toMatchObject(bad);
  });
});
