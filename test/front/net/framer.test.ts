import { expect, test } from 'vitest';
import { FED_ALL, FED_BAD_LENGTH, Framer } from '../../../src/front/net/framer.ts';

const MB = 1024 * 1024;

function frameOf(bytes: number, fill: number): Buffer {
  const frame = Buffer.alloc(4 + bytes, fill);
  frame.writeInt32BE(bytes);
  return frame;
}

/** Feeds in pieces, and returns the frames that came out. */
function feedIn(pieceBytes: number, stream: Buffer, framer: Framer): void {
  for (let at = 0; at < stream.length; at += pieceBytes) {
    const piece = Buffer.from(stream.subarray(at, at + pieceBytes));
    expect(framer.feed(piece, 0, piece.length)).toBe(FED_ALL);
  }
}

test.each([1, 3, 7, 1000, 64 * 1024])('frames come out whole from pieces of %i bytes', (piece) => {
  const sizes = piece < 10 ? [0, 1, 5, 300, 0, 17] : [100, 70_000, 0, 3 * MB, 12];
  const frames = sizes.map((size, index) => frameOf(size, index + 1));
  const came: Buffer[] = [];
  const framer = new Framer(10 * MB, (bytes, start, end) => {
    came.push(Buffer.from(bytes.subarray(start, end)));
    return true;
  });
  feedIn(piece, Buffer.concat(frames), framer);
  expect(came.map((each) => each.length)).toEqual(sizes);
  for (const [index, each] of came.entries())
    expect(each.equals(frames[index]!.subarray(4))).toBe(true);
  expect(framer.heldBytes).toBe(0);
});

test('what it holds goes with the bytes that came, not with the length that was declared', () => {
  const framer = new Framer(100 * MB, () => true);
  const stream = frameOf(90 * MB, 1);
  const held = (bytes: number): number => {
    const missing = bytes - framer.gatheredBytes;
    const at = framer.gatheredBytes;
    framer.feed(stream, at, at + missing);
    return framer.heldBytes;
  };
  expect(held(1000)).toBeLessThan(32 * 1024);
  expect(held(200_000)).toBeLessThan(2 * 200_000 + 16 * 1024);
  expect(held(5 * MB)).toBe(5 * MB);
  expect(held(60 * MB)).toBe(60 * MB);
});

test('a length that is negative or too large is refused at once', () => {
  const framer = new Framer(1000, () => true);
  const frame = frameOf(1001, 0);
  expect(framer.feed(frame, 0, frame.length)).toBe(FED_BAD_LENGTH);
  expect(framer.badLength).toBe(1001);
});

test('a frame that was refused is handed over again', () => {
  let isOpen = false;
  const came: number[] = [];
  const framer = new Framer(1000, (_, start, end) => {
    if (isOpen) came.push(end - start);
    return isOpen;
  });
  const stream = Buffer.concat([frameOf(10, 1), frameOf(20, 2)]);
  expect(framer.feed(stream, 0, 6)).toBe(FED_ALL);
  const stopped = framer.feed(stream, 6, stream.length);
  expect(stopped).toBeGreaterThanOrEqual(0);
  isOpen = true;
  expect(framer.feed(stream, stopped, stream.length)).toBe(FED_ALL);
  expect(came).toEqual([10, 20]);
});
