import { Admin } from 'millrace/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayFixture } from '../gateway-fixture.ts';

const VALUE = 'x'.repeat(1000);
const RECORDS = 40;
/** With the window below, what is produced and sent at once is over it by some seconds. */
const QUOTA = 10_000;

describe('the quotas of a socket', () => {
  let gateway: GatewayFixture;
  let admin: Admin;

  beforeEach(async () => {
    gateway = await GatewayFixture.start({
      config: { 'quota.window.num': '2', 'quota.window.size.seconds': '1' },
    });
    await gateway.broker.createTopic('topic');
    admin = new Admin({ bootstrapServers: gateway.broker.bootstrapServers });
  });

  afterEach(async () => {
    await admin.close();
    await gateway.close();
  });

  async function limit(quota: string): Promise<void> {
    const entity = { user: 'ANONYMOUS' };
    await admin.quotas.alter([{ entity, values: { [quota]: QUOTA } }]);
  }

  const records = Array.from({ length: RECORDS }, () => ({ value: VALUE }));

  it('let a producer wait for its answer', async () => {
    await limit('producer_byte_rate');
    const client = await gateway.connect();
    const startMs = performance.now();
    const answer = await client.ask({ type: 'produce', topic: 'topic', records });
    expect(answer.type).toBe('ok');
    expect(performance.now() - startMs).toBeGreaterThan(1000);
  });

  it('let a producer over HTTP wait for its answer', async () => {
    await limit('producer_byte_rate');
    const startMs = performance.now();
    const response = await fetch(`${gateway.broker.httpUrl}/topics/topic/records`, {
      method: 'POST',
      body: records.map((record) => JSON.stringify(record)).join('\n'),
    });
    expect(response.status).toBe(200);
    expect(performance.now() - startMs).toBeGreaterThan(1000);
  });

  it('let a reader over HTTP wait for what comes next', async () => {
    const producer = await gateway.connect();
    await producer.ask({ type: 'produce', topic: 'topic', records });
    await limit('consumer_byte_rate');
    const url = `${gateway.broker.httpUrl}/topics/topic/records?follow=true&limit=${RECORDS + 1}`;
    const response = await fetch(url);
    const reader = response.body!.getReader();
    await reader.read();
    const startMs = performance.now();
    await producer.ask({ type: 'produce', topic: 'topic', records: [{ value: 'last' }] });
    for (;;) if ((await reader.read()).done) break;
    expect(performance.now() - startMs).toBeGreaterThan(1000);
  });

  it('let a consumer wait for what comes next, and give it all', async () => {
    const producer = await gateway.connect();
    await producer.ask({ type: 'produce', topic: 'topic', records });
    await limit('consumer_byte_rate');
    const client = await gateway.connect();
    const from = 'earliest';
    await client.ask({
      type: 'subscribe',
      sub: 1,
      topic: 'topic',
      from,
      credit: { records: 1000 },
    });
    await client.records(1, RECORDS);
    const startMs = performance.now();
    await producer.ask({ type: 'produce', topic: 'topic', records: [{ value: 'last' }] });
    const [last] = await client.records(1, 1);
    expect(last!.value).toBe('last');
    expect(performance.now() - startMs).toBeGreaterThan(1000);
  });
});
