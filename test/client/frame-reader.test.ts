import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../src/client/frame-reader.ts';

function frame(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(text.length);
  return Buffer.concat([length, Buffer.from(text)]);
}

function framesOf(reader: FrameReader): string[] {
  const found: string[] = [];
  for (let next = reader.next(); next !== null; next = reader.next()) found.push(next.toString());
  return found;
}

describe('FrameReader', () => {
  it('cuts frames that come together', () => {
    const reader = new FrameReader();
    reader.push(Buffer.concat([frame('first'), frame('second'), frame('third').subarray(0, 6)]));
    expect(framesOf(reader)).toEqual(['first', 'second']);
    reader.push(frame('third').subarray(6));
    expect(framesOf(reader)).toEqual(['third']);
  });

  it('joins a frame that comes byte by byte', () => {
    const reader = new FrameReader();
    const found: string[] = [];
    for (const byte of Buffer.concat([frame('slow one'), frame('next')])) {
      reader.push(Buffer.of(byte));
      found.push(...framesOf(reader));
    }
    expect(found).toEqual(['slow one', 'next']);
  });

  it('refuses lengths that no answer has, before anything is allocated', () => {
    for (const length of [-1, 3, 101]) {
      const reader = new FrameReader(100);
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(length);
      reader.push(bytes);
      expect(() => reader.next()).toThrow(`a response of ${length} bytes`);
    }
  });
});
