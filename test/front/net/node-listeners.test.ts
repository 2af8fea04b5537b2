import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { Connection, DISPATCHED } from '../../../src/front/net/connection.ts';
import type { Listener, ListenerHost } from '../../../src/front/net/listener.ts';
import { MemoryBudget } from '../../../src/front/net/memory-budget.ts';
import { NodeListeners } from '../../../src/front/net/node-listeners.ts';
import type { Transport } from '../../../src/front/net/transport.ts';
import { takeReadMemory } from '../../../src/log/portable/read-memory.ts';
import { until } from '../../support/until.ts';

const LIMITS = { frameBytesMax: 1024, unreadBytesMax: 1024, inFlightMax: 10 };
const FRAME = Buffer.from([0, 0, 0, 2, 7, 8]);

let isFull: boolean;
let admitted: number;
let frames: Buffer[];
let adopted: Connection[];
let gone: string[];
let late: string[];
let drained: Connection[];
let kind: NodeListeners;
let listener: Listener;
let clients: Socket[];

const owner = {
  onReplies() {},
  isLoopTurnSpent: () => false,
  onTurnOver() {},
  onClosed() {},
  onCut() {},
};
const router = {
  dispatch(_connection: Connection, bytes: Buffer, start: number, end: number) {
    frames.push(Buffer.from(bytes.subarray(start, end)));
    return DISPATCHED;
  },
};
const host: ListenerHost = {
  admit() {
    if (!isFull) admitted++;
    return !isFull;
  },
  onGone: (address) => gone.push(address),
  adopt(transport: Transport, openedMs = 0) {
    const budget = new MemoryBudget(1024);
    const connection = new Connection(transport, router, owner, LIMITS, budget, openedMs);
    adopted.push(connection);
    return connection;
  },
  onDrained: (connection) => drained.push(connection),
  onLate: (address) => late.push(address),
  onAcceptError(error) {
    throw error;
  },
};

beforeEach(async () => {
  isFull = false;
  admitted = 0;
  [frames, adopted, gone, late, drained, clients] = [[], [], [], [], [], []];
  kind = new NodeListeners(systemClock, host);
  const address = { name: 'OUTER', host: '127.0.0.1', port: 0 };
  listener = await kind.open({ ...address, securityProtocol: 'PLAINTEXT' }, 10);
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  listener.close();
  kind.end();
  await until('all peers are gone', async () => gone.length === admitted);
});

async function connected(): Promise<Socket> {
  const client = connect(listener.port, '127.0.0.1');
  client.on('error', () => {});
  clients.push(client);
  await once(client, 'connect');
  return client;
}

async function served(): Promise<[client: Socket, connection: Connection]> {
  const client = await connected();
  client.write(FRAME);
  await until('the frame is dispatched', async () => frames.length > 0);
  return [client, adopted[0]!];
}

test('a listener is named by its name and its security protocol, and knows its port', () => {
  expect(listener).toMatchObject({ name: 'OUTER', securityProtocol: 'PLAINTEXT' });
  expect(listener.port).toBeGreaterThan(0);
});

test('a port that is taken is an error of the configuration', async () => {
  const { host: bound, port } = listener;
  const again = kind.open({ name: 'B', securityProtocol: 'PLAINTEXT', host: bound, port }, 10);
  await expect(again).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
});

test('a peer gets a connection with its first bytes, which names both ends', async () => {
  const client = await connected();
  await until('the peer is there', async () => kind.silentCount === 1);
  expect(adopted).toEqual([]);
  client.write(FRAME);
  await until('the frame is dispatched', async () => frames.length === 1);
  expect(frames[0]).toEqual(FRAME.subarray(4));
  expect(kind.silentCount).toBe(0);
  const { transport, listenerName } = adopted[0]!;
  expect(listenerName).toBe('OUTER');
  expect(transport.remoteAddress).toBe('127.0.0.1');
  expect(transport.remotePort).toBe(client.localPort);
  expect(transport.localPort).toBe(listener.port);
});

test('a peer that the host does not admit is closed at once, and is none to the host', async () => {
  isFull = true;
  await once(await connected(), 'close');
  expect([kind.silentCount, gone.length]).toEqual([0, 0]);
});

test('a peer that is silent for too long is ended, the others stay', async () => {
  const client = await connected();
  await until('the peer is there', async () => kind.silentCount === 1);
  expect(kind.endSilent(60_000, Number.POSITIVE_INFINITY)).toBe(true);
  expect(late).toEqual([]);
  expect(kind.endSilent(-1, Number.POSITIVE_INFINITY)).toBe(true);
  expect(late).toEqual(['127.0.0.1']);
  await once(client, 'close');
  await until('the host hears it', async () => gone.length === 1);
});

test('a peer that ends is closed, and the host hears it once', async () => {
  const [client, connection] = await served();
  client.end();
  await until('the connection is closed', async () => connection.closed && gone.length > 0);
  connection.transport.destroy('idle', 'again');
  expect(gone).toEqual(['127.0.0.1']);
});

test('what a slow peer takes is seen as it takes it, and it is told when all is taken', async () => {
  const [client, { transport }] = await served();
  client.pause();
  const chunk = Buffer.alloc(20 << 20, 'x');
  transport.write([FRAME, chunk]);
  transport.write([FRAME]);
  const all = chunk.length + 2 * FRAME.length;
  expect(transport.bufferedBytes()).toBe(all);
  await until('the kernel is full', async () => transport.takenBytes() > 128 * 1024);
  expect(drained).toEqual([]);
  let received = 0;
  client.on('data', (bytes) => {
    received += bytes.length;
  });
  client.resume();
  await until('the peer has all', async () => received === all);
  await until('the transport knows', async () => transport.bufferedBytes() === 0);
  expect(transport.takenBytes()).toBe(all);
  expect(drained).toEqual(adopted);
});

test('a transport that is paused reads nothing until it is resumed', async () => {
  const [client, { transport }] = await served();
  transport.pause();
  client.write(FRAME);
  client.write(FRAME);
  await connected();
  expect(frames.length).toBe(1);
  transport.resume();
  await until('the frames are dispatched', async () => frames.length === 3);
});

test('what was read for a peer is memory for the next read once the peer has all of it', async () => {
  const [client, { transport }] = await served();
  client.pause();
  const read = takeReadMemory(300_000).fill('r');
  transport.write([read, Buffer.alloc(20 << 20)]);
  await until('the kernel is full', async () => transport.takenBytes() > 128 * 1024);
  const parts: Buffer[] = [];
  client.on('data', (bytes) => parts.push(bytes));
  client.resume();
  await until('the transport knows', async () => transport.bufferedBytes() === 0);
  expect(takeReadMemory(300_000).buffer).toBe(read.buffer);
  await until('all is here', async () => parts.reduce((sum, { length }) => sum + length, 0) > 20e6);
  expect(Buffer.concat(parts).subarray(0, 300_000).equals(Buffer.alloc(300_000, 'r'))).toBe(true);
});

test("what a peer has not taken is nobody else's, not even when the peer is cut", async () => {
  const [client, { transport }] = await served();
  client.pause();
  const read = takeReadMemory(300_000);
  transport.write([Buffer.alloc(20 << 20), read]);
  await until('the kernel is full', async () => transport.takenBytes() > 128 * 1024);
  expect(takeReadMemory(300_000).buffer).not.toBe(read.buffer);
  transport.destroy('slow', 'it reads nothing');
  await until('the host hears it', async () => gone.length === 1);
  expect(takeReadMemory(300_000).buffer).not.toBe(read.buffer);
});
