import { beforeEach, expect, test } from 'vitest';
import { Connection, DISPATCHED } from '../../../src/front/net/connection.ts';
import { MemoryBudget } from '../../../src/front/net/memory-budget.ts';
import type { Transport } from '../../../src/front/net/transport.ts';

const MB = 1024 * 1024;
const LIMITS = { frameBytesMax: 100 * MB, unreadBytesMax: MB, inFlightMax: 10 };

class FakeTransport {
  isReading = true;
  /** What the socket has not taken yet. */
  unsentBytes = 0;
  isDestroyed = false;
  write(): void {}
  destroy(): void {
    this.isDestroyed = true;
  }
  pause(): void {
    this.isReading = false;
  }
  resume(): void {
    this.isReading = true;
  }
  bufferedBytes(): number {
    return this.unsentBytes;
  }
}

let isTurnSpent: boolean;
let turnsOver: Connection[];
let frameCount: number;
let budget: MemoryBudget;

beforeEach(() => {
  isTurnSpent = false;
  turnsOver = [];
  frameCount = 0;
  budget = new MemoryBudget(MB);
});

function open() {
  const transport = new FakeTransport();
  const router = {
    dispatch() {
      frameCount++;
      return DISPATCHED;
    },
  };
  const owner = {
    onReplies() {},
    isLoopTurnSpent: () => isTurnSpent,
    onTurnOver: (over: Connection) => turnsOver.push(over),
    onClosed() {},
    onCut() {},
  };
  const carrier = transport as unknown as Transport;
  const connection = new Connection(carrier, router, owner, LIMITS, budget, 0);
  return { connection, transport };
}

/** A frame with its length prefix, in pieces. */
function piecesOf(bytes: number, pieceBytes: number): Buffer[] {
  const frame = Buffer.alloc(4 + bytes);
  frame.writeInt32BE(bytes);
  const pieces: Buffer[] = [];
  for (let at = 0; at < frame.length; at += pieceBytes) {
    pieces.push(frame.subarray(at, at + pieceBytes));
  }
  return pieces;
}

function nextTurns(): void {
  for (const connection of turnsOver.splice(0)) connection.nextTurn(0);
}

test('what comes when the turn is spent waits for the next, and the socket with it', () => {
  const { connection, transport } = open();
  const [whole] = piecesOf(100, 1000);
  isTurnSpent = true;
  connection.onBytes(whole!, 0, whole!.length, 0);
  expect(frameCount).toBe(0);
  expect(transport.isReading).toBe(false);
  expect(turnsOver).toEqual([connection]);
  nextTurns();
  expect(frameCount).toBe(1);
  expect(transport.isReading).toBe(true);
  expect(budget.usedBytes).toBe(0);
});

test('one that goes over the budget while it waits for its turn reads on after it', () => {
  budget = new MemoryBudget(2 * MB);
  const { connection, transport } = open();
  for (const [index, piece] of piecesOf(3 * MB, 300_000).entries()) {
    isTurnSpent = index === 6;
    connection.onBytes(piece, 0, piece.length, 0);
    nextTurns();
    expect(transport.isReading).toBe(true);
  }
  expect(frameCount).toBe(1);
});

test('over the budget somebody always reads on, however the turns fall', () => {
  const peers = [open(), open(), open()];
  const pieces = piecesOf(3 * MB, 300_000);
  const next = [0, 0, 0];
  let rounds = 0;
  while (frameCount < peers.length) {
    expect(++rounds).toBeLessThan(200);
    expect(peers.some(({ transport }, index) => transport.isReading && next[index]! < 11)).toBe(
      true,
    );
    for (const [index, { connection, transport }] of peers.entries()) {
      const piece = pieces[next[index]!];
      if (!transport.isReading || piece === undefined) continue;
      next[index]!++;
      isTurnSpent = (rounds + index) % 3 !== 0;
      connection.onBytes(piece, 0, piece.length, 0);
    }
    nextTurns();
  }
  expect(budget.usedBytes).toBe(0);
  for (const { transport } of peers) expect(transport.isReading).toBe(true);
});

test('one that is to end waits until its socket has taken the replies, and ends then', () => {
  const { connection, transport } = open();
  transport.unsentBytes = 100;
  connection.endAfterReplies('failed to authenticate');
  connection.flush(0);
  expect(transport.isDestroyed).toBe(false);
  transport.unsentBytes = 0;
  connection.resume(0);
  expect(transport.isDestroyed).toBe(true);
  expect(connection.closed).toBe(true);
});
