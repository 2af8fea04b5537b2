import { describe, expect, it } from 'vitest';
import { FrameAssembler } from '../../../src/client/net/frame-assembler.ts';

function framed(sizes: readonly number[]): { stream: Buffer; frames: Buffer[] } {
  const frames = sizes.map((size, i) => Buffer.alloc(size, i + 1));
  const pieces = frames.flatMap((frame) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length);
    return [length, frame];
  });
  return { stream: Buffer.concat(pieces), frames };
}

/** Feeds the stream as a socket would, in reads of at most `most` bytes. */
function feed(stream: Buffer, most: number, inPlaceMax = 0, owned: number[] = []): Buffer[] {
  const seen: Buffer[] = [];
  const assembler = new FrameAssembler((bytes, start, end, isOwned) => {
    if (isOwned) owned.push(end - start);
    seen.push(isOwned ? bytes.subarray(start, end) : Buffer.from(bytes.subarray(start, end)));
  }, inPlaceMax);
  for (let at = 0; at < stream.length; ) {
    const target = assembler.target();
    const length = Math.min(most, target.length, stream.length - at);
    target.set(stream.subarray(at, at + length));
    assembler.feed(target, length);
    at += length;
  }
  return seen;
}

describe('FrameAssembler', () => {
  it('finds the same frames however the stream is cut', () => {
    const { stream, frames } = framed([4, 5, 100, 70_000, 4, 300_000, 8]);
    for (const most of [1, 3, 4, 7, 1_000, 65_536, 1_000_000]) {
      const seen = feed(stream, most);
      expect(seen.map((each, i) => each.equals(frames[i]!))).toEqual(frames.map(() => true));
    }
  });

  it('finds them in the buffer for reads, too, where they may be put together there', () => {
    const { stream, frames } = framed([4, 100_000, 5, 200_000, 4, 4, 70_000]);
    for (const most of [1, 3, 7, 1_000, 65_536, 1_000_000]) {
      const seen = feed(stream, most, 100_004);
      expect(seen.map((each, i) => each.equals(frames[i]!))).toEqual(frames.map(() => true));
    }
  });

  it('puts an answer of that size together without memory of its own', () => {
    for (const most of [1, 1_000, 65_536]) {
      const owned: number[] = [];
      feed(framed([100_000]).stream, most, 100_004, owned);
      expect(owned).toEqual([]);
      feed(framed([100_001]).stream, most, 100_004, owned);
      expect(owned).toEqual([100_001]);
    }
  });

  it('leaves a frame as it is until the next read', () => {
    const { stream, frames } = framed([50, 3_000]);
    const seen: Buffer[] = [];
    const onFrame = (bytes: Buffer, start: number, end: number) => {
      seen.push(bytes.subarray(start, end));
    };
    const assembler = new FrameAssembler(onFrame, 5_000);
    assembler.target().set(stream.subarray(0, 1_000));
    assembler.feed(assembler.target(), 1_000);
    expect(seen).toEqual([frames[0]]);
  });

  it('grows the memory of a frame above 4 MB with its bytes', () => {
    const { stream, frames } = framed([9_000_000, 5]);
    expect(feed(stream, 1_000_000).map((each) => each.equals(frames[0]!))).toEqual([true, false]);
    expect(feed(stream, 50_000)[1]).toEqual(frames[1]);
  });

  it('reads a large frame into its own memory', () => {
    const { stream } = framed([1_000_000]);
    const assembler = new FrameAssembler(() => expect.unreachable('the frame is not whole'));
    assembler.target().set(stream.subarray(0, 100));
    assembler.feed(assembler.target(), 100);
    expect(assembler.target().length).toBe(1_000_004 - 100);
  });

  it.each([-1, 0, 3, 2 ** 30])('refuses a frame that announces %d bytes', (length) => {
    const stream = Buffer.alloc(8);
    stream.writeInt32BE(length);
    expect(() => feed(stream, 8)).toThrow(`a response of ${length} bytes is announced`);
  });
});
