import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { native, nativeSockets } from '../../src/log/native.ts';
import { skipWithoutAddon } from '../support/skip-without-addon.ts';

const READABLE = 1;
const WRITABLE = 2;
const { errno } = constants;
const sockets = nativeSockets!;

skipWithoutAddon('the addon alone has sockets');

/** Keeps what it is told, and lets a test wait for it. */
class Receiver {
  readonly buffer = Buffer.alloc(1000);
  readonly poller = sockets.createPoller(this.buffer, this);
  readonly heard: [kind: string, socket: number, value: string | number][] = [];
  #waiting: (() => void) | null = null;

  #tell(kind: string, socket: number, value: string | number): void {
    this.heard.push([kind, socket, value]);
    this.#waiting?.();
  }

  onRead(socket: number, outcome: number): void {
    const value = outcome > 0 ? this.buffer.toString('latin1', 0, outcome) : outcome;
    this.#tell('read', socket, value);
    if (outcome <= 0) sockets.awaitEvents(this.poller, socket, 0);
  }

  onWritable(socket: number): void {
    sockets.awaitEvents(this.poller, socket, READABLE);
    this.#tell('writable', socket, 0);
  }

  onAcceptable(listener: number): void {
    this.#tell('acceptable', listener, 0);
  }

  async next(kind: string): Promise<[string, number, string | number]> {
    for (;;) {
      const at = this.heard.findIndex(([each]) => each === kind);
      if (at >= 0) return this.heard.splice(at, 1)[0]!;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }
}

