import { describe, expect, it, vi } from 'vitest';
import { FakeServer, settled } from './fake-web-socket.ts';

describe('an idempotent produce', () => {
  const options = { idempotent: true, partition: 0 } as const;

  it('is repeated with the same sequence until it is answered', async () => {
    const server = new FakeServer();
    const one = server.client.produce('t', [{ value: 'a' }, { value: 'b' }], options);
    const other = server.client.produce('t', [{ value: 'c' }], options);
    const first = await server.accepted();
    first.answer('producer', { producerId: 40, producerEpoch: 0 });
    await expect.poll(() => first.all('produce').length).toBe(1);
    expect(first.last('produce')).toMatchObject({ producerId: 40, sequence: 0 });
    first.lose();
    const second = await server.accepted(1);
    expect(second.last('produce')).toMatchObject({ producerId: 40, sequence: 0 });
    const failed = [{ partition: 0, code: 'NOT_LEADER_OR_FOLLOWER', retry: true }];
    second.refuse('produce', 'produce_failed', false, { failed });
    await expect.poll(() => second.all('produce').length).toBe(2);
    expect(second.last('produce')).toMatchObject({ sequence: 0 });
    second.answer('produce', { offsets: [{ partition: 0, base: 10, count: 2 }] });
    expect(await one).toEqual([{ partition: 0, base: 10, count: 2 }]);
    await expect.poll(() => second.all('produce').length).toBe(3);
    expect(second.last('produce')).toMatchObject({ sequence: 2, records: [{ value: 'c' }] });
    second.answer('produce', { offsets: [{ partition: 0, base: 12, count: 1 }] });
    await other;
    server.client.close();
  });

  it('fails for good with what does not pass, and begins anew with another producer', async () => {
    const server = new FakeServer();
    const one = server.client.produce('t', [{ value: 'a' }], options);
    const socket = await server.accepted();
    socket.answer('producer', { producerId: 40, producerEpoch: 0 });
    await expect.poll(() => socket.all('produce').length).toBe(1);
    socket.refuse('produce', 'forbidden', false);
    await expect(one).rejects.toMatchObject({ code: 'forbidden' });
    const other = server.client.produce('t', [{ value: 'b' }], options);
    await expect.poll(() => socket.all('producer').length).toBe(2);
    socket.answer('producer', { producerId: 41, producerEpoch: 0 });
    await expect.poll(() => socket.all('produce').length).toBe(2);
    expect(socket.last('produce')).toMatchObject({ producerId: 41, sequence: 0 });
    socket.answer('produce', { offsets: [{ partition: 0, base: 0, count: 1 }] });
    await other;
    server.client.close();
  });

  it('asks for its identity again after the broker could not give one', async () => {
    const server = new FakeServer();
    const produced = server.client.produce('t', [{ value: 'a' }], options);
    const socket = await server.accepted();
    await expect.poll(() => socket.all('producer').length).toBe(1);
    socket.refuse('producer', 'unavailable', true);
    await expect.poll(() => socket.all('producer').length).toBe(2);
    socket.answer('producer', { producerId: 40, producerEpoch: 0 });
    await expect.poll(() => socket.all('produce').length).toBe(1);
    expect(socket.last('produce')).toMatchObject({ producerId: 40, sequence: 0 });
    socket.answer('produce', { offsets: [{ partition: 0, base: 0, count: 1 }] });
    expect(await produced).toEqual([{ partition: 0, base: 0, count: 1 }]);
    server.client.close();
  });

  it('gives what waits behind a failure another producer, not the same sequence', async () => {
    const server = new FakeServer();
    const one = server.client.produce('t', [{ value: 'a' }], options);
    const other = server.client.produce('t', [{ value: 'b' }], options);
    const socket = await server.accepted();
    await expect.poll(() => socket.all('producer').length).toBe(1);
    socket.answer('producer', { producerId: 40, producerEpoch: 0 });
    await expect.poll(() => socket.all('produce').length).toBe(1);
    socket.refuse('produce', 'internal', false);
    await expect(one).rejects.toMatchObject({ code: 'internal' });
    await expect.poll(() => socket.all('producer').length).toBe(2);
    socket.answer('producer', { producerId: 41, producerEpoch: 0 });
    await expect.poll(() => socket.all('produce').length).toBe(2);
    const records = [{ value: 'b' }];
    expect(socket.last('produce')).toMatchObject({ producerId: 41, sequence: 0, records });
    socket.answer('produce', { offsets: [{ partition: 0, base: 1, count: 1 }] });
    await other;
    server.client.close();
  });
});

