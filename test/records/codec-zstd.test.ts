import { describe, expect, it } from 'vitest';
import { compressZstd, decompressZstd } from '../../src/records/codec-zstd.ts';
import { decodeZstd } from '../../src/records/zstd-decoder.ts';
import { encodeZstd } from '../../src/records/zstd-encoder.ts';
import * as tables from '../../src/records/zstd-tables.ts';
import { longText, STREAMED_ZSTD } from './fixtures.ts';
import { Random } from './random.ts';

const LIMIT = 1_000_000;
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

describe('zstd', () => {
  it('reads several blocks of a streaming encoder', () => {
    const packed = Buffer.from(STREAMED_ZSTD, 'base64');
    expect(longText().equals(decodeZstd(packed, LIMIT))).toBe(true);
    expect(longText().equals(decompressZstd(packed, LIMIT))).toBe(true);
  });

  it('reads with its own decoder what this Node writes, and the other way round', () => {
    const text = new Random(3).text(300_000);
    expect(text.equals(decodeZstd(compressZstd(text), LIMIT))).toBe(true);
    expect(text.equals(decompressZstd(encodeZstd(text), LIMIT))).toBe(true);
  });

  it('takes a raw block, a run, a checksum, skippable and further frames', () => {
    const frame = [...MAGIC, 0x04, 0x00, 0x10, 0, 0, 0x61, 0x62, 0x23, 0, 0, 0x63, 1, 2, 3, 4];
    const skipped = [0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
    const packed = Buffer.from([...skipped, ...frame, ...skipped, ...frame]);
    expect(Buffer.from(decodeZstd(packed, LIMIT)).toString()).toBe('abccccabcccc');
  });

  it('opens every frame of several, and refuses what is cut off, also by this Node', () => {
    const texts = ['first', 'second'].map((word) => Buffer.from(word.repeat(1000)));
    const frames = texts.map((text) => Buffer.from(compressZstd(text)));
    const skipped = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9]);
    const packed = Buffer.concat([skipped, frames[0]!, skipped, frames[1]!, skipped]);
    expect(Buffer.concat(texts).equals(decompressZstd(packed, LIMIT))).toBe(true);
    for (const cut of [0, 3, 7, 12, 20, packed.length - 1]) {
      expect(() => decompressZstd(packed.subarray(0, cut), LIMIT), `${cut} bytes`).toThrow(
        'it is cut off',
      );
    }
    const trailed = Buffer.concat([packed, Buffer.from('trailing')]);
    expect(() => decompressZstd(trailed, LIMIT)).toThrow('no zstd frame');
    const total = texts.reduce((sum, { length }) => sum + length, 0);
    expect(decompressZstd(packed, total).length).toBe(total);
    expect(() => decompressZstd(packed, total - 1)).toThrow('would grow past the limit');
  });

  it('keeps windows within 8 MB, which every decoder must allow', () => {
    const random = new Random(4);
    const noise = random.bytes(200_000);
    const input = Buffer.concat([noise, Buffer.alloc(8_500_000, 'millrace '), noise]);
    const packed = encodeZstd(input);
    expect(packed.length).toBeGreaterThan(400_000);
    expect(packed[4]! & 0x20).toBe(0);
    expect(input.equals(decodeZstd(packed, input.length))).toBe(true);
  });

  it('has probabilities that add up', () => {
    const sum = (counts: Int16Array) => counts.reduce((total, count) => total + Math.abs(count), 0);
    expect(sum(tables.LITERAL_LENGTH_DEFAULT)).toBe(64);
    expect(sum(tables.MATCH_LENGTH_DEFAULT)).toBe(64);
    expect(sum(tables.OFFSET_DEFAULT)).toBe(32);
    expect(tables.LITERAL_LENGTH_BASE[35]).toBe(65_536);
    expect(tables.MATCH_LENGTH_BASE[52]).toBe(65_539);
  });

  it('believes no declared content size', () => {
    const huge = Buffer.from([...MAGIC, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]);
    expect(() => decodeZstd(huge, LIMIT)).toThrow('grow past the limit');
    const wrong = Buffer.from([...MAGIC, 0x20, 5, 0x11, 0, 0, 0x61, 0x62]);
    expect(() => decodeZstd(wrong, LIMIT)).toThrow('content size is wrong');
  });

  it.each<[string, number[]]>([
    ['no frame', [1, 2, 3, 4, 5]],
    ['a reserved descriptor bit', [...MAGIC, 0x28, 0, 1, 0, 0]],
    ['a dictionary', [...MAGIC, 0x21, 7, 0, 1, 0, 0]],
    ['a reserved block type', [...MAGIC, 0x00, 0x00, 0x07, 0, 0]],
    ['a block larger than 128 KB', [...MAGIC, 0x00, 0x00, 0xfb, 0xff, 0xff, 0x61]],
    ['a compressed block without content', [...MAGIC, 0x00, 0x00, 0x05, 0, 0]],
    ['a treeless block without a tree', [...MAGIC, 0x00, 0x00, 0x2d, 0, 0, 3, 4, 0, 1, 0]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decodeZstd(Buffer.from(bytes), LIMIT)).toThrow('bad zstd data');
  });
});
