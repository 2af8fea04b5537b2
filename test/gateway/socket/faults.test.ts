import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { API } from '../../../src/protocol/index.ts';
import { wholeBatchSize } from '../../../src/records/batch-layout.ts';
import { BrokerProcess } from '../../support/broker-process.ts';
import { KafkaOverWebSocket } from '../../support/kafka-over-web-socket.ts';
import { WebSocketClient } from '../../support/web-socket-client.ts';
import { GatewayFixture, numbered, valuesOf } from '../gateway-fixture.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A broker in a process of its own, that can be killed. */
async function serve(dataDir: string): Promise<{ broker: BrokerProcess; url: string }> {
  const broker = await BrokerProcess.start({ dataDir });
  cleanups.push(() => broker.kill());
  return { broker, url: `ws://127.0.0.1:${broker.httpPort}/ws` };
}

type Json = Record<string, unknown>;

/** Reads until `count` values are there. It keeps the position behind the last frame with them. */
class Reader {
  readonly values: unknown[] = [];
  position: Json = { topic: 't', partition: 0, offset: 0, epoch: -1 };
  #client: WebSocketClient | null = null;

  async connect(url: string): Promise<Json> {
    this.#client = await WebSocketClient.open(url, 'millrace.json');
    const from = { positions: [this.position] };
    return this.#client.ask({ type: 'subscribe', sub: 1, topic: 't', from });
  }

  async read(count: number): Promise<void> {
    while (this.values.length < count) {
      const frame = await this.#client!.next((text) => text.type === 'records');
      this.values.push(...valuesOf(frame.records as Json[]));
      this.position = { topic: 't', partition: 0, offset: frame.next, epoch: frame.epoch };
    }
  }

  close(): void {
    this.#client?.close();
  }
}

async function produce(client: WebSocketClient, from: number, to: number): Promise<void> {
  const records = numbered('v', from, to).map((value) => ({ value }));
  const answer = await client.ask({ type: 'produce', topic: 't', records });
  expect(answer).toMatchObject({ type: 'ok', offsets: [{ base: from }] });
}

async function createTopic(url: string): Promise<void> {
  const kafka = await KafkaOverWebSocket.open(url);
  const sizes = { numPartitions: 1, replicationFactor: 1 };
  const topics = [{ name: 't', ...sizes, assignments: [], configs: [] }];
  await kafka.request(API.CREATE_TOPICS, 5, { topics, timeoutMs: 10_000 });
  kafka.close();
}

describe('a broker that is killed under its subscribers', () => {
  it('loses nothing and repeats nothing for those who resume', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-faults-'));
    cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const first = await serve(dataDir);
    await createTopic(first.url);
    const readers = Array.from({ length: 100 }, () => new Reader());
    for (const reader of readers) cleanups.push(() => reader.close());
    for (const reader of readers) await reader.connect(first.url);
    const producer = await WebSocketClient.open(first.url);
    for (let i = 0; i < 10; i++) await produce(producer, i * 100, i * 100 + 100);
    await Promise.all(readers.map((reader, i) => reader.read((i * 1000) / readers.length)));
    await first.broker.kill();
    await producer.closed;
    const second = await serve(dataDir);
    const answers = await Promise.all(readers.map((reader) => reader.connect(second.url)));
    for (const answer of answers) expect(answer).toMatchObject({ recovered: true, gaps: [] });
    const again = await WebSocketClient.open(second.url);
    cleanups.push(() => again.close());
    await produce(again, 1000, 1200);
    await Promise.all(readers.map((reader) => reader.read(1200)));
    const expected = numbered('v', 0, 1200);
    for (const reader of readers) expect(reader.values).toEqual(expected);
  });
});

describe('a broker that lost the tail of a log', () => {
  it('tells a reader that had it, also when the log has grown past it since', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-faults-'));
    cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const first = await serve(dataDir);
    await createTopic(first.url);
    const producer = await WebSocketClient.open(first.url);
    await produce(producer, 0, 50);
    const log = join(dataDir, 't-0', '00000000000000000000.log');
    const keptBytes = wholeBatchSize(readFileSync(log), 0, Number.POSITIVE_INFINITY);
    await produce(producer, 50, 100);
    const reader = new Reader();
    await reader.connect(first.url);
    await reader.read(100);
    await first.broker.kill();
    await producer.closed;
    truncateSync(log, keptBytes);
    const second = await serve(dataDir);
    const again = await WebSocketClient.open(second.url);
    cleanups.push(
      () => again.close(),
      () => reader.close(),
    );
    await produce(again, 50, 150);
    expect(await reader.connect(second.url)).toMatchObject({
      recovered: false,
      gaps: [{ topic: 't', partition: 0, from: 50, to: 100, reason: 'truncation' }],
      positions: [{ offset: 50 }],
    });
  });
});