describe.each([
  ['newcomers', false],
  ['sockets that are established', true],
])('%s', (_name, isEstablished) => {
  let receiver: Receiver;
  let listener: number;
  let port: number;
  const clients: Socket[] = [];

  beforeEach(async () => {
    receiver = new Receiver();
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ({ port } = server.address() as AddressInfo);
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    listener = sockets.adoptListener(receiver.poller, fd, 100_000);
    server.close();
  });

  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
    sockets.closePoller(receiver.poller);
  });

  async function connected(): Promise<[client: Socket, socket: number]> {
    const client = connect(port, '127.0.0.1');
    clients.push(client);
    client.on('error', () => {});
    await once(client, 'connect');
    await receiver.next('acceptable');
    const socket = sockets.accept(receiver.poller, listener);
    if (isEstablished) expect(sockets.establish(receiver.poller, socket)).toBe(0);
    return [client, socket];
  }

  it('are accepted one at a time, for as long as somebody waits', async () => {
    const [client, socket] = await connected();
    expect(socket).toBeGreaterThanOrEqual(0);
    expect(sockets.accept(receiver.poller, listener)).toBe(-errno.EAGAIN);
    expect(sockets.peerOf(receiver.poller, socket)).toEqual(['127.0.0.1', client.localPort]);
    expect(sockets.localOf(receiver.poller, socket)).toEqual(['127.0.0.1', port]);
  });

  it('are read only when that is asked for, as much as the buffer holds', async () => {
    const [client, socket] = await connected();
    client.write(`${'a'.repeat(1000)}${'b'.repeat(500)}`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(receiver.heard.filter(([kind]) => kind === 'read')).toEqual([]);
    sockets.awaitEvents(receiver.poller, socket, READABLE);
    expect(await receiver.next('read')).toEqual(['read', socket, 'a'.repeat(1000)]);
    expect(await receiver.next('read')).toEqual(['read', socket, 'b'.repeat(500)]);
  });

  it('are read to where a word says, no more at once than was agreed', async () => {
    const next = new Int32Array([40]);
    const memory = Buffer.alloc(100);
    const reads: string[] = [];
    const other = {
      onRead: (_socket: number, outcome: number) => {
        reads.push(memory.toString('latin1', next[0], next[0]! + outcome));
        next[0] = next[0]! + outcome;
      },
      onWritable() {},
      onAcceptable: (number: number) => {
        const socket = sockets.accept(poller, number);
        if (socket >= 0) sockets.awaitEvents(poller, socket, READABLE);
      },
    };
    const poller = sockets.createPoller(memory, other, next, 30);
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    sockets.adoptListener(poller, fd, 100_000);
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    clients.push(client);
    server.close();
    client.write('x'.repeat(70));
    while (reads.length < 2) await new Promise((resolve) => setImmediate(resolve));
    // 100 bytes are full now: nothing is read until there is room again.
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toEqual(['x'.repeat(30), 'x'.repeat(30)]);
    next[0] = 0;
    while (reads.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(reads[2]).toBe('x'.repeat(10));
    sockets.closePoller(poller);
    expect(() => sockets.createPoller(memory, other, next, 101)).toThrow(/one word/);
  });

  it('send chunks in their order, whether they lie behind each other or apart', async () => {
    const [client, socket] = await connected();
    const memory = Buffer.from('abcdefgh');
    const parts = [
      [0, 2],
      [2, 5],
      [6, 8],
      [5, 6],
      [0, 0],
      [6, 7],
    ] as const;
    const chunks = parts.map(([from, to]) => memory.subarray(from, to));
    expect(sockets.send(receiver.poller, socket, chunks)).toBe(9);
    expect(sockets.send(receiver.poller, socket, chunks.slice(0, 2))).toBe(5);
    expect(sockets.send(receiver.poller, socket, [])).toBe(0);
    let received = '';
    client.setEncoding('latin1').on('data', (text: string) => {
      received += text;
    });
    while (received.length < 14) await new Promise((resolve) => setImmediate(resolve));
    expect(received).toBe('abcdeghfgabcde');
  });

  it('tell of the end and of a reset', async () => {
    const [client, socket] = await connected();
    const [rude, broken] = await connected();
    sockets.awaitEvents(receiver.poller, socket, READABLE);
    sockets.awaitEvents(receiver.poller, broken, READABLE);
    client.end();
    expect(await receiver.next('read')).toEqual(['read', socket, 0]);
    rude.resetAndDestroy();
    expect(await receiver.next('read')).toEqual(['read', broken, -errno.ECONNRESET]);
    expect(sockets.send(receiver.poller, broken, [Buffer.from('x')])).toBe(-errno.EPIPE);
  });

  it('take what they have room for, within the bound, and say when there is room again', async () => {
    const [client, socket] = await connected();
    const { poller } = receiver;
    const small = [Buffer.from('one '), Buffer.alloc(0), Buffer.from('two')];
    expect(sockets.send(poller, socket, small)).toBe(7);
    expect(String(((await once(client, 'data')) as [Buffer])[0])).toBe('one two');
    client.pause();
    const much = Array.from({ length: 64 }, () => Buffer.alloc(1 << 20));
    let taken = 0;
    for (let sent = 1; sent > 0; taken += sent) sent = sockets.send(poller, socket, much);
    expect(taken).toBeGreaterThan(100_000);
    // The peer's side of the kernel holds some megabytes more.
    expect(taken).toBeLessThan(10_000_000);
    sockets.awaitEvents(poller, socket, READABLE | WRITABLE);
    client.resume();
    expect(await receiver.next('writable')).toEqual(['writable', socket, 0]);
    expect(sockets.send(poller, socket, much)).toBeGreaterThan(0);
  });

  it('do not take a map whose file was cut, neither before nor after it was read', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'millrace-sockets-')), 'cut');
    writeFileSync(path, Buffer.alloc(2 * 4096, 'x'));
    const fd = openSync(path, 'r+');
    const readable = native.mapReadOnly(fd, 2 * 4096);
    truncateSync(path, 0);
    const [, socket] = await connected();
    const { poller } = receiver;
    expect(sockets.send(poller, socket, [readable])).toBe(-errno.EFAULT);
    expect(native.isLost(readable)).toBe(false);
    expect(readable[0]).toBe(0);
    expect(sockets.send(poller, socket, [readable.subarray(4096)])).toBe(-errno.EFAULT);
    expect(native.spoil(readable)).toBe(true);
    expect(sockets.send(poller, socket, [readable])).toBe(-errno.EFAULT);
    closeSync(fd);
    rmSync(dirname(path), { recursive: true });
  });

  it('are closed for good: the number is free, and the next connection has it', async () => {
    const [client, socket] = await connected();
    const gone = once(client, 'close');
    client.resume();
    sockets.closeSocket(receiver.poller, socket);
    await gone;
    expect(() => sockets.closeSocket(receiver.poller, socket)).toThrow(/a socket of it/);
    const [, next] = await connected();
    expect(next).toBe(socket);
  });

  it('are all closed with their poller', async () => {
    const [client] = await connected();
    const gone = once(client.resume(), 'close');
    sockets.closePoller(receiver.poller);
    sockets.closePoller(receiver.poller);
    await gone;
    const refused = connect(port, '127.0.0.1');
    expect((await once(refused, 'error'))[0].code).toBe('ECONNREFUSED');
    const { poller } = receiver;
    expect(() => sockets.accept(poller, listener)).toThrow(/a listener of it/);
  });

  it('refuse what makes no sense', () => {
    const { poller } = receiver;
    const wrong = [] as unknown as object;
    expect(() => sockets.accept(wrong, listener)).toThrow(/takes a poller/);
    expect(() => sockets.send(poller, listener, ['text'] as never)).toThrow(/Uint8Array/);
    expect(() => sockets.awaitEvents(poller, listener, 4)).toThrow(/readable/);
    expect(() => sockets.adoptListener(poller, 0, 0)).toThrow(/above 0/);
    expect(sockets.adoptListener(poller, -1, 1000)).toBe(-errno.EBADF);
    expect(() => sockets.createPoller(Buffer.alloc(0), receiver)).toThrow(/takes a buffer/);
    expect(() => sockets.createPoller(Buffer.alloc(1), {} as never)).toThrow(/onRead/);
  });
});

