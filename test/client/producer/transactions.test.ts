import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { Admin } from '../../../src/client/admin/admin.ts';
import { allRequired } from '../../../src/client/admin/outcome.ts';
import { Producer } from '../../../src/client/producer/producer.ts';
import type { ProducerOptions } from '../../../src/client/producer/producer-options.ts';
import { text } from '../../../src/client/serde/serdes.ts';
import { topic } from '../../../src/client/serde/topic.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import {
  baseOffset,
  isControl,
  isTransactional,
  producerId,
  sizeInBytes,
} from '../../../src/records/batch-layout.ts';
import { decodeRecords } from '../../../src/records/record-iterator.ts';
import { fetchFrom, ISOLATION } from '../partition-log.ts';
import { type Fault, FaultyProxy } from './faulty-proxy.ts';

type Broker = Awaited<ReturnType<typeof startBroker>>;

const words = topic('words', { key: text, value: text });

function producerOf(broker: Broker, more: object = {}): Producer {
  const { bootstrapServers } = broker;
  const transactionalId = 'books';
  return new Producer({
    bootstrapServers,
    transactionalId,
    lingerMs: 0,
    ...more,
  } as ProducerOptions);
}

/** The values of all records that a reader of committed ones gets. */
async function committed(broker: Broker, partition = 0): Promise<string[]> {
  const at = { topic: 'words', partition };
  const data = await fetchFrom(broker.bootstrapServers, at, 0, ISOLATION.COMMITTED);
  const bytes = data.records ?? Buffer.alloc(0);
  const starts = [...(data.abortedTransactions ?? [])];
  const aborting = new Set<number>();
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += sizeInBytes(bytes, at)) {
    const base = baseOffset(bytes, at);
    for (const each of starts) if (each.firstOffset === base) aborting.add(each.producerId);
    const isAborted = isTransactional(bytes, at) && aborting.has(producerId(bytes, at));
    if (isControl(bytes, at)) aborting.delete(producerId(bytes, at));
    else if (!isAborted) {
      const batch = bytes.subarray(at, at + sizeInBytes(bytes, at));
      found.push(...decodeRecords(batch).map(({ value }) => String(value)));
    }
  }
  return found;
}

/** Puts the cluster back to the first protocol of transactions. */
async function useFirstProtocol(broker: Broker): Promise<void> {
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  const update = { feature: 'transaction.version', level: 1, direction: 'safe-downgrade' } as const;
  expect(allRequired(await admin.cluster.updateFeatures([update]))).toEqual([null]);
}