describe('an idempotent produce by key', () => {
  const options = { idempotent: true } as const;

  function topicOf(partitionCount: number): object {
    const partitions = Array.from({ length: partitionCount }, (_, partition) => ({ partition }));
    return { topics: [{ topic: 't', partitions }] };
  }

  it('counts the partitions again when one that it counted is gone', async () => {
    const server = new FakeServer();
    const records = Array.from({ length: 8 }, (_, i) => ({ key: `k${i}`, value: `v${i}` }));
    const produced = server.client.produce('t', records, options);
    const socket = await server.accepted();
    socket.answer('topics', topicOf(2));
    await expect.poll(() => socket.all('producer').length).toBe(1);
    socket.answer('producer', { producerId: 40, producerEpoch: 0 });
    await expect.poll(() => socket.all('produce').length).toBe(2);
    const [first, second] = socket.all('produce');
    const kept = first!.partition === 0 ? first! : second!;
    const gone = first!.partition === 0 ? second! : first!;
    const keptCount = (kept.records as object[]).length;
    const offsets = [{ partition: 0, base: 0, count: keptCount }];
    socket.say({ type: 'ok', id: kept.id, offsets });
    const refusal = { code: 'unknown_partition', message: 't has no partition 1', retry: false };
    socket.say({ type: 'error', id: gone.id, ...refusal });
    await expect.poll(() => socket.all('topics').length).toBe(2);
    socket.answer('topics', topicOf(1));
    await expect.poll(() => socket.all('producer').length).toBe(2);
    socket.answer('producer', { producerId: 41, producerEpoch: 0 });
    await expect.poll(() => socket.all('produce').length).toBe(3);
    expect(socket.last('produce')).toMatchObject({ partition: 0, records: gone.records });
    const rest = { partition: 0, base: keptCount, count: 8 - keptCount };
    socket.answer('produce', { offsets: [rest] });
    expect(await produced).toEqual(kept === first ? [...offsets, rest] : [rest, ...offsets]);
    server.client.close();
  });

  it('fails where the topic has not changed, and where the caller named the partition', async () => {
    const server = new FakeServer();
    const socket = await server.accepted();
    const produced = server.client.produce('t', [{ key: 'a' }], options);
    socket.answer('topics', topicOf(1));
    await expect.poll(() => socket.all('producer').length).toBe(1);
    socket.answer('producer', { producerId: 40, producerEpoch: 0 });
    await expect.poll(() => socket.all('produce').length).toBe(1);
    socket.refuse('produce', 'unknown_partition', false);
    await expect.poll(() => socket.all('topics').length).toBe(2);
    socket.answer('topics', topicOf(1));
    await expect(produced).rejects.toMatchObject({ code: 'unknown_partition' });
    const named = server.client.produce('t', [{ key: 'a', partition: 7 }], options);
    await expect.poll(() => socket.all('producer').length).toBe(2);
    socket.answer('producer', { producerId: 41, producerEpoch: 0 });
    await expect.poll(() => socket.all('produce').length).toBe(2);
    socket.refuse('produce', 'unknown_partition', false);
    await expect(named).rejects.toMatchObject({ code: 'unknown_partition' });
    server.client.close();
  });

  it('counts the partitions again after five minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const server = new FakeServer();
    try {
      const socket = await server.accepted();
      const produce = async (askedCount: number, sentCount: number): Promise<void> => {
        const produced = server.client.produce('t', [{ key: 'a' }], options);
        await expect.poll(() => socket.all('topics').length).toBe(askedCount);
        socket.answer('topics', topicOf(1));
        await settled();
        if (sentCount === 1) socket.answer('producer', { producerId: 40, producerEpoch: 0 });
        await expect.poll(() => socket.all('produce').length).toBe(sentCount);
        socket.answer('produce', { offsets: [{ partition: 0, base: 0, count: 1 }] });
        await produced;
      };
      await produce(1, 1);
      await produce(1, 2);
      vi.setSystemTime(Date.now() + 5 * 60_000);
      await produce(2, 3);
    } finally {
      server.client.close();
      vi.useRealTimers();
    }
  });
});