/** A listener whose sockets are read at once; `onRead` is told of each read. */
async function listening(onRead: (socket: number) => void) {
  const accepted: number[] = [];
  const receiver = {
    onRead,
    onWritable() {},
    onAcceptable: (number: number) => {
      const socket = sockets.accept(poller, number);
      if (socket < 0) return;
      accepted.push(socket);
      sockets.awaitEvents(poller, socket, READABLE);
    },
  };
  const poller = sockets.createPoller(Buffer.alloc(1000), receiver);
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port, fd } = { ...(server.address() as AddressInfo), ...handleOf(server) };
  sockets.adoptListener(poller, fd, 100_000);
  server.close();
  const connected = async () => {
    const before = accepted.length;
    const client = connect(port, '127.0.0.1');
    client.on('error', () => {});
    while (accepted.length === before) await new Promise((resolve) => setImmediate(resolve));
    return { client, socket: accepted.at(-1)! };
  };
  return { poller, connected };
}

function handleOf(server: object): { fd: number } {
  return { fd: (server as { _handle: { fd: number } })._handle.fd };
}

it('newcomers that take long have a turn each, and others wait for one of them', async () => {
  const MS = 2;
  let turn = 0;
  const turns = new Map<number, number>();
  const { poller, connected } = await listening((socket) => {
    const endMs = performance.now() + MS;
    while (performance.now() < endMs);
    turns.set(socket, turn);
  });
  const peers = [];
  for (let i = 0; i < 5; i++) peers.push(await connected());
  const [first, second, ...newcomers] = peers;
  for (const { socket } of [first!, second!]) sockets.establish(poller, socket);
  const writing = peers.map(
    ({ client }) => new Promise<void>((resolve) => client.write('x', () => resolve())),
  );
  await Promise.all(writing);
  while (turns.size < peers.length) {
    await new Promise((resolve) => setImmediate(resolve));
    turn++;
  }
  const turnsOf = (some: readonly { socket: number }[]) =>
    some.map((each) => turns.get(each.socket));
  expect(new Set(turnsOf(newcomers)).size).toBe(newcomers.length);
  for (const { client } of peers) client.destroy();
  sockets.closePoller(poller);
});

it('a newcomer that is established goes on where it was', async () => {
  let reads = 0;
  const { poller, connected } = await listening((socket) => {
    reads++;
    expect(sockets.establish(poller, socket)).toBe(0);
    expect(sockets.establish(poller, socket)).toBe(0);
  });
  const { client } = await connected();
  for (let i = 1; i <= 3; i++) {
    client.write('x');
    while (reads < i) await new Promise((resolve) => setImmediate(resolve));
  }
  client.destroy();
  sockets.closePoller(poller);
});

it('a thread that ends with open sockets closes them and takes nobody with it', async () => {
  const addon = new URL('../../native/build/millrace.node', import.meta.url).pathname;
  const text = `
    const { parentPort } = require('node:worker_threads');
    const { createServer } = require('node:net');
    const native = require(${JSON.stringify(addon)});
    const receiver = { onRead() {}, onWritable() {}, onAcceptable() {
      native.accept(poller, listener);
      parentPort.postMessage('accepted');
    } };
    const poller = native.createPoller(Buffer.alloc(1000), receiver);
    let listener;
    const server = createServer().listen(0, '127.0.0.1', () => {
      listener = native.adoptListener(poller, server._handle.fd, 1000);
      const { port } = server.address();
      server.close();
      parentPort.postMessage(port);
    });`;
  const worker = new Worker(text, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const client = connect(port, '127.0.0.1').resume();
  client.on('error', () => {});
  await once(worker, 'message');
  const gone = once(client, 'close');
  await worker.terminate();
  await gone;
});
