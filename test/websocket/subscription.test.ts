import { describe, expect, it } from 'vitest';
import type { Gap, Resume, StreamRecord } from '../../src/websocket/index.ts';
import { FakeServer, position, settled } from './fake-web-socket.ts';

async function take(iterator: AsyncIterator<StreamRecord>, count: number): Promise<number[]> {
  const offsets: number[] = [];
  for (let i = 0; i < count; i++) offsets.push((await iterator.next()).value.offset);
  return offsets;
}

describe('a subscription', () => {
  it('asks for what the loop has not taken again after a reconnect, and gives it once', async () => {
    const server = new FakeServer();
    const subscription = server.client.subscribe('t', { from: 'earliest' });
    const first = await server.accepted();
    expect(first.last('subscribe')).toMatchObject({ sub: 1, topics: ['t'], from: 'earliest' });
    first.answer('subscribe', { positions: [position(0)] });
    first.records(0, 3);
    first.records(3, 6);
    const iterator = subscription[Symbol.asyncIterator]();
    expect(await take(iterator, 1)).toEqual([0]);
    first.lose();
    const second = await server.accepted(1);
    expect(second.last('subscribe').from).toEqual({ positions: [position(3)] });
    second.answer('subscribe', { positions: [position(3)], recovered: true, gaps: [] });
    second.records(3, 8);
    expect(await take(iterator, 7)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    server.client.close();
    expect(await iterator.next()).toMatchObject({ done: true });
  });

  it('keeps the position of its first answer, should no record be taken before a reconnect', async () => {
    const server = new FakeServer();
    server.client.subscribe('t');
    const first = await server.accepted();
    first.answer('subscribe', { positions: [position(100)] });
    first.records(100, 105);
    first.lose();
    const second = await server.accepted(1);
    expect(second.last('subscribe').from).toEqual({ positions: [position(100)] });
    server.client.close();
  });

  it('starts as asked when the connection is lost before the first answer', async () => {
    const server = new FakeServer();
    server.client.subscribe('t', { from: { time: 5 } });
    (await server.accepted()).lose();
    const second = await server.accepted(1);
    expect(second.last('subscribe').from).toEqual({ time: 5 });
    server.client.close();
  });

  it('tells with its token where the loop stands, record by record', async () => {
    const server = new FakeServer();
    const subscription = server.client.subscribe('t');
    const socket = await server.accepted();
    socket.answer('subscribe', { positions: [position(0)] });
    socket.records(0, 3);
    socket.records(3, 6);
    const iterator = subscription[Symbol.asyncIterator]();
    const standing = () => subscription.positions[0]!.offset;
    expect(standing()).toBe(0);
    await iterator.next();
    expect(standing()).toBe(1);
    await take(iterator, 2);
    expect(standing()).toBe(3);
    const token = JSON.parse(Buffer.from(subscription.token, 'base64url').toString());
    expect(token).toEqual({ v: 1, p: [['t', 'tttttttttttttttttttttt', 0, 3, 0]] });
    server.client.close();
  });

  it('gives credit for what the loop is done with, and none while it stands', async () => {
    const server = new FakeServer();
    const subscription = server.client.subscribe('t', { window: 4 });
    const socket = await server.accepted();
    expect(socket.last('subscribe').credit).toMatchObject({ records: 4 });
    socket.answer('subscribe', { positions: [position(0)] });
    socket.records(0, 2);
    socket.records(2, 4);
    const batches = subscription.batches();
    await batches.next();
    await settled();
    expect(socket.all('credit')).toEqual([]);
    await batches.next();
    expect(socket.all('credit')).toMatchObject([{ sub: 1, records: 2 }]);
    const waiting = batches.next();
    await settled();
    expect(socket.all('credit')).toMatchObject([{ records: 2 }, { records: 2 }]);
    socket.records(4, 5);
    await waiting;
    server.client.close();
  });

  it('counts credit in the bytes of the frames', async () => {
    const server = new FakeServer();
    const subscription = server.client.subscribe('t', { windowBytes: 100 });
    const socket = await server.accepted();
    socket.answer('subscribe', { positions: [position(0)] });
    socket.records(0, 1, 1, { note: 'ü' });
    const frame = JSON.stringify({ type: 'records' }).length;
    const batches = subscription.batches();
    await batches.next();
    void batches.next();
    await settled();
    const { bytes } = socket.last('credit') as unknown as { bytes: number };
    expect(bytes).toBeGreaterThan(frame);
    server.client.close();
  });

  it('tells of gaps in order with the records, and goes on behind them', async () => {
    const server = new FakeServer();
    const gaps: Gap[] = [];
    const seen: unknown[] = [];
    const onGap = (gap: Gap) => {
      gaps.push(gap);
      seen.push(gap.reason);
    };
    const subscription = server.client.subscribe('t', { onGap });
    const socket = await server.accepted();
    socket.answer('subscribe', { positions: [position(0)] });
    socket.records(0, 2);
    const gap = { topic: 't', partition: 0, from: 2, to: 9, reason: 'retention' };
    socket.say({ type: 'gap', sub: 1, ...gap });
    expect(gaps).toEqual([]);
    socket.records(9, 10);
    for await (const { offset } of subscription) {
      seen.push(offset);
      if (offset === 9) break;
    }
    expect(seen).toEqual([0, 1, 'retention', 9]);
    expect(gaps).toMatchObject([gap]);
    server.client.close();
  });

  it('says at a reconnect whether everything was recovered', async () => {
    const server = new FakeServer();
    const resumes: Resume[] = [];
    server.client.subscribe('t', { onResume: (resume) => resumes.push(resume) });
    const first = await server.accepted();
    first.answer('subscribe', { positions: [position(0)] });
    expect(resumes).toEqual([]);
    first.lose();
    const second = await server.accepted(1);
    const gap = { topic: 't', partition: 0, from: 0, to: 4, reason: 'retention' };
    second.answer('subscribe', { positions: [position(4)], recovered: false, gaps: [gap] });
    expect(resumes).toEqual([{ recovered: false, gaps: [gap] }]);
    second.lose();
    const third = await server.accepted(2);
    expect(third.last('subscribe').from).toEqual({ positions: [position(4)] });
    server.client.close();
  });

  it('goes on with partitions that joined', async () => {
    const server = new FakeServer();
    const subscription = server.client.subscribe({ pattern: 't*' }, { from: 'latest' });
    const first = await server.accepted();
    expect(first.last('subscribe')).toMatchObject({ pattern: 't*' });
    first.answer('subscribe', { positions: [] });
    first.say({ type: 'added', sub: 1, positions: [position(0)] });
    first.records(0, 2);
    const iterator = subscription[Symbol.asyncIterator]();
    await take(iterator, 2);
    first.lose();
    const second = await server.accepted(1);
    expect(second.last('subscribe').from).toEqual({ positions: [position(2)] });
    server.client.close();
  });

  it('ends the loop with the reason of a signal, and tells the server', async () => {
    const server = new FakeServer();
    const controller = new AbortController();
    const subscription = server.client.subscribe('t', { signal: controller.signal });
    const socket = await server.accepted();
    const next = subscription[Symbol.asyncIterator]().next();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    expect(socket.last('unsubscribe')).toMatchObject({ sub: 1 });
    server.client.close();
  });

  it('fails with what the server refused, but tries again what may pass', async () => {
    const server = new FakeServer();
    const lost = server.client.subscribe('t')[Symbol.asyncIterator]().next();
    const socket = await server.accepted();
    socket.refuse('subscribe', 'unavailable', true);
    await expect.poll(() => socket.all('subscribe').length).toBe(2);
    socket.refuse('subscribe', 'unknown_topic', false);
    await expect(lost).rejects.toMatchObject({ code: 'unknown_topic' });
    server.client.close();
  });

  it('drops what waits when it seeks', async () => {
    const server = new FakeServer();
    const subscription = server.client.subscribe('t');
    const socket = await server.accepted();
    socket.answer('subscribe', { positions: [position(0)] });
    socket.records(0, 5);
    const moved = subscription.seek({ offset: 2 });
    socket.answer('seek', { positions: [position(2)] });
    await moved;
    socket.records(2, 4);
    expect(await take(subscription[Symbol.asyncIterator](), 2)).toEqual([2, 3]);
    server.client.close();
  });
});

describe('a subscription from an old token', () => {
  it('marks what it brings again, until a seek', async () => {
    const server = new FakeServer();
    const subscription = server.client.subscribe('t', { from: { token: 'old' } });
    const socket = await server.accepted();
    socket.answer('subscribe', { positions: [position(0, { redelivered: 2 })] });
    socket.records(0, 3);
    const batches = subscription.batches();
    const marks = async (): Promise<(true | undefined)[]> => {
      const batch = (await batches.next()).value!;
      return batch.records.map(({ redelivered }) => redelivered);
    };
    expect(await marks()).toEqual([true, true, undefined]);
    const moved = subscription.seek('earliest');
    socket.answer('seek', { positions: [position(0)] });
    await moved;
    socket.records(0, 2);
    expect(await marks()).toEqual([undefined, undefined]);
    server.client.close();
  });
});

describe('a member of a group', () => {
  it('acknowledges batches and records, and marks what comes again', async () => {
    const server = new FakeServer();
    const assigned: unknown[] = [];
    const subscription = server.client.subscribe('t', {
      group: { id: 'g' },
      onAssigned: (positions) => assigned.push(positions),
    });
    const first = await server.accepted();
    expect(first.last('subscribe').group).toEqual({ id: 'g' });
    first.answer('subscribe', { member: 'me' });
    const start = [position(0, { redelivered: 1 })];
    first.say({ type: 'assigned', sub: 1, group: 'g', positions: start });
    expect(assigned).toEqual([start]);
    first.records(0, 2);
    const batches = subscription.batches();
    const batch = (await batches.next()).value!;
    expect(batch.records.map(({ redelivered }) => redelivered)).toEqual([true, undefined]);
    const done = subscription.ack(batch.records[0]!);
    expect(first.last('ack').positions).toEqual([{ topic: 't', partition: 0, offset: 1 }]);
    first.answer('ack');
    await done;
    first.lose();
    const second = await server.accepted(1);
    expect(second.last('subscribe').from).toBeUndefined();
    expect(second.last('subscribe').group).toEqual({ id: 'g', member: 'me' });
    second.answer('subscribe');
    second.say({ type: 'assigned', sub: 1, group: 'g', positions: [position(1)] });
    second.records(1, 3);
    const again = (await batches.next()).value!;
    expect(again.records).toMatchObject([{ offset: 1, redelivered: true }, { offset: 2 }]);
    expect(again.records[1]!.redelivered).toBeUndefined();
    server.client.close();
  });

  it('gives what waits of partitions that stay when others come and go', async () => {
    const server = new FakeServer();
    const subscription = server.client.subscribe('t', { group: { id: 'g' } });
    const socket = await server.accepted();
    socket.answer('subscribe');
    const group = { sub: 1, group: 'g' };
    const both = [position(0), position(0, { partition: 1 })];
    socket.say({ type: 'assigned', ...group, positions: both });
    socket.records(0, 2);
    const batches = subscription.batches();
    await batches.next();
    socket.records(2, 4);
    socket.say({ type: 'revoked', ...group, reason: 'rebalance', positions: [both[1]] });
    socket.say({ type: 'assigned', ...group, positions: [position(4)] });
    expect((await batches.next()).value).toMatchObject({ partition: 0, next: 4 });
    expect(subscription.positions).toMatchObject([{ partition: 0, offset: 4 }]);
    server.client.close();
  });

  it('drops what waits of partitions that went away, and gives their credit back', async () => {
    const server = new FakeServer();
    const revoked: string[] = [];
    const subscription = server.client.subscribe('t', {
      window: 4,
      group: { id: 'g' },
      onRevoked: (_, reason) => revoked.push(reason),
    });
    const socket = await server.accepted();
    socket.answer('subscribe');
    const positions = [position(0), position(0, { partition: 1 })];
    socket.say({ type: 'assigned', sub: 1, group: 'g', positions });
    socket.records(0, 2);
    socket.records(0, 2, 1, { partition: 1 });
    const away = { type: 'revoked', sub: 1, group: 'g', reason: 'rebalance' };
    socket.say({ ...away, positions: [position(0)] });
    expect(revoked).toEqual(['rebalance']);
    expect(socket.last('credit')).toMatchObject({ records: 2 });
    const { value } = await subscription.batches().next();
    expect(value).toMatchObject({ partition: 1, next: 2 });
    server.client.close();
  });
});
