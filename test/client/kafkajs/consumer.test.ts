import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FacadeServers, SERVERS } from './facade-servers.ts';

const WAIT = { timeout: 15_000 };

describe.each(SERVERS)("the façade's consumer on %s", (kind) => {
  let servers: FacadeServers;

  beforeAll(async () => {
    servers = await FacadeServers.open(kind);
  });

  afterAll(() => servers.close());

  function records(count: number, partition = 0) {
    return Array.from({ length: count }, (_, i) => ({ value: `value ${i}`, partition }));
  }

  async function subscribed(topic: string, groupId = servers.unique('group')) {
    const consumer = servers.kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    return consumer;
  }

  it('hands out so many partitions at once as it may', async () => {
    const topic = await servers.topic(4);
    await servers.send(
      topic,
      [0, 1, 2, 3].flatMap((partition) => records(2, partition)),
    );
    const consumer = await subscribed(topic);
    const busy = new Set<number>();
    let most = 0;
    let seen = 0;
    let meet: () => void = () => undefined;
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    await consumer.run({
      partitionsConsumedConcurrently: 3,
      eachMessage: async ({ partition }) => {
        expect(busy.has(partition)).toBe(false);
        busy.add(partition);
        most = Math.max(most, busy.size);
        if (busy.size === 3) meet();
        await met;
        busy.delete(partition);
        seen++;
      },
    });
    await expect.poll(() => seen, WAIT).toBe(8);
    expect(most).toBe(3);
    await consumer.disconnect();
  });

  it('seeks and pauses before its run has begun', async () => {
    const topic = await servers.topic(2);
    await servers.send(topic, [...records(5), ...records(1, 1)]);
    const consumer = await subscribed(topic);
    const offsets: string[] = [];
    const running = consumer.run({
      eachMessage: async ({ partition, message }) => {
        offsets.push(`${partition}/${message.offset}`);
      },
    });
    consumer.seek({ topic, partition: 0, offset: '3' });
    consumer.pause([{ topic, partitions: [1] }]);
    await running;
    await expect.poll(() => offsets, WAIT).toEqual(['0/3', '0/4']);
    consumer.resume([{ topic, partitions: [1] }]);
    await expect.poll(() => offsets, WAIT).toEqual(['0/3', '0/4', '1/0']);
    await consumer.disconnect();
  });

  it('is in no group where it stops before its run has begun', async () => {
    const consumer = await subscribed(await servers.topic());
    const running = consumer.run({ eachMessage: async () => undefined });
    await consumer.stop();
    await running;
    expect(() => consumer.pause([])).toThrow('consumer#run must be called first');
    expect((await consumer.describeGroup()).members).toEqual([]);
    await consumer.disconnect();
  });

  it('starts from the beginning where the committed offset lies beyond the end', async () => {
    const topic = await servers.topic();
    await servers.send(topic, records(2));
    const groupId = servers.unique('group');
    const partitions = [{ partition: 0, offset: '11' }];
    await servers.administer((admin) => admin.setOffsets({ groupId, topic, partitions }));
    const consumer = await subscribed(topic, groupId);
    const offsets: string[] = [];
    await consumer.run({ eachMessage: async ({ message }) => void offsets.push(message.offset) });
    await expect.poll(() => offsets, WAIT).toEqual(['0', '1']);
    await consumer.disconnect();
  });

  it('tells of a range without records for readers, and commits it', async () => {
    const topic = await servers.topic();
    const transactionalId = servers.unique('transactional');
    const producer = servers.kafka.producer({ transactionalId, idempotent: true });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: records(2) });
    await transaction.abort();
    await producer.disconnect();
    const groupId = servers.unique('group');
    const consumer = await subscribed(topic, groupId);
    const batches: object[] = [];
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => batches.push(payload));
    const handed: unknown[] = [];
    await consumer.run({ eachBatch: async (payload) => void handed.push(payload) });
    const range = { batchSize: 0, firstOffset: '0', lastOffset: '2', highWatermark: '3' };
    await expect.poll(() => batches, WAIT).toMatchObject([range]);
    await consumer.disconnect();
    expect(handed).toEqual([]);
    const [offsets] = await servers.administer((admin) => {
      return admin.fetchOffsets({ groupId, topics: [topic] });
    });
    expect(offsets!.partitions).toMatchObject([{ partition: 0, offset: '3' }]);
  });

  it('takes names of topics and headers that every object has', async () => {
    const topic = 'toString';
    await servers.administer((admin) => admin.createTopics({ topics: [{ topic }] }));
    const producer = servers.kafka.producer();
    await producer.connect();
    const value = servers.unique('value');
    const headers = { constructor: ['1', '2'], valueOf: '3' };
    await producer.send({ topic, messages: [{ value, headers }] });
    await producer.disconnect();
    const consumer = await subscribed(topic);
    const joins: { memberAssignment: object }[] = [];
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => joins.push(payload));
    const found: object[] = [];
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (String(message.value) === value) found.push(message.headers);
      },
    });
    const [one, two, three] = ['1', '2', '3'].map((text) => Buffer.from(text));
    await expect.poll(() => found, WAIT).toEqual([{ constructor: [one, two], valueOf: three }]);
    expect(joins[0]!.memberAssignment).toEqual({ toString: [0] });
    await consumer.disconnect();
  });
});
