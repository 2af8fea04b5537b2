import { afterEach, describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { Consumer, Producer, type ProducerOptions, text, topic } from '#millrace/client/index';
import { installPacker, type Packer, packer } from '#millrace/client/producer/packer';
import { BATCH_HEADER_SIZE } from '#millrace/records/batch-layout';
import { compress } from '#millrace/records/compression';

type Broker = Awaited<ReturnType<typeof startBroker>>;

const words = topic('words', { key: text, value: text });
const threads = packer;

afterEach(() => installPacker(threads));

/** Compresses nothing before it is told to. */
class HeldPacker implements Packer {
  readonly held: { finish(): void; fail(error: Error): void }[] = [];

  pack(codec: number, level: number | undefined, records: Uint8Array): Promise<Buffer> {
    const copy = new Uint8Array(records);
    return new Promise((resolve, reject) => {
      const finish = () => {
        const packed = compress(codec, copy, level);
        resolve(Buffer.concat([Buffer.alloc(BATCH_HEADER_SIZE), packed]));
      };
      this.held.push({ finish, fail: reject });
    });
  }
}

function producerOf(broker: Broker, more: object): Producer {
  const { bootstrapServers } = broker;
  const own = { bootstrapServers, 'compression.type': 'gzip', 'batch.size': 200, 'linger.ms': 1 };
  return new Producer({ ...own, ...more } as ProducerOptions);
}

async function valuesOf(broker: Broker, count: number): Promise<string[]> {
  const { bootstrapServers } = broker;
  const options = { bootstrapServers, autoOffsetReset: 'earliest' } as const;
  await using consumer = new Consumer<string | null, string | null>(options);
  consumer.assign([{ topic: 'words', partition: 0 }], [words]);
  const values: string[] = [];
  for await (const { value } of consumer) if (values.push(value!) === count) break;
  return values;
}

/** A value fills a batch, so that each of them is in its own. */
const VALUES = ['one', 'two', 'three', 'four'].map((word) => word.padEnd(120, '.'));

describe('a batch that is compressed elsewhere', () => {
  it('keeps its place, however long it takes', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    const held = new HeldPacker();
    installPacker(held);
    await using producer = producerOf(broker, {});
    await producer.to(words).ready();
    const sent = VALUES.map((value) => producer.send(words, { value }));
    await expect.poll(() => held.held.length).toBe(4);
    for (const each of held.held.toReversed()) each.finish();
    expect((await Promise.all(sent)).map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
    expect(await valuesOf(broker, 4)).toEqual(VALUES);
  });

  it('fails alone where its thread does, and says so', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    const held = new HeldPacker();
    installPacker(held);
    await using producer = producerOf(broker, {});
    await producer.to(words).ready();
    const sent = VALUES.map((value) => producer.send(words, { value }));
    await expect.poll(() => held.held.length).toBe(4);
    held.held[1]!.fail(new Error('the thread is gone'));
    for (const at of [0, 2, 3]) held.held[at]!.finish();
    await expect(sent[1]).rejects.toMatchObject({
      code: 'COMPRESSION',
      message: 'partition words-0: a batch cannot be compressed by gzip: the thread is gone',
    });
    expect((await sent[3])!.offset).toBe(2);
    expect(await valuesOf(broker, 3)).toEqual([VALUES[0], VALUES[2], VALUES[3]]);
  });

  it('fails by its time while it is compressed, and nothing comes of it afterwards', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    const held = new HeldPacker();
    installPacker(held);
    const times = { 'delivery.timeout.ms': 300, 'request.timeout.ms': 250 };
    await using producer = producerOf(broker, times);
    await producer.to(words).ready();
    const late = producer.send(words, { value: VALUES[0]! });
    await expect(late).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT' });
    held.held[0]!.finish();
    const next = producer.send(words, { value: VALUES[1]! });
    await expect.poll(() => held.held.length).toBe(2);
    held.held[1]!.finish();
    expect((await next).offset).toBe(0);
  });

  it('goes through threads of its own where it is large', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    const large = { 'batch.size': 400_000, 'linger.ms': 20, 'compression.gzip.level': 1 };
    await using producer = producerOf(broker, large);
    const values = Array.from({ length: 3_000 }, (_, i) => `value ${i} `.padEnd(200, '.'));
    const sent = values.map((value) => producer.send(words, { value }));
    expect((await Promise.all(sent)).at(-1)!.offset).toBe(2_999);
    expect(await valuesOf(broker, 3_000)).toEqual(values);
  });

  it('takes no level that its codec does not have', () => {
    const given = { bootstrapServers: 'localhost:1', 'compression.gzip.level': 10 };
    expect(() => new Producer(given as ProducerOptions)).toThrow(/compressionGzipLevel/);
  });
});
