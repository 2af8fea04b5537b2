import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayFixture, numbered, valuesOf } from '../gateway-fixture.ts';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await GatewayFixture.start();
  await gateway.broker.createTopic('flow');
  await gateway.fill('flow', 3000);
});
afterAll(() => gateway.close());

/** Resolves when everything that the broker sent before has arrived. */
async function roundTrips(client: { ask(command: object): Promise<unknown> }): Promise<void> {
  for (let i = 0; i < 20; i++) await client.ask({ type: 'ping' });
}

describe('credit', () => {
  it('stops delivery at the very record, and more lets it go on', async () => {
    const client = await gateway.connect();
    const credit = { records: 10 };
    await client.ask({ type: 'subscribe', sub: 1, topic: 'flow', from: 'earliest', credit });
    expect(valuesOf(await client.records(1, 10))).toEqual(numbered('v', 0, 10));
    await roundTrips(client);
    expect(client.waiting).toEqual([]);
    client.tell({ type: 'credit', sub: 1, records: 5 });
    expect(valuesOf(await client.records(1, 5))).toEqual(numbered('v', 10, 15));
    await roundTrips(client);
    expect(client.waiting).toEqual([]);
  });

  it('in bytes may be overdrawn by a frame, whose debt counts', async () => {
    const client = await gateway.connect();
    const credit = { bytes: 1 };
    await client.ask({ type: 'subscribe', sub: 1, topic: 'flow', from: 'earliest', credit });
    const first = await client.next((text) => text.type === 'records');
    client.tell({ type: 'credit', sub: 1, bytes: 10 });
    await roundTrips(client);
    expect(client.waiting).toEqual([]);
    client.tell({ type: 'credit', sub: 1, bytes: 1_000_000 });
    const second = await client.next((text) => text.type === 'records');
    expect(second.position).toBe(first.next);
  });

  it('in bytes counts those of the frames, not those of the log', async () => {
    const client = await gateway.connect();
    const credit = { bytes: 20_000 };
    await client.ask({ type: 'subscribe', sub: 1, topic: 'flow', from: 'earliest', credit });
    await roundTrips(client);
    const frames = client.waiting.map((text) => JSON.stringify(text).length);
    const sum = frames.reduce((all, length) => all + length, 0);
    expect(sum).toBeGreaterThan(15_000);
    expect(sum).toBeLessThan(22_000);
  });

  it('lets those who share frames have different amounts', async () => {
    const rich = await gateway.connect();
    const poor = await gateway.connect();
    const credit = { records: 1234 };
    await poor.ask({ type: 'subscribe', sub: 1, topic: 'flow', from: 'earliest', credit });
    await rich.ask({ type: 'subscribe', sub: 1, topic: 'flow', from: 'earliest' });
    expect(valuesOf(await rich.records(1, 3000))).toEqual(numbered('v', 0, 3000));
    expect(valuesOf(await poor.records(1, 1234))).toEqual(numbered('v', 0, 1234));
    await roundTrips(poor);
    expect(poor.waiting).toEqual([]);
  });
});

describe('a subscription that is behind', () => {
  const subscribe = { type: 'subscribe', sub: 1, topic: 'flow', from: 'earliest' };

  it('skips to the latest and says so', async () => {
    const client = await gateway.connect();
    await client.ask({ ...subscribe, policy: 'latest' });
    expect(await client.next((text) => text.type === 'gap')).toEqual({
      type: 'gap',
      sub: 1,
      topic: 'flow',
      partition: 0,
      from: 0,
      to: 3000,
      reason: 'behind',
    });
  });

  it('gets a sample, and everything once it has caught up', async () => {
    const client = await gateway.connect();
    await client.ask({ ...subscribe, policy: { when: 'sample', behind: 0, every: 100 } });
    const offsets = (await client.records(1, 30)).map((record) => record.offset);
    expect(offsets).toEqual(Array.from({ length: 30 }, (_, i) => i * 100));
  });

  it('gets the last record of each key', async () => {
    await gateway.broker.createTopic('conflated');
    const client = await gateway.connect();
    const records = Array.from({ length: 500 }, (_, i) => ({ key: `k${i % 3}`, value: `v${i}` }));
    await client.ask({ type: 'produce', topic: 'conflated', records });
    const policy = { when: 'conflate', behind: 10 };
    await client.ask({ ...subscribe, topic: 'conflated', policy });
    const frame = await client.next((text) => text.type === 'records');
    expect(frame).toMatchObject({ count: 3, skipped: 497, next: 500 });
    expect(valuesOf(frame.records as [])).toEqual(['v497', 'v498', 'v499']);
  });

  it('is closed with a token to go on from', async () => {
    const client = await gateway.connect();
    await client.ask({ ...subscribe, policy: { when: 'close', behind: 100 } });
    const ended = await client.next((text) => text.type === 'ended');
    expect(ended).toMatchObject({ sub: 1, code: 'behind', retry: true });
    const from = { token: ended.token };
    const answer = await client.ask({ type: 'subscribe', sub: 1, topic: 'flow', from });
    expect(answer).toMatchObject({ recovered: true, positions: [{ offset: 0 }] });
  });
});
