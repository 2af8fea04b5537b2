import { channel } from 'node:diagnostics_channel';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { Consumer } from '../../../src/client/consumer/consumer.ts';
import type { FetchMessage } from '../../../src/client/diagnostics/client-channels.ts';
import { putRecords, textOf } from './records-in.ts';

const AT = { topic: 'orders', partition: 0 };
const MINUTE_MS = 60_000;

async function first(consumer: Consumer): Promise<string | null> {
  for await (const record of consumer) return textOf(record.value);
  return null;
}

it('begins by_duration at the first record that is young enough', async () => {
  await using broker = await startBroker();
  const { bootstrapServers } = broker;
  for (const minutes of [90, 30, 1]) {
    const timestamp = Date.now() - minutes * MINUTE_MS;
    await putRecords(bootstrapServers, AT, [{ value: Buffer.from(`${minutes}`), timestamp }]);
  }
  const options = { bootstrapServers, topics: ['orders'], groupId: 'g' };
  await using hour = new Consumer({ ...options, autoOffsetReset: 'by_duration:PT1H' });
  expect(await first(hour)).toBe('30');
  await using day = new Consumer({ bootstrapServers, autoOffsetReset: 'by_duration:P1D' });
  day.assign([AT]);
  expect(await first(day)).toBe('90');
  const never = { bootstrapServers, autoOffsetReset: 'by_duration:soon' } as const;
  expect(() => new Consumer(never)).toThrow(/'soon' is no duration/);
});

it('knows the lag of a partition once it was fetched', async () => {
  await using broker = await startBroker();
  const { bootstrapServers } = broker;
  await putRecords(bootstrapServers, AT, ['a', 'b', 'c', 'd']);
  await using consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' });
  consumer.assign([AT]);
  expect(consumer.lag(AT)).toBeUndefined();
  const lags: (number | undefined)[] = [];
  for await (const { offset } of consumer) {
    lags.push(consumer.lag(AT));
    if (offset === 3) break;
  }
  expect(lags).toEqual([3, 2, 1, 0]);
});

it('fetches no further ahead than it may hold, over all partitions', async () => {
  await using broker = await startBroker();
  const { bootstrapServers } = broker;
  const partitions = 4;
  const [batchesEach, bytes] = [40, 2_000];
  await broker.createTopic('orders', { partitions });
  const value = Buffer.alloc(bytes, 'x');
  for (let i = 0; i < batchesEach * partitions; i++) {
    const at = { topic: 'orders', partition: i % partitions };
    await putRecords(bootstrapServers, at, [{ value, timestamp: 1 }]);
  }
  const [prefetchMaxBytes, maxPartitionFetchBytes] = [12_000, 4_000];
  const clientId = 'bounded';
  let [fetched, read, mostAhead] = [0, 0, 0];
  const onFetch = (message: unknown) => {
    const told = message as FetchMessage;
    if (told.clientId !== clientId) return;
    fetched += told.bytes;
    mostAhead = Math.max(mostAhead, fetched - read);
  };
  channel('millrace:consumer:fetch').subscribe(onFetch);
  await using consumer = new Consumer({
    bootstrapServers,
    clientId,
    autoOffsetReset: 'earliest',
    prefetchMaxBytes,
    maxPartitionFetchBytes,
  });
  const all = Array.from({ length: partitions }, (_, partition) => ({ ...AT, partition }));
  consumer.assign(all);
  let count = 0;
  for await (const record of consumer) {
    // What the batch takes beyond its value counts as read with it.
    read += record.valueBytes!.length;
    if (++count === batchesEach * partitions) break;
    await nextTurn();
  }
  channel('millrace:consumer:fetch').unsubscribe(onFetch);
  const batchOverhead = (fetched / (batchesEach * partitions) - bytes) * count;
  const oneAnswer = partitions * maxPartitionFetchBytes;
  expect(fetched).toBeGreaterThan(5 * prefetchMaxBytes);
  expect(mostAhead).toBeLessThan(prefetchMaxBytes + oneAnswer + batchOverhead);
});

it('fetches a partition while others are paused and have filled what may be held', async () => {
  await using broker = await startBroker();
  const { bootstrapServers } = broker;
  await broker.createTopic('orders', { partitions: 2 });
  const value = Buffer.alloc(2_000, 'x');
  for (let i = 0; i < 10; i++) await putRecords(bootstrapServers, AT, [{ value, timestamp: 1 }]);
  const other = { ...AT, partition: 1 };
  const options = { autoOffsetReset: 'earliest', prefetchMaxBytes: 4_000 } as const;
  await using consumer = new Consumer({ bootstrapServers, ...options });
  consumer.assign([AT, other]);
  expect(await first(consumer)).toBe(value.toString());
  consumer.pause([AT]);
  await putRecords(bootstrapServers, other, ['other']);
  expect(await first(consumer)).toBe('other');
});
