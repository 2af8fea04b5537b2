import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayFixture, numbered, valuesOf } from '../gateway-fixture.ts';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await GatewayFixture.start();
});
afterAll(() => gateway.close());

describe('a subscription', () => {
  it('begins at the earliest record', async () => {
    await gateway.broker.createTopic('early');
    await gateway.fill('early', 5);
    const client = await gateway.connect();
    const answer = await client.ask({
      type: 'subscribe',
      sub: 7,
      topic: 'early',
      from: 'earliest',
    });
    expect(answer).toMatchObject({ type: 'ok', sub: 7 });
    expect(answer.positions).toMatchObject([{ topic: 'early', partition: 0, offset: 0, end: 5 }]);
    expect(valuesOf(await client.records(7, 5))).toEqual(numbered('v', 0, 5));
  });

  it('begins with the next record when it asks for the latest', async () => {
    await gateway.broker.createTopic('late');
    await gateway.fill('late', 5);
    const client = await gateway.connect();
    await client.ask({ type: 'subscribe', sub: 1, topic: 'late' });
    await gateway.fill('late', 2, 'new');
    expect(valuesOf(await client.records(1, 2))).toEqual(['new0', 'new1']);
  });

  it('to the latest includes what the same socket produces right after', async () => {
    const client = await gateway.connect();
    for (let i = 0; i < 10; i++) {
      const topic = `right-after-${i}`;
      await gateway.broker.createTopic(topic);
      client.tell({ type: 'subscribe', sub: i + 1, topic });
      client.tell({ type: 'produce', topic, records: [{ value: 'x' }] });
      expect(valuesOf(await client.records(i + 1, 1))).toEqual(['x']);
    }
  });

  it('begins at an offset and at a time', async () => {
    await gateway.broker.createTopic('places');
    const client = await gateway.connect();
    for (const time of [1000, 2000, 3000]) {
      const records = [{ value: `at ${time}`, time: Date.now() - 10_000 + time }];
      await client.ask({ type: 'produce', topic: 'places', records });
    }
    await client.ask({ type: 'subscribe', sub: 1, topic: 'places', from: { offset: 1 } });
    expect(valuesOf(await client.records(1, 2))).toEqual(['at 2000', 'at 3000']);
    const time = Date.now() - 10_000 + 2500;
    await client.ask({ type: 'subscribe', sub: 2, topic: 'places', from: { time } });
    expect(valuesOf(await client.records(2, 1))).toEqual(['at 3000']);
    const offsets = { places: { 0: 2 } };
    await client.ask({ type: 'subscribe', sub: 3, topic: 'places', from: { offsets } });
    expect(valuesOf(await client.records(3, 1))).toEqual(['at 3000']);
  });

  it('begins with the last records of all partitions together', async () => {
    await gateway.broker.createTopic('last', { partitions: 3 });
    await gateway.fill('last', 50, 'a', 0);
    await gateway.fill('last', 2, 'b', 1);
    const client = await gateway.connect();
    const subscribe = { type: 'subscribe', topic: 'last' };
    const answer = await client.ask({ ...subscribe, sub: 1, from: { last: 10 } });
    expect(answer).toMatchObject({ positions: [{ offset: 42 }, { offset: 0 }, { offset: 0 }] });
    expect(answer.gaps).toBeUndefined();
    const values = valuesOf(await client.records(1, 10)).sort();
    expect(values).toEqual([...numbered('a', 42, 50), 'b0', 'b1']);
    await client.ask({ type: 'seek', sub: 1, to: { last: 1 } });
    expect(valuesOf(await client.records(1, 1))).toEqual(['a49']);
    const refused = await client.ask({ ...subscribe, from: { last: -1 } });
    expect(refused).toMatchObject({ code: 'bad_value', field: 'from.last' });
  });

  it('says where it starts instead when the offset lies outside of the log', async () => {
    await gateway.broker.createTopic('outside');
    await gateway.fill('outside', 3);
    const client = await gateway.connect();
    const answer = await client.ask({ type: 'subscribe', topic: 'outside', from: { offset: 9 } });
    expect(answer).toMatchObject({
      recovered: false,
      gaps: [{ topic: 'outside', partition: 0, from: 9, to: 3, reason: 'offset' }],
    });
  });

  it('takes some partitions or all, and several topics', async () => {
    await gateway.broker.createTopic('many', { partitions: 3 });
    await gateway.broker.createTopic('other');
    for (const partition of [0, 1, 2]) await gateway.fill('many', 1, `p${partition}-`, partition);
    await gateway.fill('other', 1, 'o');
    const client = await gateway.connect();
    await client.ask({
      type: 'subscribe',
      sub: 1,
      topic: 'many',
      partitions: [1],
      from: 'earliest',
    });
    expect(valuesOf(await client.records(1, 1))).toEqual(['p1-0']);
    await client.ask({ type: 'subscribe', sub: 2, topics: ['many', 'other'], from: 'earliest' });
    const values = valuesOf(await client.records(2, 4)).sort();
    expect(values).toEqual(['o0', 'p0-0', 'p1-0', 'p2-0']);
  });

  it('by pattern takes up topics that are made later, from their beginning', async () => {
    const client = await gateway.connect();
    await client.ask({ type: 'subscribe', sub: 1, pattern: 'grow-*' });
    await gateway.broker.createTopic('grow-1');
    const added = await client.next((text) => text.type === 'added');
    expect(added.positions).toMatchObject([{ topic: 'grow-1', partition: 0, offset: 0 }]);
    await gateway.fill('grow-1', 2);
    expect(valuesOf(await client.records(1, 2))).toEqual(['v0', 'v1']);
  });

  it('shares frames with others under another number', async () => {
    await gateway.broker.createTopic('shared');
    const clients = await Promise.all([gateway.connect(), gateway.connect(), gateway.connect()]);
    for (const [i, client] of clients.entries()) {
      await client.ask({ type: 'subscribe', sub: 1 + i * 1_000_000_000, topic: 'shared' });
    }
    await gateway.fill('shared', 2500);
    for (const [i, client] of clients.entries()) {
      const records = await client.records(1 + i * 1_000_000_000, 2500);
      expect(valuesOf(records)).toEqual(numbered('v', 0, 2500));
    }
  });

  it('can seek, tell its position, and end', async () => {
    await gateway.broker.createTopic('seek');
    await gateway.fill('seek', 4);
    const client = await gateway.connect();
    await client.ask({ type: 'subscribe', sub: 1, topic: 'seek' });
    const sought = await client.ask({ type: 'seek', sub: 1, to: { offset: 2 } });
    expect(sought.positions).toMatchObject([{ offset: 2 }]);
    expect(valuesOf(await client.records(1, 2))).toEqual(['v2', 'v3']);
    const position = await client.ask({ type: 'position', sub: 1 });
    expect(position.positions).toMatchObject([{ offset: 4, epoch: 0 }]);
    const ended = await client.ask({ type: 'unsubscribe', sub: 1 });
    expect(ended.token).toBe(position.token);
    expect(await client.ask({ type: 'position', sub: 1 })).toMatchObject({
      type: 'error',
      code: 'unknown_subscription',
      field: 'sub',
    });
  });

  it('stands where the last command puts it, however fast they come', async () => {
    await gateway.broker.createTopic('hasty');
    await gateway.fill('hasty', 6);
    const client = await gateway.connect();
    const credit = { records: 0 };
    client.tell({ type: 'subscribe', sub: 1, topic: 'hasty', from: 'earliest', credit });
    client.tell({ type: 'seek', sub: 1, to: { time: 0 } });
    const sought = await client.ask({ type: 'seek', sub: 1, to: { offset: 4 } });
    expect(sought.positions).toMatchObject([{ offset: 4 }]);
    client.tell({ type: 'credit', sub: 1, records: 100 });
    expect(valuesOf(await client.records(1, 2))).toEqual(['v4', 'v5']);
  });

  it('writes keys and values as text, JSON or base64', async () => {
    await gateway.broker.createTopic('forms');
    const client = await gateway.connect();
    const headers = [
      ['h', 'x'],
      ['n', null],
    ];
    await client.ask({
      type: 'produce',
      topic: 'forms',
      values: 'json',
      records: [{ key: 'k"\n', value: { a: [1, 2.5] }, headers }, { value: 'text' }],
    });
    const bytes = Buffer.from([0xff, 0x00, 0x22]);
    const value = bytes.toString('base64');
    await client.ask({ type: 'produce', topic: 'forms', values: 'base64', records: [{ value }] });
    await client.ask({ type: 'subscribe', sub: 1, topic: 'forms', from: 'earliest' });
    const text = await client.records(1, 3);
    expect(text[0]).toMatchObject({ key: 'k"\n', value: '{"a":[1,2.5]}', headers });
    expect(text[1]).toMatchObject({ value: '"text"' });
    expect(text[2]).toMatchObject({ value64: value });
    const options = { topic: 'forms', from: 'earliest', values: 'json', times: false };
    await client.ask({ type: 'subscribe', sub: 2, ...options, headers: false });
    expect(await client.records(2, 3)).toEqual([
      { offset: 0, key: 'k"\n', value: { a: [1, 2.5] } },
      { offset: 1, value: 'text' },
      { offset: 2, value64: value },
    ]);
  });

  it('filters by key, header and path', async () => {
    await gateway.broker.createTopic('filtered');
    const client = await gateway.connect();
    const records = Array.from({ length: 20 }, (_, i) => ({
      key: `k${i % 2}`,
      value: { user: { id: i % 5 }, n: i },
      headers: [['odd', String(i % 2)]],
    }));
    await client.ask({ type: 'produce', topic: 'filtered', values: 'json', records });
    const from = 'earliest';
    const filters = [
      { key: 'k1' },
      { header: ['odd', '1'] },
      { all: [{ key: 'k1' }, { path: '$.user.id', equals: 3 }] },
    ];
    for (const [i, filter] of filters.entries()) {
      await client.ask({ type: 'subscribe', sub: i + 1, topic: 'filtered', from, filter });
    }
    const odd = numbered('', 0, 20)
      .map(Number)
      .filter((n) => n % 2 === 1);
    const offsets = async (sub: number, count: number) =>
      (await client.records(sub, count)).map((record) => record.offset);
    expect(await offsets(1, 10)).toEqual(odd);
    expect(await offsets(2, 10)).toEqual(odd);
    expect(await offsets(3, 2)).toEqual([3, 13]);
  });

  it('is told where it stands when its filter lets nothing through', async () => {
    await gateway.broker.createTopic('nothing');
    await gateway.fill('nothing', 60_000);
    const client = await gateway.connect();
    const filter = { key: 'none' };
    await client.ask({ type: 'subscribe', sub: 1, topic: 'nothing', from: 'earliest', filter });
    let told = 0;
    for (let frames = 0; frames < 2; frames++) {
      const frame = await client.next((text) => text.type === 'records');
      expect(frame).toMatchObject({ count: 0, records: [] });
      expect(frame.next).toBeGreaterThanOrEqual(told + 10_000);
      told = frame.next as number;
    }
  });
});
