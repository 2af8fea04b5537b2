import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { text } from '../../../src/client/serde/serdes.ts';
import { topic } from '../../../src/client/serde/topic.ts';
import type { AcknowledgedPartition } from '../../../src/client/share/acknowledged-partition.ts';
import { ShareConsumer } from '../../../src/client/share/share-consumer.ts';
import { batchOf, ScriptedQueue, TOPIC_ID } from './scripted-queue.ts';

const ACCEPTED = [1];
const RELEASED = [2];
const REJECTED = [3];
const RENEWED = [4];
const GAP = [0];
const ORDERS = topic('orders', { value: text });

function memberOf({ bootstrapServers }: ScriptedQueue, more = {}) {
  const quick = { retryBackoffMs: 2, retryBackoffMaxMs: 5, fetchMaxWaitMs: 5 };
  const told: AcknowledgedPartition[] = [];
  const member = new ShareConsumer({
    bootstrapServers,
    groupId: 'g',
    topics: [ORDERS],
    onAcknowledged: (partitions) => told.push(...partitions),
    ...quick,
    ...more,
  });
  return Object.assign(member, { told });
}

const explicit = { shareAcknowledgementMode: 'explicit' } as const;

describe('ShareConsumer', () => {
  it('tells a partition once in its session, and accepts with the next fetch', async () => {
    await using queue = await ScriptedQueue.start();
    queue.offer(2);
    await using member = memberOf(queue);
    expect((await member.poll()).map(({ value }) => value)).toEqual(['value 0', 'value 1']);
    queue.offer(1, 2);
    await member.poll();
    await expect.poll(() => member.told).toMatchObject([{ offsets: [0, 1], error: null }]);
    expect(queue.said).toMatchObject([{ node: 1, offsets: [0, 1], types: ACCEPTED }]);
    const [first, second] = queue.fetches;
    expect(first).toMatchObject({ shareSessionEpoch: 0, topics: [{ topicId: TOPIC_ID }] });
    expect(first!.topics[0]!.partitions[0]!.acknowledgementBatches).toEqual([]);
    expect(second).toMatchObject({ shareSessionEpoch: 1, forgottenTopicsData: [] });
    expect(queue.fetches.slice(2).every(({ topics }) => topics.length === 0)).toBe(true);
  });

  it('fetches nothing while nobody waits and while something is left to hand out', async () => {
    await using queue = await ScriptedQueue.start();
    queue.offer(3);
    await using member = memberOf(queue, { maxPollRecords: 1, ...explicit });
    for (let i = 0; i < 3; i++) {
      const [record] = await member.poll();
      expect(record!.offset).toBe(i);
      record!.accept();
    }
    expect(queue.fetches.filter(({ shareSessionEpoch }) => shareSessionEpoch > 0)).toEqual([]);
  });

  it('says of each record what it was told, in as few batches as there can be', async () => {
    await using queue = await ScriptedQueue.start();
    queue.offer(6);
    await using member = memberOf(queue, explicit);
    const records = await member.poll();
    for (const { offset } of records) {
      const record = records[offset]!;
      if (offset < 2) record.accept();
      else if (offset < 5) record.reject();
      else record.release();
    }
    records[4]!.accept();
    const outcome = { topic: 'orders', partition: 0, offsets: [0, 1, 2, 3, 4, 5], error: null };
    expect(await member.commit()).toEqual([outcome]);
    expect(member.told).toEqual([outcome]);
    expect(queue.said).toMatchObject([
      { offsets: [0, 1], types: ACCEPTED },
      { offsets: [2, 3], types: REJECTED },
      { offsets: [4, 4], types: ACCEPTED },
      { offsets: [5, 5], types: RELEASED },
    ]);
  });

  it('forgets a partition that it need not fetch any more', async () => {
    await using queue = await ScriptedQueue.start();
    queue.assigned = [0, 1];
    queue.offer(1, 0, 1);
    await using member = memberOf(queue);
    await member.poll();
    queue.assigned = [0];
    await expect.poll(() => member.assignment.length).toBe(1);
    queue.offer(1);
    await member.poll();
    queue.offer(1, 1);
    await member.poll();
    const forgotten = queue.fetches.flatMap(({ forgottenTopicsData }) => forgottenTopicsData);
    // It is acknowledged in the first fetch after it was revoked, so the second one forgets it.
    expect(forgotten).toEqual([{ topicId: TOPIC_ID, partitions: [1] }]);
    expect(queue.said[0]).toMatchObject({ partition: 1, types: ACCEPTED });
  });

  it('follows a leader that moves, and reports what the old one does not take', async () => {
    await using queue = await ScriptedQueue.start();
    queue.offer(1);
    await using member = memberOf(queue);
    await member.poll();
    queue.leader = 2;
    queue.leaderEpoch = 2;
    queue.offer(1, 1);
    const [record] = await member.poll();
    expect(record!.offset).toBe(1);
    expect(queue.fetches.at(-1)).toMatchObject({ node: 2 });
    expect(member.told).toMatchObject([
      { offsets: [0], error: { code: 'NOT_LEADER_OR_FOLLOWER', retriable: true } },
    ]);
  });

  it.each(['SHARE_SESSION_NOT_FOUND', 'INVALID_SHARE_SESSION_EPOCH'] as const)(
    'opens a new session after %s',
    async (code) => {
      await using queue = await ScriptedQueue.start();
      queue.offer(2);
      await using member = memberOf(queue, { maxPollRecords: 1 });
      await member.poll();
      queue.requestErrors.push(ERROR[code]);
      expect(await member.commit()).toMatchObject([{ offsets: [0], error: { code } }]);
      queue.offers.push({ records: batchOf(2, 0), acquired: [[0, 1, 2]] });
      const [again] = await member.poll();
      expect(again).toMatchObject({ offset: 0, deliveryCount: 2 });
      const epochs = queue.fetches.map(({ shareSessionEpoch }) => shareSessionEpoch);
      expect(epochs.filter((epoch) => epoch === 0).length).toBe(2);
    },
  );

  it('drops with a connection what was acquired in it, and fails no loop', async () => {
    await using queue = await ScriptedQueue.start();
    queue.offer(2);
    await using member = memberOf(queue, explicit);
    const held = await member.poll();
    held[0]!.accept();
    held[1]!.accept();
    queue.cuts = 1;
    queue.offers.push({ records: batchOf(2, 0), acquired: [[0, 1, 2]] });
    const again = await member.poll();
    expect(again.map(({ deliveryCount }) => deliveryCount)).toEqual([2, 2]);
    expect(member.told).toMatchObject([
      { offsets: [0, 1], error: { code: 'NETWORK_EXCEPTION', retriable: true } },
    ]);
    again[0]!.accept();
    again[1]!.accept();
    expect(await member.commit()).toMatchObject([{ offsets: [0, 1], error: null }]);
  });

  it('says once more what a broker could not take for the moment', async () => {
    await using queue = await ScriptedQueue.start();
    queue.offer(1);
    await using member = memberOf(queue);
    await member.poll();
    queue.acknowledgeErrors.push(ERROR.COORDINATOR_NOT_AVAILABLE, ERROR.NOT_COORDINATOR);
    expect(await member.commit()).toMatchObject([{ offsets: [0], error: null }]);
    expect(queue.said.map(({ epoch }) => epoch)).toEqual([
      ...new Set(queue.said.map((s) => s.epoch)),
    ]);
    expect(queue.said.length).toBe(3);
  });

  it('takes a gap for done, rejects a damaged batch and releases what it was not sent', async () => {
    await using queue = await ScriptedQueue.start();
    const damaged = batchOf(2, 10);
    damaged[damaged.length - 1]! ^= 1;
    const records = Buffer.concat([batchOf(1, 1), batchOf(1, 3), damaged, batchOf(1, 20)]);
    queue.offers.push({
      records,
      acquired: [
        [0, 3, 1],
        [10, 12, 1],
        [20, 22, 4],
      ],
    });
    await using member = memberOf(queue, explicit);
    await expect(member.poll()).rejects.toMatchObject({ code: 'CORRUPT_MESSAGE', partition: 0 });
    const good = await member.poll();
    expect(good.map(({ offset, deliveryCount }) => [offset, deliveryCount])).toEqual([
      [1, 1],
      [3, 1],
      [20, 4],
    ]);
    for (const record of good) record.accept();
    expect(await member.commit()).toMatchObject([{ offsets: [1, 3, 20], error: null }]);
    expect(queue.said.map(({ offsets: [first, last], types }) => [first, last, ...types])).toEqual([
      [0, 0, ...GAP],
      [1, 1, ...ACCEPTED],
      [2, 2, ...GAP],
      [3, 3, ...ACCEPTED],
      [10, 11, ...REJECTED],
      [12, 12, ...GAP],
      [20, 20, ...ACCEPTED],
      [21, 22, ...RELEASED],
    ]);
  });

  it('renews a lock by itself, and can still say what becomes of the record', async () => {
    await using queue = await ScriptedQueue.start();
    queue.offer(2);
    await using member = memberOf(queue, explicit);
    const [record, other] = await member.poll();
    const { lockedUntilMs } = record!;
    await record!.renew();
    expect(record!.lockedUntilMs).toBeGreaterThan(lockedUntilMs);
    expect(queue.said).toMatchObject([{ offsets: [0, 0], types: RENEWED }]);
    queue.acknowledgeErrors.push(ERROR.INVALID_RECORD_STATE);
    await expect(other!.renew()).rejects.toMatchObject({ code: 'INVALID_RECORD_STATE' });
    record!.accept();
    other!.release();
    await member.commit();
    expect(queue.said.slice(2)).toMatchObject([{ types: ACCEPTED }, { types: RELEASED }]);
    await expect(record!.renew()).rejects.toMatchObject({ code: 'INVALID_RECORD_STATE' });
  });

  it('releases the record that a loop failed with', async () => {
    await using queue = await ScriptedQueue.start();
    queue.offer(3);
    await using member = memberOf(queue);
    const loop = async () => {
      for await (const record of member) if (record.offset === 1) throw new Error('no');
    };
    await expect(loop()).rejects.toThrow('no');
    const rest = await member.poll();
    expect(rest.map(({ offset }) => offset)).toEqual([2]);
    await member.commit();
    expect(queue.said).toMatchObject([
      { offsets: [0, 0], types: ACCEPTED },
      { offsets: [1, 1], types: RELEASED },
      { offsets: [2, 2], types: ACCEPTED },
    ]);
  });

  it('asks one broker at a time where the limit is one of records', async () => {
    await using queue = await ScriptedQueue.start();
    queue.offer(3);
    await using member = memberOf(queue, { shareAcquireMode: 'record_limit', maxPollRecords: 3 });
    await member.poll();
    expect(queue.fetches[0]).toMatchObject({ shareAcquireMode: 1, maxRecords: 3, batchSize: 3 });
  });

  it('joins anew once it is fenced, and leaves with what it has to say', async () => {
    await using queue = await ScriptedQueue.start();
    queue.offer(1);
    const member = memberOf(queue, explicit);
    const [record] = await member.poll();
    queue.heartbeatErrors.push(ERROR.FENCED_MEMBER_EPOCH);
    const joins = () => queue.heartbeats.filter(({ memberEpoch }) => memberEpoch === 0).length;
    await expect.poll(joins).toBe(2);
    record!.accept();
    await member.close();
    expect(queue.said).toMatchObject([{ epoch: -1, offsets: [0, 0], types: ACCEPTED }]);
    expect(queue.heartbeats.at(-1)).toMatchObject({ memberEpoch: -1 });
    expect(member.told).toMatchObject([{ offsets: [0], error: null }]);
  });

  it('refuses what cannot be', async () => {
    await using queue = await ScriptedQueue.start();
    const { bootstrapServers } = queue;
    expect(() => new ShareConsumer({ bootstrapServers, groupId: '' })).toThrow('groupId');
    const more = { shareAcquireMode: 'all' as 'record_limit' };
    expect(() => memberOf(queue, more)).toThrow(/'shareAcquireMode': expected batch_optimized or/);
    await using member = new ShareConsumer({ bootstrapServers, groupId: 'g' });
    await expect(member.poll()).rejects.toThrow('not subscribed');
    member.subscribe(['orders']);
    const waiting = member.poll({ timeoutMs: 1_000 });
    await expect(member.poll()).rejects.toThrow('another poll');
    await member.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
