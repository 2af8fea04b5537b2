import { describe, expect, it } from 'vitest';
import { allRequired, required } from '../../../src/client/admin/outcome.ts';
import {
  type AcknowledgedPartition,
  Admin,
  Consumer,
  Producer,
  ShareConsumer,
  type ShareConsumerOptions,
  type ShareRecord,
  text,
  topic,
} from '../../../src/client/index.ts';

/** A running Apache Kafka, such as `127.0.0.1:9092`. Without one these tests are left out. */
const bootstrapServers = process.env.MILLRACE_TEST_KAFKA ?? '';

type Words = ReturnType<typeof words>;

function words(name: string) {
  return topic(name, { key: text, value: text });
}

/** A topic with records, and a group of the same name that begins at the first of them. */
async function queueOf(count: number, partitions = 1, groupConfig = {}): Promise<Words> {
  const name = `share-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  await using admin = new Admin({ bootstrapServers });
  required((await admin.topics.create([{ name, partitions, replicationFactor: 1 }])).get(name));
  const config = { 'share.auto.offset.reset': 'earliest', ...groupConfig };
  const changes = Object.entries(config).map(([key, value]) => ({ name: key, value: `${value}` }));
  allRequired(await admin.configs.alter([{ resource: { type: 'group', name }, changes }]));
  await send(words(name), count);
  return words(name);
}

async function send(to: Words, count: number): Promise<void> {
  await using producer = new Producer({ bootstrapServers, lingerMs: 5 });
  const sent = Array.from({ length: count }, (_, i) =>
    producer.send(to, { key: `k${i}`, value: `value ${i}` }),
  );
  await Promise.all(sent);
}

function memberOf(of: Words, more: Partial<ShareConsumerOptions> = {}) {
  const { name: groupId } = of;
  const options = { bootstrapServers, groupId, onError: () => undefined, ...more };
  return new ShareConsumer({ ...options, topics: [of] } as never) as ShareConsumer<
    string | null,
    string | null
  >;
}

type Word = ShareRecord<string | null, string | null>;

/** Records until there are so many. */
async function pollUntil(queue: ReturnType<typeof memberOf>, count: number): Promise<Word[]> {
  const records: Word[] = [];
  while (records.length < count) records.push(...(await queue.poll({ timeoutMs: 20_000 })));
  return records;
}

const valuesOf = (records: readonly Word[]) => records.map(({ value }) => value);
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `value ${i}`);

describe.skipIf(bootstrapServers === '')('the share consumer and Apache Kafka', () => {
  it('hands out each record once, in a loop, and accepts what the loop leaves behind', async () => {
    const queue = await queueOf(1_200, 3);
    const seen: (string | null)[] = [];
    {
      await using member = memberOf(queue);
      for await (const record of member) {
        expect(record.deliveryCount).toBe(1);
        seen.push(record.value);
        if (seen.length < 1_200) continue;
        record.accept();
        break;
      }
    }
    expect(seen.sort()).toEqual(numbered(1_200).sort());
    await using next = memberOf(queue);
    expect(next.acquisitionLockTimeoutMs).toBe(undefined);
    expect(await next.poll({ timeoutMs: 3_000 })).toEqual([]);
    expect(next.acquisitionLockTimeoutMs).toBe(30_000);
  });

  it('delivers again what a loop was left with, and counts the deliveries', async () => {
    const queue = await queueOf(3);
    await using member = memberOf(queue);
    for await (const record of member) {
      expect(record.value).toBe('value 0');
      break;
    }
    const again = new Map<string | null, number>();
    for await (const record of member) {
      again.set(record.value, record.deliveryCount);
      if (again.size === 3) break;
    }
    expect(again.get('value 0')).toBe(2);
  });

  it('releases, rejects and accepts record by record', async () => {
    const queue = await queueOf(4);
    const told: AcknowledgedPartition[] = [];
    await using member = memberOf(queue, {
      shareAcknowledgementMode: 'explicit',
      onAcknowledged: (partitions) => told.push(...partitions),
    });
    const [first, second, third, fourth] = await pollUntil(member, 4);
    first!.accept();
    second!.release();
    third!.reject();
    await expect(member.poll()).rejects.toMatchObject({ code: 'INVALID_RECORD_STATE' });
    fourth!.release();
    fourth!.accept();
    const [outcome] = await member.commit();
    expect(outcome).toMatchObject({ offsets: [0, 1, 2, 3], error: null });
    expect(told).toEqual([outcome]);
    expect(() => first!.release()).toThrow(/not held any more/);
    const again = await pollUntil(member, 1);
    expect(again.map(({ offset, deliveryCount }) => [offset, deliveryCount])).toEqual([[1, 2]]);
    again[0]!.accept();
    member.commitAsync();
    await expect.poll(() => told.length).toBe(2);
    expect(told[1]).toMatchObject({ offsets: [1], error: null });
  });

  it('gives to another member what nobody said anything of within the lock', async () => {
    const queue = await queueOf(2, 1, { 'share.record.lock.duration.ms': 15_000 });
    await using slow = memberOf(queue, { shareAcknowledgementMode: 'explicit' });
    const held = await pollUntil(slow, 2);
    expect(slow.acquisitionLockTimeoutMs).toBe(15_000);
    await using other = memberOf(queue);
    const taken = await pollUntil(other, 2);
    expect(taken.map(({ deliveryCount }) => deliveryCount)).toEqual([2, 2]);
    for (const record of held) record.accept();
    const [outcome] = await slow.commit();
    expect(outcome).toMatchObject({ offsets: [0, 1], error: { code: 'INVALID_RECORD_STATE' } });
  });

  it('keeps a record by renewing its lock', async () => {
    const queue = await queueOf(1, 1, { 'share.record.lock.duration.ms': 15_000 });
    await using member = memberOf(queue, { shareAcknowledgementMode: 'explicit' });
    const [record] = await pollUntil(member, 1);
    const { lockedUntilMs } = record!;
    for (let round = 0; round < 2; round++) {
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      await record!.renew();
    }
    expect(record!.lockedUntilMs).toBeGreaterThan(lockedUntilMs + 15_000);
    await using other = memberOf(queue);
    expect(await other.poll({ timeoutMs: 1_000 })).toEqual([]);
    record!.accept();
    expect(await member.commit()).toMatchObject([{ offsets: [0], error: null }]);
  });

  it('shares one partition between many members, each record to one of them', async () => {
    const queue = await queueOf(0);
    const seen = new Map<string | null, number>();
    const ending = new AbortController();
    const members = Array.from({ length: 4 }, () => memberOf(queue, { maxPollRecords: 50 }));
    const work = members.map(async (member) => {
      let own = 0;
      for await (const { value } of member.records({ signal: ending.signal })) {
        seen.set(value, (seen.get(value) ?? 0) + 1);
        own++;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return own;
    });
    await send(queue, 2_000);
    await expect.poll(() => seen.size, { timeout: 40_000 }).toBe(2_000);
    ending.abort();
    const shares = await Promise.all(work);
    await Promise.all(members.map((member) => member.close()));
    expect([...seen.values()].every((count) => count === 1)).toBe(true);
    expect(shares.filter((own) => own > 0).length).toBeGreaterThan(1);
  });

  it('acquires no more than the limit, where it is one of records', async () => {
    const queue = await queueOf(100);
    await using member = memberOf(queue, { shareAcquireMode: 'record_limit', maxPollRecords: 7 });
    const first = await pollUntil(member, 7);
    expect(valuesOf(first)).toEqual(numbered(7));
    await using other = memberOf(queue, { maxPollRecords: 1_000 });
    const rest = await pollUntil(other, 93);
    expect(valuesOf(rest)).toEqual(numbered(100).slice(7));
  });

  it('steps over markers of transactions and what was aborted', async () => {
    const queue = await queueOf(0, 1, { 'share.isolation.level': 'read_committed' });
    {
      await using producer = new Producer({ bootstrapServers, transactionalId: queue.name });
      await producer.transaction(async () => void producer.send(queue, { value: 'kept' }));
      await producer.beginTransaction();
      await producer.send(queue, { value: 'dropped' });
      await producer.abortTransaction();
      await producer.transaction(async () => void producer.send(queue, { value: 'kept too' }));
    }
    await using member = memberOf(queue);
    const records = await pollUntil(member, 2);
    expect(valuesOf(records)).toEqual(['kept', 'kept too']);
    expect((await member.commit()).every(({ error }) => error === null)).toBe(true);
    expect(await member.poll({ timeoutMs: 1_000 })).toEqual([]);
  });

  it('follows its subscription from topic to topic', async () => {
    const [one, two] = [await queueOf(2), await queueOf(2)];
    await using member = memberOf(one);
    await pollUntil(member, 2);
    member.subscribe([one, two]);
    const group = { type: 'group', name: one.name } as const;
    await using admin = new Admin({ bootstrapServers });
    expect(allRequired(await admin.configs.describe([group])).length).toBe(1);
    const more = await pollUntil(member, 2);
    expect(new Set(more.map((record) => record.topic))).toEqual(new Set([two.name]));
    member.subscribe([two]);
    await send(two, 1);
    expect((await pollUntil(member, 1))[0]!.topic).toBe(two.name);
    await expect.poll(() => member.assignment.length).toBe(1);
  });

  it('says what is wrong where the group is of another type', async () => {
    const queue = await queueOf(1);
    const { name: groupId } = queue;
    const more = { autoOffsetReset: 'earliest', groupProtocol: 'consumer' } as const;
    await using consumer = new Consumer({ bootstrapServers, groupId, topics: [queue], ...more });
    for await (const record of consumer) {
      expect(record.value).toBe('value 0');
      break;
    }
    await using member = memberOf(queue);
    await expect(member.poll()).rejects.toMatchObject({ retriable: false });
    await expect(member.poll()).rejects.toThrow(groupId);
  });

  it('ends a poll by its signal, and is of no more use once it is closed', async () => {
    const queue = await queueOf(0);
    await using member = memberOf(queue);
    const waiting = member.poll({ signal: AbortSignal.timeout(200) });
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(member.poll({ timeoutMs: 100 })).resolves.toEqual([]);
    await member.close();
    await expect(member.poll()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