describe.each(['second', 'first'] as const)('transactions in the %s protocol', (protocol) => {
  async function start(): Promise<Broker> {
    const broker = await startBroker();
    await broker.createTopic('words', { partitions: 2 });
    if (protocol === 'first') await useFirstProtocol(broker);
    return broker;
  }

  it('makes records of several partitions visible when it commits, and none that it aborts', async () => {
    await using broker = await start();
    await using producer = producerOf(broker);
    for (let round = 0; round < 3; round++) {
      await producer.beginTransaction();
      for (const partition of [0, 1]) {
        producer.send(words, { value: `kept ${round}`, partition });
      }
      await producer.commitTransaction();
      await producer.beginTransaction();
      await producer.send(words, { value: `dropped ${round}`, partition: 0 });
      await producer.abortTransaction();
    }
    const kept = ['kept 0', 'kept 1', 'kept 2'];
    await expect.poll(() => committed(broker, 0)).toEqual(kept);
    await expect.poll(() => committed(broker, 1)).toEqual(kept);
  });

  it('commits offsets of a group with its records', async () => {
    await using broker = await start();
    await using producer = producerOf(broker);
    await producer.transaction(async () => {
      await producer.send(words, { value: 'x', partition: 0 });
      const offsets = [{ topic: 'words', partition: 1, offset: 42, metadata: 'm' }];
      await producer.sendOffsetsToTransaction(offsets, { groupId: 'readers' });
    });
    const failing = producer.transaction(async () => {
      const offsets = [{ topic: 'words', partition: 1, offset: 77 }];
      await producer.sendOffsetsToTransaction(offsets, { groupId: 'readers' });
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    await expect
      .poll(async () => (await admin.groupOffsets.list(['readers'])).get('readers'))
      .toMatchObject([{ topic: 'words', partition: 1, offset: 42 }]);
  });

  it('is fenced by a newer producer of its id, for good', async () => {
    await using broker = await start();
    await using old = producerOf(broker);
    await old.beginTransaction();
    await old.send(words, { value: 'old', partition: 0 });
    await using young = producerOf(broker);
    await young.transaction(async () => {
      await young.send(words, { value: 'young', partition: 0 });
    });
    await expect(old.commitTransaction()).rejects.toMatchObject({
      code: expect.stringMatching(/^(PRODUCER_FENCED|INVALID_PRODUCER_EPOCH)$/),
      category: 'application-recoverable',
    });
    expect(() => old.send(words, { value: 'more' })).toThrow();
    await expect.poll(() => committed(broker, 0)).toEqual(['young']);
  });

  it('must be aborted after a record that failed, and goes on after that', async () => {
    await using broker = await start();
    await using producer = producerOf(broker, { maxRequestSize: 10_000_000, batchSize: 5_000_000 });
    await producer.beginTransaction();
    const huge = producer.send(words, { value: 'x'.repeat(2_000_000), partition: 0 });
    await expect(huge).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    await expect(producer.commitTransaction()).rejects.toMatchObject({ category: 'abortable' });
    await producer.abortTransaction();
    await producer.transaction(async () => {
      producer.send(words, { value: 'after', partition: 0 });
    });
    await expect.poll(() => committed(broker, 0)).toEqual(['after']);
  });

  it('may be given up while it is committed: to abort it tells what came of that', async () => {
    await using broker = await start();
    await using proxy = await FaultyProxy.start(broker.port);
    proxy.faulty = [API.END_TXN];
    const bootstrapServers = `127.0.0.1:${proxy.port}`;
    await using producer = producerOf(broker, { bootstrapServers });
    const ending = new AbortController();
    const { signal } = ending;

    // The coordinator has committed, and its answer does not come.
    const faults: Fault[] = [{ kind: 'hold-answer', ms: 1_000 }];
    proxy.next = () => faults.shift() ?? { kind: 'pass' };
    await producer.beginTransaction();
    producer.send(words, { value: 'held', partition: 0 }).toldElsewhere();
    const committing = producer.commitTransaction({ signal });
    await expect.poll(() => committed(broker)).toEqual(['held']);
    ending.abort();
    await expect(committing).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(producer.abortTransaction()).rejects.toMatchObject({
      code: 'INVALID_TXN_STATE',
      message: expect.stringContaining('its commit was given up, but has happened'),
    });

    // The coordinator never heard of the commit.
    const cuts: Fault[] = [{ kind: 'cut-request', bytes: 10 }];
    proxy.next = () => cuts.shift() ?? { kind: 'pass' };
    await producer.beginTransaction();
    producer.send(words, { value: 'given up', partition: 0 }).toldElsewhere();
    const aborted = AbortSignal.abort();
    await expect(producer.commitTransaction({ signal: aborted })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    await producer.abortTransaction();
    await producer.transaction(async () => {
      producer.send(words, { value: 'next', partition: 0 }).toldElsewhere();
    });
    expect(await committed(broker)).toEqual(['held', 'next']);
  });

  it('aborts what is open when it is closed', async () => {
    await using broker = await start();
    const producer = producerOf(broker);
    await producer.beginTransaction();
    await producer.send(words, { value: 'x', partition: 0 });
    await producer.close();
    await using next = producerOf(broker, { transactionalId: 'others' });
    await next.transaction(async () => {
      await next.send(words, { value: 'y', partition: 0 });
    });
    await expect.poll(() => committed(broker, 0)).toEqual(['y']);
  });
});

it('goes on with another transaction where one was open for too long', async () => {
  const config = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '20' };
  await using broker = await startBroker({ config });
  await broker.createTopic('words', { partitions: 1 });
  await using producer = producerOf(broker, { transactionTimeoutMs: 100 });
  await producer.beginTransaction();
  await producer.send(words, { value: 'late', partition: 0 });
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  await expect
    .poll(async () => (await admin.transactions.describe(['books'])).get('books'))
    .toMatchObject({ state: 'CompleteAbort' });
  await expect(producer.commitTransaction()).rejects.toMatchObject({
    code: 'TRANSACTION_ABORTABLE',
    category: 'abortable',
    message: expect.stringContaining('open for longer than transaction.timeout.ms (100 ms)'),
  });
  await producer.abortTransaction();
  await producer.transaction(async () => {
    await producer.send(words, { value: 'in time', partition: 0 });
  });
  await expect.poll(() => committed(broker)).toEqual(['in time']);
});

it('refuses to write where no transaction is open', async () => {
  await using broker = await startBroker();
  await using producer = producerOf(broker);
  const state = expect.objectContaining({ code: 'INVALID_TXN_STATE' });
  expect(() => producer.send(words, { value: 'x' })).toThrow(state);
  await expect(producer.commitTransaction()).rejects.toEqual(state);
  await using plain = producerOf(broker, { transactionalId: '' });
  await expect(plain.beginTransaction()).rejects.toThrow('no transactional.id');
});
