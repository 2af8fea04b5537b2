import { constants } from 'node:os';
import { beforeEach, expect, test } from 'vitest';
import type { Connection } from '../../../src/front/net/connection.ts';
import { READABLE, TcpSockets, WRITABLE } from '../../../src/front/net/tcp-sockets.ts';
import {
  type ClosableSocket,
  plainAddress,
  TcpTransport,
} from '../../../src/front/net/tcp-transport.ts';
import { FakeSystem, SOCKET } from '../fake-system.ts';

let system: FakeSystem;
let transport: TcpTransport;
let doomed: ClosableSocket[];
let heard: string[];
let unreadable: readonly Buffer[];

beforeEach(() => {
  system = new FakeSystem();
  doomed = [];
  heard = [];
  unreadable = [];
  const sockets = new TcpSockets(system);
  const share = {
    sockets,
    clock: { monotonicMs: () => 0 },
    onUnreadable: (chunks: readonly Buffer[]) => {
      unreadable = chunks;
    },
    closing: { push: (each: ClosableSocket) => doomed.push(each) },
  };
  const connection = {
    onBytes: (_buffer: Buffer, start: number, end: number) => heard.push(`bytes ${start} ${end}`),
    onClosed: () => heard.push('closed'),
  } as unknown as Connection;
  const owner = {
    onDrained: () => heard.push('drained'),
    onGone: () => heard.push('gone'),
  };
  transport = new TcpTransport(SOCKET, '10.0.0.1', 1234, 'PLAINTEXT', share, owner);
  transport.serve(connection);
});

const write = (...texts: string[]) => transport.write(texts.map((text) => Buffer.from(text)));
const closeClosableSocket = () => {
  while (doomed.length > 0) doomed.shift()!.close();
};

test('reads once it is served, and not while it is paused', () => {
  expect(system.events).toBe(READABLE);
  transport.onRead(SOCKET, 7);
  expect(heard).toEqual(['bytes 0 7']);
  transport.pause();
  expect(system.events).toBe(0);
  transport.resume();
  expect(system.events).toBe(READABLE);
});

test('what the socket has no room for goes out in order when there is room', () => {
  system.room = 5;
  write('abc', 'def', 'ghi');
  expect(transport.bufferedBytes()).toBe(4);
  expect(transport.takenBytes()).toBe(5);
  expect(system.events).toBe(READABLE | WRITABLE);
  write('jkl');
  expect(system.taken).toEqual(['abcde']);
  for (const room of [1, 4]) {
    system.room = room;
    transport.onWritable();
  }
  expect(transport.bufferedBytes()).toBe(2);
  expect(heard).toEqual([]);
  system.room = 100;
  transport.onWritable();
  expect(system.taken.join('')).toBe('abcdefghijkl');
  expect(heard).toEqual(['drained']);
  expect(system.events).toBe(READABLE);
  expect(transport.takenBytes()).toBe(12);
});

test('many small chunks that wait are sent to the last', () => {
  const texts = Array.from({ length: 1000 }, (_, index) => `${index};`);
  write(...texts);
  while (transport.bufferedBytes() > 0) {
    system.room = 17;
    transport.onWritable();
  }
  expect(system.taken.join('')).toBe(texts.join(''));
});

test('a paused one that has something to send is still told of room', () => {
  write('abc');
  transport.pause();
  expect(system.events).toBe(WRITABLE);
});

test.each([
  ['the end of the peer', () => transport.onRead(SOCKET, 0)],
  ['a reset', () => transport.onRead(SOCKET, -constants.errno.ECONNRESET)],
  [
    'a send that fails',
    () => {
      system.room = -constants.errno.EPIPE;
      write('abc');
    },
  ],
])('%s ends it in a moment, once', (_name, breakIt) => {
  breakIt();
  expect(heard).toEqual([]);
  expect(system.events).toBe(0);
  write('nobody takes it');
  transport.resume();
  expect(system.events).toBe(0);
  expect(transport.bufferedBytes()).toBe(0);
  closeClosableSocket();
  expect(heard).toEqual(['closed', 'gone']);
  expect(system.isClosed).toBe(true);
});

test('one that is destroyed is gone for its connection at once, for the system later', () => {
  write('abc');
  transport.destroy();
  transport.destroy();
  expect(heard).toEqual(['closed']);
  expect(system.isClosed).toBe(false);
  expect(transport.localPort).toBe(0);
  closeClosableSocket();
  expect(heard).toEqual(['closed', 'gone']);
  expect(system.isClosed).toBe(true);
});

test('bytes that the system cannot read are named', () => {
  system.room = -constants.errno.EFAULT;
  write('abc');
  expect(unreadable.map(String)).toEqual(['abc']);
  closeClosableSocket();
  expect(heard).toEqual(['closed', 'gone']);
});

test('IPv4 addresses are written as people write them', () => {
  expect(transport.localAddress).toBe('127.0.0.1');
  expect(plainAddress('::1')).toBe('::1');
  expect(plainAddress(undefined)).toBe('');
});
