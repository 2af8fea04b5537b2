import { describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { Consumer } from '../../../src/client/consumer/consumer.ts';
import { numbered, putRecords, textOf } from './records-in.ts';

const AT = { topic: 'orders', partition: 0 };

function reader(broker: EmbeddedBroker, more = {}) {
  const { bootstrapServers } = broker;
  return new Consumer({ bootstrapServers, autoOffsetReset: 'earliest', ...more });
}

async function take(consumer: Consumer, count: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const record of consumer) {
    texts.push(textOf(record.value)!);
    if (texts.length === count) break;
  }
  return texts;
}

describe('a consumer of assigned partitions', () => {
  it('reads records in their order, goes on after a break, and seeks', async () => {
    await using broker = await startBroker();
    await putRecords(broker.bootstrapServers, AT, numbered(5));
    await putRecords(broker.bootstrapServers, AT, numbered(5, 5));
    await using consumer = reader(broker);
    consumer.assign([AT]);
    expect(await take(consumer, 3)).toEqual(numbered(3));
    expect(consumer.position(AT)).toBe(3);
    expect(await take(consumer, 4)).toEqual(numbered(4, 3));
    consumer.seek(AT, 1);
    expect(await take(consumer, 9)).toEqual(numbered(9, 1));
    expect(consumer.lag(AT)).toBe(0);
    expect(() => consumer.seek(AT, -1)).toThrow(/offset -1/);
    expect(() => consumer.seek({ topic: 'orders', partition: 9 }, 0)).toThrow(/not assigned/);
  });

  it('waits for records that come later and ends by its signal', async () => {
    await using broker = await startBroker();
    await broker.createTopic('orders');
    await using consumer = reader(broker);
    consumer.assign([AT]);
    const ending = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const batch of consumer.batches({ signal: ending.signal })) {
        seen.push(...batch.texts().map(String));
        if (seen.length === 3) ending.abort();
      }
    })();
    await putRecords(broker.bootstrapServers, AT, numbered(3));
    await reading;
    expect(seen).toEqual(numbered(3));
  });

  it('hands out nothing of a paused partition, also not the rest of a batch', async () => {
    await using broker = await startBroker();
    await broker.createTopic('orders', { partitions: 2 });
    const other = { topic: 'orders', partition: 1 };
    await putRecords(broker.bootstrapServers, AT, numbered(3));
    await using consumer = reader(broker);
    consumer.assign([AT, other]);
    expect(await take(consumer, 1)).toEqual(['value 0']);
    consumer.pause([AT]);
    expect(consumer.paused).toEqual([AT]);
    const later = take(consumer, 1);
    await putRecords(broker.bootstrapServers, other, ['other']);
    expect(await later).toEqual(['other']);
    consumer.resume();
    expect(await take(consumer, 2)).toEqual(['value 1', 'value 2']);
  });

  it('finds offsets by time and at the ends, and begins there', async () => {
    await using broker = await startBroker();
    const at = (timestamp: number) => ({ value: Buffer.from(`${timestamp}`), timestamp });
    await putRecords(broker.bootstrapServers, AT, [at(1_000), at(2_000), at(3_000)]);
    await using consumer = reader(broker, { autoOffsetReset: 'latest' });
    const wanted = [{ ...AT, timestamp: 1_500 }];
    expect(await consumer.offsetsForTimes(wanted)).toMatchObject([{ offset: 1 }]);
    expect(await consumer.beginningOffsets([AT])).toMatchObject([{ offset: 0 }]);
    expect(await consumer.endOffsets([AT])).toMatchObject([{ offset: 3 }]);
    consumer.assign([AT]);
    consumer.seekToTime(1_500);
    expect(await take(consumer, 2)).toEqual(['2000', '3000']);
    consumer.seekToBeginning();
    expect(await take(consumer, 1)).toEqual(['1000']);
    consumer.seekToEnd();
    const rest = take(consumer, 1);
    await expect.poll(() => consumer.position(AT)).toBe(3);
    await putRecords(broker.bootstrapServers, AT, [at(9_000)]);
    expect(await rest).toEqual(['9000']);
  });

  it('says that there is no offset where it may not reset', async () => {
    await using broker = await startBroker();
    await putRecords(broker.bootstrapServers, AT, numbered(2));
    await using consumer = reader(broker, { autoOffsetReset: 'none' });
    consumer.assign([AT]);
    const none = { code: 'OFFSET_OUT_OF_RANGE', topic: 'orders', partition: 0 };
    await expect(take(consumer, 1)).rejects.toMatchObject(none);
    consumer.seek(AT, 77);
    await expect(take(consumer, 1)).rejects.toMatchObject(none);
    consumer.seek(AT, 1);
    expect(await take(consumer, 1)).toEqual(['value 1']);
  });

  it('goes back to the policy where the offset is out of range', async () => {
    await using broker = await startBroker();
    await putRecords(broker.bootstrapServers, AT, numbered(2));
    await using consumer = reader(broker);
    consumer.assign([AT]);
    consumer.seek(AT, 77);
    expect(await take(consumer, 2)).toEqual(numbered(2));
  });

  it('gives a stream a partition, which ends when the partition is taken away', async () => {
    await using broker = await startBroker();
    await broker.createTopic('orders', { partitions: 2 });
    for (const partition of [0, 1]) {
      await putRecords(broker.bootstrapServers, { topic: 'orders', partition }, numbered(3));
    }
    await using consumer = reader(broker);
    consumer.assign([AT, { topic: 'orders', partition: 1 }]);
    const counts = [0, 0];
    const ended: number[] = [];
    const read = async (part: { partition: number; records(): AsyncIterable<unknown> }) => {
      for await (const _ of part.records()) counts[part.partition]!++;
      ended.push(part.partition);
    };
    const reading: Promise<void>[] = [];
    for await (const part of consumer.partitions()) {
      reading.push(read(part));
      if (reading.length === 2) break;
    }
    await expect.poll(() => counts).toEqual([3, 3]);
    consumer.assign([AT]);
    await expect.poll(() => ended).toEqual([1]);
    await consumer.close();
    await Promise.all(reading);
    expect(ended).toEqual([1, 0]);
  });

  it('keeps no more than it may, and reads far more than that', async () => {
    await using broker = await startBroker();
    for (let i = 0; i < 30; i++) {
      await putRecords(broker.bootstrapServers, AT, numbered(100, 100 * i));
    }
    await using consumer = reader(broker, { maxPartitionFetchBytes: 2_000 });
    consumer.assign([AT]);
    expect(await take(consumer, 3_000)).toEqual(numbered(3_000));
  });
});