/** Joins and waits until it has the only partition. Answers its member id and where it begins. */
async function joinGroup(url: string, group: Json): Promise<{ member: unknown; start: unknown }> {
  const client = await WebSocketClient.open(url);
  cleanups.push(() => client.close());
  const { member } = await client.ask({ type: 'subscribe', sub: 1, topic: 't', group });
  const owns = ({ type, positions }: Json) => type === 'assigned' && (positions as []).length > 0;
  const { positions } = await client.next(owns);
  const start = (positions as Json[])[0];
  await client.records(1, 10);
  return { member, start };
}

describe('a broker that is killed under the members of groups', () => {
  it('gives them their partitions back when they return, without waiting for a session', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-faults-'));
    cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const first = await serve(dataDir);
    await createTopic(first.url);
    const producer = await WebSocketClient.open(first.url);
    await produce(producer, 0, 10);
    const named = { id: 'named', instance: 'tab' };
    await joinGroup(first.url, named);
    const { member } = await joinGroup(first.url, { id: 'unnamed' });
    await first.broker.kill();
    await producer.closed;
    const second = await serve(dataDir);
    for (const group of [named, { id: 'unnamed', member }]) {
      const { start } = await joinGroup(second.url, group);
      expect(start).toMatchObject({ offset: 0, redelivered: 10 });
    }
    // A session lasts 45 s.
  }, 30_000);
});

describe('a socket that stops reading', () => {
  it('holds up nobody else, costs bounded memory, and gets everything when it reads on', async () => {
    const gateway = await GatewayFixture.start();
    cleanups.push(() => gateway.close());
    await gateway.broker.createTopic('stuck');
    const stuck = await gateway.connect();
    const reads = await gateway.connect();
    for (const client of [stuck, reads]) {
      await client.ask({ type: 'subscribe', sub: 1, topic: 'stuck' });
    }
    stuck.socket.pause();
    const pad = 'x'.repeat(20_000);
    const producer = await gateway.connect();
    const count = 1500;
    const before = process.memoryUsage().external;
    for (let i = 0; i < count; i += 30) {
      const records = numbered(pad, i, i + 30).map((value) => ({ value }));
      const answer = await producer.ask({ type: 'produce', topic: 'stuck', records });
      expect(answer).toMatchObject({ type: 'ok', offsets: [{ base: i }] });
    }
    expect((await reads.records(1, count)).length).toBe(count);
    expect(process.memoryUsage().external - before).toBeLessThan(200_000_000);
    stuck.socket.resume();
    const offsets = (await stuck.records(1, count)).map((record) => record.offset);
    expect(offsets).toEqual(numbered('', 0, count).map(Number));
  });

  it('may be cut at any byte of what it sends', async () => {
    const gateway = await GatewayFixture.start();
    cleanups.push(() => gateway.close());
    await gateway.broker.createTopic('t');
    const command = JSON.stringify({
      type: 'produce',
      id: 1,
      topic: 't',
      records: [{ value: 'x' }],
    });
    for (let cut = 0; cut < command.length; cut += 7) {
      const client = await gateway.connect();
      client.socket.write(Buffer.from([0x81, 0xfe, 0, command.length, 0, 0, 0, 0]));
      client.socket.write(command.slice(0, cut));
      client.close();
    }
    const client = await gateway.connect();
    const [row] = (await client.ask({ type: 'topics', topic: 't' })).topics as {
      partitions: Json[];
    }[];
    expect(row!.partitions[0]).toMatchObject({ partition: 0, start: expect.any(Number) });
    await client.ask({ type: 'subscribe', sub: 1, topic: 't', from: 'earliest' });
    expect(await client.ask({ type: 'position', sub: 1 })).toMatchObject({
      positions: [{ end: 0 }],
    });
  });
});
