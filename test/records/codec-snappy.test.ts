import { describe, expect, it } from 'vitest';
import { compressSnappy, decompressSnappy } from '../../src/records/codec-snappy.ts';
import { BARE_SNAPPY, bareSnappyText } from './fixtures.ts';

const LIMIT = 1_000_000;

describe('snappy', () => {
  it('reads a bare block', () => {
    const packed = Buffer.from(BARE_SNAPPY, 'base64');
    expect(bareSnappyText().equals(decompressSnappy(packed, LIMIT))).toBe(true);
  });

  it('writes the frame that the Java client reads', () => {
    const packed = Buffer.from(compressSnappy(Buffer.alloc(40_000, 1)));
    expect(packed.subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001');
    const firstBlock = packed.readInt32BE(16);
    expect(packed.readInt32BE(20 + firstBlock)).toBe(packed.length - 24 - firstBlock);
  });

  it('reads a literal, and copies of all three kinds', () => {
    const block = Buffer.from([
      ...[20, 3 << 2, 0x61, 0x62, 0x63, 0x64],
      ...[(0 << 5) | (0 << 2) | 1, 4],
      ...[(5 << 2) | 2, 4, 0],
      ...[(5 << 2) | 3, 4, 0, 0, 0],
    ]);
    expect(Buffer.from(decompressSnappy(block, LIMIT)).toString()).toBe('abcdabcdabcdabcdabcd');
  });

  it.each<[string, number[]]>([
    ['a copy from before the beginning', [8, 0, 0x61, 0x11, 2]],
    ['a copy with offset 0', [5, 0, 0x61, 0x01, 0]],
    ['a literal past the end', [8, 60 << 2, 200, 1]],
    ['more than is declared', [1, 1 << 2, 0x61, 0x62]],
    ['less than is declared', [9, 1 << 2, 0x61, 0x62]],
    ['a length without an end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decompressSnappy(Buffer.from(bytes), LIMIT)).toThrow('bad snappy data');
  });

  it('does not believe a declared length that the bytes cannot hold', () => {
    const block = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0x61]);
    expect(() => decompressSnappy(block, 2 ** 40)).toThrow('cannot hold the declared 4294967295');
  });

  it('refuses frames whose block lengths do not fit', () => {
    const packed = Buffer.from(compressSnappy(Buffer.from('text '.repeat(9))));
    for (const length of [-1, 2 ** 31 - 1, packed.length - 19]) {
      packed.writeInt32BE(length, 16);
      expect(() => decompressSnappy(packed, LIMIT)).toThrow('does not fit');
    }
  });
});
