import { describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { allRequired } from '../../src/client/admin/outcome.ts';
import {
  Admin,
  Consumer,
  type ConsumerOptions,
  Producer,
  text,
  topic,
  transact,
} from '../../src/client/index.ts';
import { numbered } from './consumer/records-in.ts';

const INPUT = topic('input', { key: text, value: text });
const OUTPUT = topic('output', { key: text, value: text });
const GROUP_CONFIG = {
  'group.initial.rebalance.delay.ms': '0',
  'group.consumer.heartbeat.interval.ms': '50',
  'group.consumer.min.heartbeat.interval.ms': '50',
};
const PARTITIONS = 3;

async function start(): Promise<EmbeddedBroker> {
  const broker = await startBroker({ config: GROUP_CONFIG });
  for (const name of ['input', 'output'])
    await broker.createTopic(name, { partitions: PARTITIONS });
  return broker;
}

function consumerOf({ bootstrapServers }: EmbeddedBroker, more: Partial<ConsumerOptions> = {}) {
  return new Consumer({
    bootstrapServers,
    groupId: 'copiers',
    topics: [INPUT],
    autoOffsetReset: 'earliest',
    isolationLevel: 'read_committed',
    heartbeatIntervalMs: 50,
    retryBackoffMs: 5,
    ...more,
  } as ConsumerOptions & { topics: (typeof INPUT)[] });
}

function producerOf({ bootstrapServers }: EmbeddedBroker, transactionalId = 'copier-1') {
  return new Producer({ bootstrapServers, transactionalId, lingerMs: 0, retryBackoffMs: 5 });
}

async function fill({ bootstrapServers }: EmbeddedBroker, values: readonly string[]) {
  await using producer = new Producer({ bootstrapServers });
  const sent = values.map((value, i) => {
    return producer.send(INPUT, { value, partition: i % PARTITIONS });
  });
  await Promise.all(sent);
}

/** What readers of committed records have seen so far, in the order of values. */
function watchOutput({ bootstrapServers }: EmbeddedBroker) {
  const seen: string[] = [];
  const consumer = new Consumer({
    bootstrapServers,
    groupId: 'watchers',
    topics: [OUTPUT],
    autoOffsetReset: 'earliest',
    isolationLevel: 'read_committed',
  });
  const reading = (async () => {
    for await (const record of consumer) seen.push(record.value!);
  })();
  const sorted = () => [...seen].sort((one, other) => numberOf(one) - numberOf(other));
  return { sorted, close: () => consumer.close().then(() => reading) };
}

function numberOf(value: string): number {
  return Number(value.split(' ')[1]);
}

async function useFirstProtocol({ bootstrapServers }: EmbeddedBroker): Promise<void> {
  await using admin = new Admin({ bootstrapServers });
  const update = { feature: 'transaction.version', level: 1, direction: 'safe-downgrade' } as const;
  expect(allRequired(await admin.cluster.updateFeatures([update]))).toEqual([null]);
}

describe.each([
  ['second', 'classic'],
  ['second', 'consumer'],
  ['first', 'classic'],
  ['first', 'consumer'],
] as const)('transact (the %s protocol of transactions, a %s group)', (protocol, groupProtocol) => {
  it('moves each record once, also when members come and go', async () => {
    await using broker = await start();
    if (protocol === 'first') await useFirstProtocol(broker);
    const ending = new AbortController();
    const copy = async (id: string, signal: AbortSignal) => {
      await using from = consumerOf(broker, { groupProtocol });
      await using into = producerOf(broker, id);
      await transact({ from, into, signal, commitIntervalMs: 10 }, async (batch, tx) => {
        for (const { value } of batch) tx.send(OUTPUT, { value: value! });
        await new Promise((resolve) => setTimeout(resolve, 2));
      });
    };
    const output = watchOutput(broker);
    const copying = copy('copier-1', ending.signal);
    await fill(broker, numbered(60));
    for (let round = 1; round <= 4; round++) {
      const leaving = new AbortController();
      const other = copy('copier-2', leaving.signal);
      await fill(broker, numbered(60, 60 * round));
      await new Promise((resolve) => setTimeout(resolve, 150));
      leaving.abort();
      await other;
    }
    const all = numbered(300);
    await expect.poll(output.sorted, { timeout: 20_000 }).toEqual(all);
    ending.abort();
    await copying;
    await output.close();
    expect(output.sorted()).toEqual(all);
  });

  it('takes all back where the handler throws, and begins there again', async () => {
    await using broker = await start();
    if (protocol === 'first') await useFirstProtocol(broker);
    await fill(broker, numbered(30));
    await using from = consumerOf(broker, { groupProtocol });
    await using into = producerOf(broker);
    const output = watchOutput(broker);
    let calls = 0;
    const failing = transact({ from, into }, (batch, tx) => {
      for (const value of batch.values()) tx.send(OUTPUT, { value: value! });
      if (++calls === 2) throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    const ending = new AbortController();
    const again = transact({ from, into, signal: ending.signal }, (batch, tx) => {
      for (const value of batch.values()) tx.send(OUTPUT, { value: value! });
    });
    await expect.poll(output.sorted, { timeout: 20_000 }).toEqual(numbered(30));
    ending.abort();
    await again;
    expect((await from.committed()).map(({ offset }) => offset)).toEqual([10, 10, 10]);
    await output.close();
    expect(output.sorted()).toEqual(numbered(30));
  });
});

describe('transact', () => {
  it('ends with the reason once its producer is fenced, and leaves nothing behind', async () => {
    await using broker = await start();
    await fill(broker, numbered(3));
    await using from = consumerOf(broker);
    await using into = producerOf(broker);
    const output = watchOutput(broker);
    const running = transact({ from, into, commitIntervalMs: 0 }, async (batch, tx) => {
      await tx.send(OUTPUT, { value: `old ${batch.values()[0]}` });
      await using young = producerOf(broker);
      await young.transaction(async () => {
        await young.send(OUTPUT, { value: 'young 1' });
      });
    });
    await expect(running).rejects.toMatchObject({
      code: expect.stringMatching(/^(PRODUCER_FENCED|INVALID_PRODUCER_EPOCH)$/),
      category: 'application-recoverable',
    });
    await expect.poll(output.sorted).toEqual(['young 1']);
    expect((await from.committed()).every(({ offset }) => offset < 0)).toBe(true);
    await output.close();
  });

  it('ends what a process before it left open, without waiting for its time', async () => {
    await using broker = await start();
    await fill(broker, numbered(3));
    await using dead = producerOf(broker);
    await dead.beginTransaction();
    await dead.send(OUTPUT, { value: 'dead 1' });
    const offsets = [{ topic: 'input', partition: 0, offset: 1 }];
    await dead.sendOffsetsToTransaction(offsets, { groupId: 'copiers' });
    await using from = consumerOf(broker);
    await using into = producerOf(broker);
    const output = watchOutput(broker);
    const ending = new AbortController();
    const running = transact({ from, into, signal: ending.signal }, (batch, tx) => {
      for (const value of batch.values()) tx.send(OUTPUT, { value: value! });
    });
    await expect.poll(output.sorted, { timeout: 20_000 }).toEqual(numbered(3));
    ending.abort();
    await running;
    await output.close();
  });

  it('ends where a record will always be refused', async () => {
    await using broker = await start();
    await fill(broker, numbered(1));
    await using from = consumerOf(broker);
    await using into = producerOf(broker);
    const huge = 'x'.repeat(1_100_000);
    const refused = transact({ from, into }, (_, tx) => tx.send(OUTPUT, { value: huge }));
    await expect(refused).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
  });

  it('goes where the application seeks, and aborts what it had read', async () => {
    await using broker = await start();
    await fill(broker, numbered(3));
    await using from = consumerOf(broker);
    await using into = producerOf(broker);
    const ending = new AbortController();
    const offsets: number[] = [];
    await transact({ from, into, commitIntervalMs: 0, signal: ending.signal }, (batch) => {
      const { topic: name, partition } = batch;
      if (partition !== 0) return;
      offsets.push(batch.firstOffset);
      if (offsets.length === 1) from.seek({ topic: name, partition }, 0);
      else ending.abort();
    });
    expect(offsets).toEqual([0, 0]);
  });
});
