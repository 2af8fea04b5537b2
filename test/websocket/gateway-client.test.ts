import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConnectOptions,
  connect,
  type GatewayClient,
  type StreamRecord,
} from '../../src/websocket/index.ts';
import { CuttingProxy } from './cutting-proxy.ts';

const WebSocket = createRequire(import.meta.url)('ws') as unknown;
const backoff = { firstMs: 5, longestMs: 20 };

let dataDir: string;
let broker: EmbeddedBroker;
const opened: { close(): void }[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-client-'));
  broker = await startBroker({ dataDir });
});
afterAll(async () => {
  for (const each of opened) each.close();
  await broker.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function open(url = broker.httpUrl, options: ConnectOptions = {}): GatewayClient {
  const client = connect(url, { WebSocket, backoff, ...options });
  opened.push(client);
  return client;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** Restarts the broker on the same port. */
async function restart(): Promise<void> {
  const port = portOf(broker.httpUrl);
  await broker.close();
  broker = await startBroker({
    dataDir,
    config: { 'millrace.http.listener': `127.0.0.1:${port}` },
  });
}

function numbered(from: number, to: number): { key: string; value: string }[] {
  return Array.from({ length: to - from }, (_, i) => ({
    key: `k${(from + i) % 13}`,
    value: `v${from + i}`,
  }));
}

describe.each(['json', 'batch'] as const)('a client of millrace.%s', (format) => {
  it('produces, lists topics, and reads back what it produced', async () => {
    const topic = `round-${format}`;
    await broker.createTopic(topic, { partitions: 2 });
    const client = open(broker.httpUrl, { format });
    const headers = [['h', 'ü']] as const;
    const records = [{ key: 'a', value: 'one', headers, time: 1_760_000_000_000 }, { value: null }];
    const offsets = await client.produce(topic, records, { partition: 1 });
    expect(offsets).toEqual([{ partition: 1, base: 0, count: 2 }]);
    const [found] = await client.topics(topic);
    expect(found).toMatchObject({ topic, partitions: [{}, { end: 2 }] });
    const read = [];
    for await (const record of client.subscribe(topic, { from: 'earliest' })) {
      if (read.push(record) === 2) break;
    }
    const place = { topic, partition: 1 };
    expect(read[0]).toEqual({ ...place, offset: 0, ...records[0] });
    expect(read[1]).toMatchObject({ ...place, offset: 1, value: null });
    expect((await client.ping()).time).toBeGreaterThan(0);
  });

  it('gives each record once over restarts of the broker', async () => {
    const topic = `restarted-${format}`;
    await broker.createTopic(topic, { partitions: 3 });
    const total = 3000;
    const resumes: boolean[] = [];
    const subscription = open(broker.httpUrl, { format }).subscribe(topic, {
      from: 'earliest',
      window: 200,
      onResume: ({ recovered }) => resumes.push(recovered),
    });
    const reading = (async () => {
      const values: unknown[] = [];
      for await (const { value } of subscription) {
        if (values.push(value) === total) break;
        // The loop is so slow that records wait unread whenever the broker stops.
        if (values.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return values;
    })();
    const producer = open();
    for (let from = 0; from < total; from += 100) {
      await producer.produce(topic, numbered(from, from + 100), { idempotent: true });
      if (from === 700 || from === 1900) await restart();
    }
    const values = await reading;
    expect(new Set(values).size).toBe(total);
    expect(resumes.length).toBeGreaterThan(0);
    expect(resumes).not.toContain(false);
  });

  it('gives each record once over connections that are cut at any byte', async () => {
    const topic = `cut-${format}`;
    await broker.createTopic(topic, { partitions: 2 });
    const total = 2000;
    await open().produce(topic, numbered(0, total));
    let seed = 11;
    const proxy = await CuttingProxy.start(portOf(broker.httpUrl), () => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return 100 + (seed % 20_000);
    });
    opened.push(proxy);
    const client = open(proxy.url, { format, backoff: { firstMs: 1, longestMs: 2 } });
    const offsets = new Map([0, 1].map((partition) => [partition, [] as number[]]));
    let count = 0;
    const subscription = client.subscribe(topic, { from: 'earliest', window: 50 });
    for await (const { partition, offset } of subscription) {
      offsets.get(partition)!.push(offset);
      if (++count === total) break;
      if (count === total * 0.9) proxy.isGentle = true;
    }
    expect(proxy.connectionCount).toBeGreaterThan(2);
    for (const each of offsets.values()) expect(each).toEqual(each.map((_, i) => i));
  });
});

describe('a client', () => {
  it('appends each record once over connections that are cut at any byte', async () => {
    await broker.createTopic('once', { partitions: 3 });
    let seed = 5;
    const proxy = await CuttingProxy.start(portOf(broker.httpUrl), () => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return 250 + (seed % 1200);
    });
    opened.push(proxy);
    const client = open(proxy.url, { backoff: { firstMs: 1, longestMs: 2 } });
    const sent = Array.from({ length: 60 }, (_, i) =>
      client.produce('once', numbered(i * 10, i * 10 + 10), { idempotent: true }),
    );
    await Promise.all(sent);
    expect(proxy.connectionCount).toBeGreaterThan(2);
    const values: unknown[] = [];
    const reader = open();
    const [topic] = await reader.topics('once');
    expect(topic!.partitions.reduce((sum, { end }) => sum + end, 0)).toBe(600);
    for await (const { value } of reader.subscribe('once', { from: 'earliest' })) {
      if (values.push(value) === 600) break;
    }
    expect(new Set(values).size).toBe(600);
  });

  it('goes on from the token of an earlier subscription', async () => {
    await broker.createTopic('kept');
    const client = open();
    await client.produce('kept', numbered(0, 10));
    const before = client.subscribe('kept', { from: 'earliest' });
    for await (const { offset } of before) if (offset === 3) break;
    const after = client.subscribe('kept', { from: { token: before.token } });
    for await (const { offset } of after) {
      expect(offset).toBe(4);
      break;
    }
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('opens what is stored with %s', async (codec) => {
    const topic = `packed-${codec}`;
    await broker.createTopic(topic, { config: { 'compression.type': codec } });
    const client = open(broker.httpUrl, { format: 'batch' });
    await client.produce(topic, numbered(0, 500));
    let next = 0;
    for await (const { value, offset } of client.subscribe(topic, { from: 'earliest' })) {
      expect([offset, value]).toEqual([next, `v${next}`]);
      if (++next === 500) break;
    }
  });

  it('is not sent more than its window while the loop stands', async () => {
    await broker.createTopic('slow');
    const client = open();
    await client.produce('slow', numbered(0, 1000));
    const subscription = client.subscribe('slow', { from: 'earliest', window: 10 });
    const iterator = subscription[Symbol.asyncIterator]();
    await iterator.next();
    const { roundTripMs } = await client.ping();
    expect(roundTripMs).toBeGreaterThan(0);
    for (let offset = 1; offset < 1000; offset++) {
      expect((await iterator.next()).value).toMatchObject({ offset });
    }
  });

  it('says why the broker refused', async () => {
    const client = open();
    await expect(client.produce('no-such-topic', [{ value: 'x' }])).rejects.toMatchObject({
      code: 'unknown_topic',
      retry: false,
    });
    const next = client.subscribe('no-such-topic').batches().next();
    await expect(next).rejects.toMatchObject({ code: 'unknown_topic' });
  });
});

describe('a hundred clients', () => {
  it('are given each record once over a restart of the broker', async () => {
    await broker.createTopic('many', { partitions: 2 });
    const total = 400;
    const readers = Array.from({ length: 100 }, async (_, i) => {
      const client = open(broker.httpUrl, { format: i % 2 === 0 ? 'json' : 'batch' });
      const offsets: number[][] = [[], []];
      let count = 0;
      const subscription = client.subscribe('many', { from: 'earliest', window: 20 + i });
      for await (const { partition, offset } of subscription) {
        offsets[partition]!.push(offset);
        if (++count === total) return offsets;
      }
      throw new Error('the loop ended');
    });
    const producer = open();
    for (let from = 0; from < total; from += 20) {
      await producer.produce('many', numbered(from, from + 20), { idempotent: true });
      if (from === 200) await restart();
    }
    for (const offsets of await Promise.all(readers)) {
      for (const each of offsets) expect(each).toEqual(each.map((_, i) => i));
    }
  });
});

describe('members of a group', () => {
  it('share the partitions, and give each other what was not acknowledged', async () => {
    await broker.createTopic('shared', { partitions: 2 });
    const total = 40;
    await open().produce('shared', numbered(0, total / 2), { partition: 0 });
    await open().produce('shared', numbered(total / 2, total), { partition: 1 });
    const leaving = open();
    const group = { id: 'readers' };
    const held: StreamRecord[] = [];
    for await (const batch of leaving.subscribe('shared', { group }).batches()) {
      held.push(...batch.records); // and leaves without acknowledging them
      break;
    }
    leaving.close();
    expect(held.length).toBeGreaterThan(0);
    const done = new Map<unknown, StreamRecord>();
    const subscription = open().subscribe('shared', { group });
    for await (const batch of subscription.batches()) {
      for (const record of batch.records) done.set(record.value, record);
      await subscription.ack(batch);
      if (done.size === total) break;
    }
    for (const { value } of held) expect(done.has(value)).toBe(true);
    const again = open().subscribe('shared', { group });
    await open().produce('shared', [{ value: 'last' }], { partition: 0 });
    for await (const { value } of again) {
      expect(value).toBe('last');
      break;
    }
  });
});
