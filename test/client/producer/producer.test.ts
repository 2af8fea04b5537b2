import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import type { KafkaError } from '../../../src/client/errors/kafka-error.ts';
import { roundRobin } from '../../../src/client/producer/partitioner.ts';
import { Producer } from '../../../src/client/producer/producer.ts';
import type { ProducerOptions } from '../../../src/client/producer/producer-options.ts';
import type { BatchReport } from '../../../src/client/producer/topic-writer.ts';
import { bytes, custom, json, number, text } from '../../../src/client/serde/serdes.ts';
import { topic } from '../../../src/client/serde/topic.ts';
import { recordsOf } from '../partition-log.ts';

type Broker = Awaited<ReturnType<typeof startBroker>>;

const words = topic('words', { key: text, value: text });

function producerOf(broker: Broker, more: object = {}): Producer {
  const options = { bootstrapServers: broker.bootstrapServers, 'linger.ms': 0, ...more };
  return new Producer(options as ProducerOptions);
}

function readAll(broker: Broker, name: string, partition = 0) {
  return recordsOf(broker.bootstrapServers, { topic: name, partition });
}

async function values(broker: Broker, name: string, partition = 0): Promise<string[]> {
  return (await readAll(broker, name, partition)).map(({ value }) => String(value));
}

describe('Producer', () => {
  it('tells with the receipt where the record went', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    await using producer = producerOf(broker);
    const sent = await producer.send(words, { key: 'k', value: 'one' });
    const where = { topic: 'words', partition: 0, offset: 0 };
    expect(sent).toEqual({ ...where, timestamp: -1, logStartOffset: 0 });
    const more = ['two', 'three'].map((value) => producer.send(words, { value }));
    expect((await Promise.all(more)).map(({ offset }) => offset)).toEqual([1, 2]);
    expect(await values(broker, 'words')).toEqual(['one', 'two', 'three']);
  });

  it('sends without a linger time what did not fit into the batch that left', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    await using producer = producerOf(broker, { 'batch.size': 400 });
    const value = 'x'.repeat(30);
    const sent = Array.from({ length: 500 }, () => producer.send(words, { value }));
    expect((await Promise.all(sent)).at(-1)!.offset).toBe(499);
  });

  it('keeps keys, nulls, text beyond ASCII, headers with duplicates, and timestamps', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    await using producer = producerOf(broker);
    const long = `${'ä'.repeat(200)}😀`;
    const headers = [
      ['a', 'x'],
      ['a', null],
      ['ö', new Uint8Array([1, 2])],
    ] as const;
    await producer.send(words, { key: 'ключ', value: long, headers, timestamp: 5_000 });
    await producer.send(words, { key: 'gone', value: null, timestamp: 4_000 });
    const [first, second] = await readAll(broker, 'words');
    expect(String(first!.key)).toBe('ключ');
    expect(String(first!.value)).toBe(long);
    expect(first!.timestamp).toBe(5_000);
    expect(
      first!.headers.map(({ key, value }) => [key, value === null ? null : [...value]]),
    ).toEqual([
      ['a', [120]],
      ['a', null],
      ['ö', [1, 2]],
    ]);
    expect(second).toMatchObject({ value: null, timestamp: 4_000 });
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'enqueues many records into batches with %s, and reports each batch once',
    async (codec) => {
      await using broker = await startBroker();
      await broker.createTopic('words');
      const reports: BatchReport[] = [];
      await using producer = producerOf(broker, { 'linger.ms': 5, 'compression.type': codec });
      const out = producer.to(words, { onBatch: (report) => reports.push(report) });
      const expected: string[] = [];
      for (let i = 0; i < 3_000; i++) {
        const value = `value ${i} ${'x'.repeat(i % 90)}`;
        expected.push(value);
        if (!out.enqueue(null, value)) await out.ready();
      }
      await producer.flush();
      expect(await values(broker, 'words')).toEqual(expected);
      expect(reports.every(({ error }) => error === null)).toBe(true);
      let next = 0;
      for (const { baseOffset, count } of reports) {
        expect(baseOffset).toBe(next);
        next += count;
      }
      expect(next).toBe(3_000);
    },
  );

  it('enqueues to the partition that is named, whatever the key', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words', { partitions: 3 });
    const reports: BatchReport[] = [];
    await using producer = producerOf(broker);
    const out = producer.to(words, { onBatch: (report) => reports.push(report) });
    for (const partition of [2, 0, 2]) out.enqueue('a', 'v', undefined, undefined, partition);
    await producer.flush();
    const counts = reports.map(({ partition, count }) => [partition, count]).toSorted();
    expect(counts).toEqual([
      [0, 1],
      [2, 2],
    ]);
  });

  it("writes numbers, bytes, JSON and types of one's own", async () => {
    await using broker = await startBroker();
    await broker.createTopic('mixed');
    await using producer = producerOf(broker);
    const day = custom<Date, Date>({
      serialize: (value) => value.toISOString(),
      deserialize: (encoded) => new Date(String(encoded)),
    });
    await producer.send(topic('mixed', { key: number, value: json() }), { key: 1.5, value: [1] });
    const dated = topic('mixed', { key: bytes, value: day });
    await producer.send(dated, { key: Buffer.from('k'), value: new Date(0) });
    const [first, second] = await readAll(broker, 'mixed');
    expect(number.deserialize(first!.key!, 'mixed')).toBe(1.5);
    expect(String(first!.value)).toBe('[1]');
    expect(day.deserialize(second!.value!, 'mixed')).toEqual(new Date(0));
  });

  it('sends by key as Java does, round robin, or where it is told to', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words', { partitions: 12 });
    await using producer = producerOf(broker);
    // As Java's client of Kafka 4.3.1 chooses among 12.
    const chosen = { a: 4, ab: 2, abc: 3, abcd: 8, foobar: 6, äöü: 8, '😀': 9 };
    for (const [key, partition] of Object.entries(chosen)) {
      expect(await producer.send(words, { key, value: '' })).toMatchObject({ partition });
    }
    expect(await producer.send(words, { value: '', partition: 7 })).toMatchObject({ partition: 7 });
    expect(() => producer.send(words, { value: '', partition: 12 })).toThrow('no partition 12');
    await using turning = producerOf(broker, { partitioner: roundRobin() });
    const sent = await Promise.all([1, 2, 3].map(() => turning.send(words, { value: '' })));
    expect(sent.map(({ partition }) => partition)).toEqual([0, 1, 2]);
  });

  it('has no offset to tell with acks=0', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    await using producer = producerOf(broker, { acks: 0 });
    expect(await producer.send(words, { value: 'x' })).toMatchObject({ offset: -1 });
    await expect.poll(() => values(broker, 'words')).toEqual(['x']);
  });

  it('splits a batch that the broker finds too large, and tells each record its offset', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words', { config: { 'max.message.bytes': '2000' } });
    await using producer = producerOf(broker, { 'linger.ms': 5 });
    const sent = Array.from({ length: 64 }, (_, i) =>
      producer.send(words, { value: String(i).padStart(200, '0') }),
    );
    const offsets = (await Promise.all(sent)).map(({ offset }) => offset);
    expect(offsets).toEqual(Array.from({ length: 64 }, (_, i) => i));
    expect((await values(broker, 'words')).map(Number)).toEqual(offsets);
    const huge = producer.send(words, { value: 'x'.repeat(3_000) });
    await expect(huge).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE', topic: 'words' });
    expect((await producer.send(words, { value: 'after' })).offset).toBe(64);
  });

  it('tells onError of a failed receipt that nobody looked at, and only of that', async () => {
    await using broker = await startBroker({ config: { 'auto.create.topics.enable': 'false' } });
    await broker.createTopic('words', { config: { 'max.message.bytes': '1000' } });
    const errors: KafkaError[] = [];
    const onError = (error: KafkaError) => errors.push(error);
    await using producer = producerOf(broker, { onError, maxBlockMs: 100 });
    await expect(producer.send(words, { value: 'x'.repeat(2_000) })).rejects.toThrow();
    expect(errors).toEqual([]);
    producer.send(words, { value: 'y'.repeat(2_000) });
    await producer.flush();
    await expect.poll(() => errors.map(({ code }) => code)).toEqual(['MESSAGE_TOO_LARGE']);
    const missing = topic('missing', { value: text });
    await expect(producer.send(missing, { value: 'z' })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      topic: 'missing',
    });
    expect(errors).toHaveLength(1);
  });

  it('says BUFFER_FULL where nobody waits, and waits in send and in ready', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    const small = { 'buffer.memory': 40_000, 'linger.ms': 5, acks: 1 };
    await using producer = producerOf(broker, small);
    const out = producer.to(words);
    await out.ready();
    const fill = () => {
      for (let i = 0; i < 10_000; i++) out.enqueue(null, 'x'.repeat(100));
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'BUFFER_FULL', retriable: true }));
    await producer.send(words, { value: 'last' });
    await out.ready();
    expect(out.enqueue(null, 'y')).toBe(true);
    await producer.flush();
    const all = await values(broker, 'words');
    expect(all.slice(-2)).toEqual(['last', 'y']);
  });

  it('stops waiting when the signal fires', async () => {
    await using broker = await startBroker({ config: { 'auto.create.topics.enable': 'false' } });
    await using producer = producerOf(broker);
    const signal = AbortSignal.timeout(20);
    const missing = topic('missing', { value: text });
    const sent = producer.send(missing, { value: 'x' }, { signal });
    await expect(sent).rejects.toMatchObject({ code: 'ABORTED', name: 'AbortError' });
    expect(() => producer.send(missing, { value: 'x' }, { signal })).toThrow('was aborted');
  });

  it('delivers what it has before it closes, and takes nothing after', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    const producer = producerOf(broker, { 'linger.ms': 10_000 });
    const sent = producer.send(words, { value: 'x' });
    await producer.close();
    expect((await sent).offset).toBe(0);
    expect(() => producer.send(words, { value: 'y' })).toThrow('closed');
    await producer.close();
  });

  it('says what send takes where it gets something else', async () => {
    await using broker = await startBroker();
    await using producer = producerOf(broker);
    const send = producer.send.bind(producer) as (...wrong: unknown[]) => unknown;
    const wrong = [[{ topic: 'words', value: 'a' }], ['words', { value: 'a' }], [words]];
    for (const each of wrong) {
      expect(() => send(...each)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
    }
  });

  it('refuses settings that exclude each other', () => {
    const make = (more: object) => () =>
      new Producer({ bootstrapServers: 'a:1', ...more } as ProducerOptions);
    expect(make({ enableIdempotence: true, acks: 1 })).toThrow('it needs acks=all');
    expect(make({ 'delivery.timeout.ms': 10 })).toThrow('at least lingerMs + requestTimeoutMs');
    expect(make({ 'compression.type': 'lzma' })).toThrow('expected one of none, gzip');
    expect(make({ bathSize: 1 })).toThrow("did you mean 'batchSize'?");
  });
});
