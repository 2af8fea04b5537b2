import { once } from 'node:events';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import {
  Consumer,
  type ConsumerRecord,
  Producer,
  text,
  toNodeReadable,
  toNodeWritable,
  topic,
  toReadableStream,
  toWritableStream,
} from '../../../src/client/index.ts';
import { numbered, putRecords } from '../consumer/records-in.ts';

const WORDS = topic('words', { key: text, value: text });
const COPIES = topic('copies', { key: text, value: text });
const AT = { topic: 'words', partition: 0 };

type Word = ConsumerRecord<string | null, string | null>;

function reader({ bootstrapServers }: EmbeddedBroker, of = WORDS) {
  const consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest', topics: [] });
  const typed = consumer as unknown as Consumer<string | null, string | null>;
  typed.assign([{ topic: of.name, partition: 0 }], [of]);
  return typed;
}

async function valuesIn(broker: EmbeddedBroker, of: typeof WORDS, count: number) {
  await using consumer = reader(broker, of);
  const found: (string | null)[] = [];
  for await (const { value } of consumer) if (found.push(value) === count) break;
  return found;
}

describe('streams of Node', () => {
  it('take records from a consumer through a transform to a producer', async () => {
    await using broker = await startBroker();
    await putRecords(broker.bootstrapServers, AT, numbered(500));
    const ending = new AbortController();
    let count = 0;
    const shout = new Transform({
      objectMode: true,
      transform: ({ value }: Word, _, done) => {
        if (++count === 500) ending.abort();
        done(null, { value: value!.toUpperCase() });
      },
    });
    const consumer = reader(broker);
    const producer = new Producer({ bootstrapServers: broker.bootstrapServers });
    const source = toNodeReadable(consumer, { signal: ending.signal });
    await pipeline(source, shout, toNodeWritable(producer, COPIES));
    expect(consumer.isClosed).toBe(true);
    expect(() => producer.send(COPIES, { value: 'x' })).toThrow('closed');
    const expected = numbered(500).map((value) => value.toUpperCase());
    expect(await valuesIn(broker, COPIES, 500)).toEqual(expected);
  });

  it('take no more from a consumer than they are asked for', async () => {
    await using broker = await startBroker();
    await putRecords(broker.bootstrapServers, AT, numbered(50));
    const consumer = reader(broker);
    const source = toNodeReadable(consumer);
    const seen: (string | null)[] = [];
    for await (const { value } of source as AsyncIterable<Word>) {
      seen.push(value);
      expect(consumer.position(AT)).toBe(seen.length);
      if (seen.length === 3) break;
    }
    // The loop over the stream has destroyed it.
    expect(source.destroyed).toBe(true);
    await expect.poll(() => consumer.isClosed).toBe(true);
  });

  it('give whole batches, and close their consumer when they are destroyed', async () => {
    await using broker = await startBroker();
    await putRecords(broker.bootstrapServers, AT, numbered(5));
    const consumer = reader(broker);
    const source = toNodeReadable(consumer, { batches: true });
    const [batch] = await once(source, 'data');
    expect(batch.texts()).toEqual(numbered(5));
    const closed = once(source, 'close');
    source.destroy();
    await closed;
    expect(consumer.isClosed).toBe(true);
  });

  it('say that the producer is full, and end only once all has arrived', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    const producer = new Producer({ bootstrapServers, bufferMemory: 40_000, batchSize: 2_000 });
    const big = 'x'.repeat(500);
    const lines = Array.from({ length: 2_000 }, (_, i) => ({ value: `${i} ${big}` }));
    const target = toNodeWritable(producer, WORDS);
    await pipeline(Readable.from(lines), target);
    const found = await valuesIn(broker, WORDS, 2_000);
    expect(found).toEqual(lines.map(({ value }) => value));
  });

  it('fail with the error of a record that cannot be sent', async () => {
    await using broker = await startBroker();
    const producer = new Producer({ bootstrapServers: broker.bootstrapServers });
    const huge = { value: 'x'.repeat(1_100_000) };
    const writing = pipeline(
      Readable.from([{ value: 'a' }, huge]),
      toNodeWritable(producer, WORDS),
    );
    await expect(writing).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    const none = new Consumer({
      bootstrapServers: broker.bootstrapServers,
      autoOffsetReset: 'none',
    });
    none.assign([AT]);
    const reading = toNodeReadable(none).toArray();
    await expect(reading).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    await expect.poll(() => none.isClosed).toBe(true);
  });
});

describe('Web streams', () => {
  it('take records from a consumer through a transform to a producer', async () => {
    await using broker = await startBroker();
    await putRecords(broker.bootstrapServers, AT, numbered(300));
    const ending = new AbortController();
    let count = 0;
    const shout = new TransformStream<Word, { value: string }>({
      transform: ({ value }, controller) => {
        if (++count === 300) ending.abort();
        controller.enqueue({ value: value!.toUpperCase() });
      },
    });
    const consumer = reader(broker);
    const producer = new Producer({ bootstrapServers: broker.bootstrapServers });
    const source = toReadableStream(consumer, { signal: ending.signal });
    await source.pipeThrough(shout).pipeTo(toWritableStream(producer, COPIES));
    expect(consumer.isClosed).toBe(true);
    expect(() => producer.send(COPIES, { value: 'x' })).toThrow('closed');
    const expected = numbered(300).map((value) => value.toUpperCase());
    expect(await valuesIn(broker, COPIES, 300)).toEqual(expected);
  });

  it('take no more than they are asked for, and close when they are cancelled', async () => {
    await using broker = await startBroker();
    await putRecords(broker.bootstrapServers, AT, numbered(50));
    const consumer = reader(broker);
    const reading = toReadableStream(consumer).getReader();
    expect((await reading.read()).value!.value).toBe('value 0');
    expect((await reading.read()).value!.value).toBe('value 1');
    expect(consumer.position(AT)).toBe(2);
    await reading.cancel();
    expect(consumer.isClosed).toBe(true);
  });

  it('fail with the error of a record that cannot be sent', async () => {
    await using broker = await startBroker();
    const producer = new Producer({ bootstrapServers: broker.bootstrapServers });
    const writer = toWritableStream(producer, WORDS).getWriter();
    await writer.write({ value: 'a' });
    const refused = { code: 'MESSAGE_TOO_LARGE' };
    // Whether the write itself fails or the stream a little later depends on what is known by then.
    await Promise.allSettled([writer.write({ value: 'x'.repeat(1_100_000) })]);
    await expect(writer.closed).rejects.toMatchObject(refused);
    await producer.close();
  });
});
