import { constants } from 'node:os';
import { beforeEach, expect, test } from 'vitest';
import { SilentPeers } from '../../../src/front/net/silent-peers.ts';
import { READABLE, TcpSockets } from '../../../src/front/net/tcp-sockets.ts';
import type { ClosableSocket } from '../../../src/front/net/tcp-transport.ts';
import { FakeSystem, SOCKET } from '../fake-system.ts';

let system: FakeSystem;
let sockets: TcpSockets;
let peers: SilentPeers;
let nowMs: number;
let doomed: ClosableSocket[];
let heard: string[];

beforeEach(() => {
  system = new FakeSystem();
  sockets = new TcpSockets(system);
  nowMs = 1000.7;
  doomed = [];
  heard = [];
  const share = {
    sockets,
    clock: { monotonicMs: () => nowMs },
    closing: { push: (each: ClosableSocket) => doomed.push(each) },
  };
  const user = {
    onRead: (socket: number, outcome: number) => heard.push(`read ${socket} ${outcome}`),
    onWritable: () => {},
  };
  peers = new SilentPeers(share, {
    onFirstBytes: (socket, address, listenerName, cameMs) => {
      heard.push(`met ${socket} ${address} ${listenerName} ${cameMs}`);
      return user;
    },
    onLate: (address, port, silentMs) => heard.push(`late ${address}:${port} ${silentMs}`),
    onGone: (address) => heard.push(`gone ${address}`),
  });
});

const add = (socket: number) => peers.add(socket, '10.0.0.1', 'PLAINTEXT');
const closeClosableSocket = () => {
  while (doomed.length > 0) doomed.shift()!.close();
};

test('one that sends something is handed over with its first bytes', () => {
  add(SOCKET);
  expect(system.events).toBe(READABLE);
  expect(peers.size).toBe(1);
  sockets.onRead(SOCKET, 5);
  expect(heard).toEqual([`met ${SOCKET} 10.0.0.1 PLAINTEXT 1000`, `read ${SOCKET} 5`]);
  expect(peers.size).toBe(0);
});

test.each([
  ['ends', 0],
  ['resets', -constants.errno.ECONNRESET],
])('one that %s without a word is closed in its time', (_name, outcome) => {
  add(SOCKET);
  sockets.onRead(SOCKET, outcome);
  expect(system.events).toBe(0);
  expect(system.isClosed).toBe(false);
  expect(peers.size).toBe(0);
  closeClosableSocket();
  expect(heard).toEqual(['gone 10.0.0.1']);
  expect(system.isClosed).toBe(true);
});

test('one that cannot be polled is closed as well', () => {
  system.awaitEvents = () => -constants.errno.ENOMEM;
  add(SOCKET);
  closeClosableSocket();
  expect(heard).toEqual(['gone 10.0.0.1']);
});

test('those that were silent for too long are ended, the longest first, until the time is up', () => {
  for (const socket of [5, 4, 6]) {
    add(socket);
    nowMs += 100;
  }
  nowMs = 1210;
  expect(peers.endLate(100, 5000)).toBe(true);
  expect(heard).toEqual(['late 10.0.0.1:1234 210', 'late 10.0.0.1:1234 110']);
  expect(peers.size).toBe(1);
  add(7);
  nowMs = 3000;
  expect(peers.endLate(100, 3000)).toBe(false);
  expect(peers.size).toBe(1);
  expect(peers.endLate(100, 3001)).toBe(true);
  expect(peers.size).toBe(0);
});

test('all of them end where the broker stops', () => {
  add(4);
  add(5);
  peers.endAll();
  closeClosableSocket();
  expect(heard).toEqual(['gone 10.0.0.1', 'gone 10.0.0.1']);
});

test('a port is unknown where the peer is gone', () => {
  system.peerOf = () => null;
  add(SOCKET);
  nowMs = 1500;
  peers.endLate(100, 5000);
  expect(heard).toEqual(['late 10.0.0.1:0 500']);
});
