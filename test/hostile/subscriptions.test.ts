import { afterEach, describe, expect, test } from 'vitest';
import { BrokerProcess } from '../support/broker-process.ts';
import { createTopic } from '../support/topics.ts';
import { WebSocketClient } from '../support/web-socket-client.ts';
import { WireClient } from '../support/wire-client.ts';

/** The figure in the README was taken with a million. */
const PAIRS = Number(process.env.MILLRACE_SUBSCRIPTION_PAIRS ?? 20_000);
const AT_ONCE = 50;
const RECORDS = 100;

let broker: BrokerProcess;
afterEach(() => broker.kill());

function subscribe(pair: number): object {
  const kinds = [
    { topic: 't' },
    { topic: 't', from: 'earliest', credit: { records: 1 } },
    { pattern: '*', partitions: [0] },
    { topic: 't', filter: { key: `k${pair}` }, policy: 'conflate' },
    { topic: 't', from: { positions: [{ topic: 't', partition: 1, offset: 3, epoch: 0 }] } },
  ];
  return { type: 'subscribe', sub: 1 + (pair % AT_ONCE), ...kinds[pair % kinds.length] };
}

/** Each is taken back before the next of its number: at once, or when all of a round are there. */
async function pairs(client: WebSocketClient, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += AT_ONCE) {
    const isAtOnce = (at / AT_ONCE) % 2 === 0;
    const round = Array.from({ length: Math.min(AT_ONCE, to - at) }, (_, i) => at + i);
    const takeBack = (pair: number) => {
      client.tell({ type: 'unsubscribe', sub: 1 + (pair % AT_ONCE) });
    };
    for (const pair of round) {
      client.tell(subscribe(pair) as Record<string, unknown>);
      if (isAtOnce) takeBack(pair);
    }
    await client.ask({ type: 'ping' });
    if (!isAtOnce) for (const pair of round) takeBack(pair);
    client.forget();
  }
  await client.ask({ type: 'ping' });
}

describe('subscriptions that come and go', () => {
  test('leave no memory behind', async () => {
    broker = await BrokerProcess.start({
      config: { 'millrace.websocket.max.messages.per.second': 10_000_000 },
    });
    const client = await WebSocketClient.open(`ws://127.0.0.1:${broker.httpPort}/ws`);
    const kafka = await WireClient.open(broker.port);
    await createTopic(kafka, 't', {}, 3);
    kafka.close();
    const records = Array.from({ length: RECORDS }, (_, i) => ({ key: `k${i}`, value: `v${i}` }));
    await client.ask({ type: 'produce', topic: 't', records });
    await pairs(client, 0, PAIRS / 10);
    const before = broker.anonymousMb;
    let peak = before;
    for (let tenth = 1; tenth < 10; tenth++) {
      await pairs(client, (tenth * PAIRS) / 10, ((tenth + 1) * PAIRS) / 10);
      peak = Math.max(peak, broker.anonymousMb);
    }
    client.close();
    const other = await WebSocketClient.open(`ws://127.0.0.1:${broker.httpPort}/ws`);
    expect((await other.ask({ type: 'ping' })).type).toBe('ok');
    other.close();
    expect(await broker.metric('millrace_streams')).toBe(0);
    expect(await broker.metric('millrace_streamed_partitions')).toBe(0);
    const after = broker.anonymousMb;
    const figures = [before, peak, after].map((mb) => mb.toFixed(1));
    process.stdout.write(`${PAIRS} subscriptions: memory ${figures.join(', ')} MB\n`);
    expect(peak - before).toBeLessThan(64);
    expect(after - before).toBeLessThan(64);
  });
});
