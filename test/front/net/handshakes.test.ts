import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { Handshakes } from '../../../src/front/net/tls/handshakes.ts';

const MAX = 100;
const PATIENCE_MS = 500;

let clock: ManualClock;
let handshakes: Handshakes;
let toldOfRoom: number;
let ended: number[];
let peers: Socket[];

beforeEach(() => {
  vi.useFakeTimers();
  clock = new ManualClock(0);
  [toldOfRoom, ended] = [0, []];
  handshakes = new Handshakes(clock, () => {
    toldOfRoom++;
  });
  peers = Array.from({ length: MAX }, (_, i) => {
    return { destroy: () => ended.push(i) } as unknown as Socket;
  });
  for (const peer of peers) {
    expect(handshakes.hasRoom()).toBe(true);
    handshakes.begin(peer);
    clock.advance(1);
  }
});

afterEach(() => {
  vi.useRealTimers();
});

test('no more than so many are under way, and one that ends makes room', () => {
  expect(handshakes.hasRoom()).toBe(false);
  handshakes.end(peers[7]!);
  handshakes.end(peers[7]!);
  expect([toldOfRoom, handshakes.count]).toEqual([1, MAX - 1]);
  expect(handshakes.hasRoom()).toBe(true);
  handshakes.end(peers[8]!);
  expect(toldOfRoom).toBe(1);
});

test('the one that has taken longest is ended where others wait, and only when it is slow', () => {
  expect(handshakes.hasRoom()).toBe(false);
  const leftMs = PATIENCE_MS - MAX;
  vi.advanceTimersByTime(leftMs - 1);
  expect(toldOfRoom).toBe(0);
  vi.advanceTimersByTime(1);
  expect(toldOfRoom).toBe(1);
  clock.advance(leftMs);
  expect(handshakes.hasRoom()).toBe(true);
  expect([ended, handshakes.count]).toEqual([[0], MAX - 1]);
  handshakes.end(peers[0]!);
  expect(handshakes.count).toBe(MAX - 1);
});
