import { describe, expect, it } from 'vitest';
import { required } from '../../src/client/admin/outcome.ts';
import {
  Admin,
  type KafkaError,
  Producer,
  type ProducerOptions,
  text,
  topic,
} from '../../src/client/index.ts';

/** A running Apache Kafka, such as `127.0.0.1:9092`. Without one these tests are left out. */
const bootstrapServers = process.env.MILLRACE_TEST_KAFKA ?? '';
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

async function freshTopic(partitions: number): Promise<string> {
  const name = `client-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  await using admin = new Admin({ bootstrapServers });
  required((await admin.topics.create([{ name, partitions, replicationFactor: 1 }])).get(name));
  return name;
}

function producerOf(more: object = {}): Producer {
  return new Producer({ bootstrapServers, lingerMs: 5, ...more } as ProducerOptions);
}

describe.skipIf(bootstrapServers === '')('the producer and Apache Kafka', () => {
  it.each(CODECS)('sends with %s, idempotent, every record at its offset', async (codec) => {
    const words = topic(await freshTopic(1), { key: text, value: text });
    await using producer = producerOf({ compressionType: codec });
    const sent = Array.from({ length: 2_000 }, (_, i) =>
      producer.send(words, { key: `k${i}`, value: `value ${i}`, headers: { a: '1' } }),
    );
    const offsets = (await Promise.all(sent)).map(({ offset }) => offset);
    expect(offsets).toEqual(offsets.map((_, i) => i));
  });

  it.each([0, 1] as const)('sends with acks=%d', async (acks) => {
    const words = topic(await freshTopic(1), { value: text });
    const errors: KafkaError[] = [];
    await using producer = producerOf({ acks, onError: (error: KafkaError) => errors.push(error) });
    const out = producer.to(words);
    for (let i = 0; i < 1_000; i++) if (!out.enqueue(null, `value ${i}`)) await out.ready();
    await producer.flush();
    await using other = producerOf();
    await expect
      .poll(async () => (await other.send(words, { value: '' })).offset)
      .toBeGreaterThanOrEqual(1_000);
    expect(errors).toEqual([]);
  });

  it('commits and aborts transactions, and counts their markers', async () => {
    const words = topic(await freshTopic(1), { value: text });
    await using producer = producerOf({ transactionalId: words.name });
    for (let round = 0; round < 3; round++) {
      await producer.transaction(async () => {
        producer.send(words, { value: 'kept' });
        const offsets = [{ topic: words.name, partition: 0, offset: round }];
        await producer.sendOffsetsToTransaction(offsets, { groupId: words.name });
      });
      await producer.beginTransaction();
      await producer.send(words, { value: 'dropped' });
      await producer.abortTransaction();
    }
    await using other = producerOf();
    const { offset } = await other.send(words, { value: '' });
    expect(offset).toBe(12);
    await using admin = new Admin({ bootstrapServers });
    const committed = async () => {
      return required((await admin.groupOffsets.list([words.name])).get(words.name));
    };
    await expect.poll(committed).toMatchObject([{ offset: 2 }]);
  });

  it('fences the older of two producers', async () => {
    const words = topic(await freshTopic(1), { value: text });
    await using old = producerOf({ transactionalId: words.name });
    await old.beginTransaction();
    await old.send(words, { value: 'old' });
    await using young = producerOf({ transactionalId: words.name });
    await young.beginTransaction();
    await expect(old.commitTransaction()).rejects.toMatchObject({
      category: 'application-recoverable',
    });
    await young.abortTransaction();
  });
});
