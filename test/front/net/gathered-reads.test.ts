import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { READ_BYTES_MAX, TurnMemory } from '../../../src/base/turn-memory.ts';
import type { Connection } from '../../../src/front/net/connection.ts';
import { GatheredReads } from '../../../src/front/net/gathered-reads.ts';
import { NodeTransport } from '../../../src/front/net/node-transport.ts';

class FakeSocket extends EventEmitter {
  readonly written: Buffer[] = [];
  writableLength = 0;
  isDestroyed = false;
  cork() {}
  uncork() {}
  write(bytes: Buffer, onTaken?: () => void) {
    this.written.push(bytes);
    if (onTaken !== undefined) setImmediate(onTaken);
  }
  destroy() {
    this.isDestroyed = true;
  }
}

let memory: TurnMemory;
let socket: FakeSocket;
let transport: NodeTransport;
/** What the connection got, and whether it lies in the memory of the turn. */
let reads: { text: string; isGathered: boolean }[];
let events: string[];

beforeEach(() => {
  memory = new TurnMemory();
  reads = [];
  events = [];
  socket = new FakeSocket();
  const connection = {
    onBytes: (bytes: Buffer, start: number, end: number) => {
      events.push('read');
      reads.push({ text: bytes.toString('latin1', start, end), isGathered: memory.has(bytes) });
    },
    onClosed: () => events.push('closed'),
  } as unknown as Connection;
  const owner = {
    onFirstBytes: () => connection,
    onDrained: () => events.push('drained'),
    onEnded: () => events.push('ended'),
    onGone: () => {},
    now: () => 0,
  };
  const gathered = new GatheredReads(memory);
  transport = new NodeTransport(socket as unknown as Socket, 'SSL', owner as never, gathered);
});

const come = (...texts: string[]) => {
  for (const text of texts) socket.emit('data', Buffer.from(text, 'latin1'));
};

test('pieces of one turn are one read at its end', async () => {
  come('ab', 'cd', 'e');
  expect(reads).toEqual([]);
  await nextTurn();
  expect(reads).toEqual([{ text: 'abcde', isGathered: true }]);
  come('f');
  await nextTurn();
  expect(reads[1]).toEqual({ text: 'f', isGathered: true });
});

test('a read goes behind one that is held', async () => {
  come('first');
  await nextTurn();
  memory.hold();
  come('second');
  await nextTurn();
  expect(reads.map(({ text }) => text)).toEqual(['first', 'second']);
  expect(memory.bytes.toString('latin1', 0, 5)).toBe('first');
});

test('no more than a read of TCP is gathered', async () => {
  const half = 'x'.repeat(READ_BYTES_MAX / 2 + 1);
  come(half, half);
  expect(reads.map(({ text }) => text.length)).toEqual([half.length]);
  come('y'.repeat(READ_BYTES_MAX + 1));
  const lengths = [half.length, half.length, READ_BYTES_MAX + 1];
  expect(reads.map(({ text }) => text.length)).toEqual(lengths);
  await nextTurn();
  expect(reads).toHaveLength(3);
});

test.each(['end', 'error'])('what came before the %s is served first', (event) => {
  come('last');
  socket.emit(event, new Error('reset'));
  expect(events).toEqual(['read', 'ended']);
});

test('nothing is served behind a cut', async () => {
  come('lost');
  transport.destroy();
  await nextTurn();
  expect(reads).toEqual([]);
  expect(socket.isDestroyed).toBe(true);
});

test('small replies leave in one piece, and their end is told', async () => {
  transport.write([Buffer.from('a'), Buffer.from('b')]);
  transport.write([Buffer.from('c')]);
  expect(transport.bufferedBytes()).toBe(3);
  await nextTurn();
  await nextTurn();
  expect(socket.written.map(String)).toEqual(['ab', 'c']);
  expect(transport.takenBytes()).toBe(3);
});
