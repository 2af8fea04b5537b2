import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/base/errors.ts';
import { CODEC, CODEC_NAMES, codecIdOf } from '../../src/records/codec-ids.ts';
import { compress, decompress } from '../../src/records/compression.ts';
import { decodeOwn } from '../../src/records/decode-own.ts';
import { decodeGzip } from '../../src/records/gzip-decoder.ts';
import { encodeGzip } from '../../src/records/gzip-encoder.ts';
import { decodeZstd } from '../../src/records/zstd-decoder.ts';
import { encodeZstd } from '../../src/records/zstd-encoder.ts';
import { Random } from './random.ts';

interface Coder {
  readonly name: string;
  pack(bytes: Uint8Array): Uint8Array;
  unpack(bytes: Uint8Array, maxBytes: number): Uint8Array;
}

/** The four codecs as the room offers them, gzip and zstd without the help of Node too. */
const coders: Coder[] = [CODEC.GZIP, CODEC.SNAPPY, CODEC.LZ4, CODEC.ZSTD].map((codec) => ({
  name: CODEC_NAMES[codec],
  pack: (bytes) => compress(codec, bytes),
  unpack: (bytes, maxBytes) => decompress(codec, bytes, maxBytes),
}));
const ownZstd = (bytes: Uint8Array, bytesMax: number) => decodeOwn(decodeZstd, bytes, bytesMax);
const ownGzip = (bytes: Uint8Array, bytesMax: number) => decodeOwn(decodeGzip, bytes, bytesMax);
coders.push({ name: 'portable gzip', pack: encodeGzip, unpack: ownGzip });
coders.push({ name: 'portable zstd', pack: encodeZstd, unpack: ownZstd });

const LIMIT = 64 * 1024 * 1024;

const INPUTS = makeInputs();

function makeInputs(): Buffer[] {
  const random = new Random(42);
  const found: Buffer[] = [];
  const sizes = [0, 1, 2, 3, 4, 5, 7, 12, 13, 16, 17, 63, 64, 65, 255, 256, 257, 1023, 1024, 5000];
  for (const size of [...sizes, 16_384, 65_535, 65_536, 65_537, 131_072, 131_073, 300_000]) {
    found.push(random.text(size), random.bytes(size), Buffer.alloc(size, 0x61));
    found.push(Buffer.from(random.text(size).map((byte) => byte + 128)));
    const skewed = Buffer.alloc(size);
    for (let at = 0; at < size; at++) skewed[at] = random.below(1 + random.below(1 + (at % 200)));
    found.push(skewed, Buffer.concat([random.text(size >>> 1), random.bytes(size >>> 2)]));
  }
  return found;
}

/** The outcome of hostile bytes: unpacked within the limit, or refused as corrupt. */
function expectBounded(coder: Coder, bytes: Uint8Array, maxBytes: number): void {
  try {
    expect(coder.unpack(bytes, maxBytes).length).toBeLessThanOrEqual(maxBytes);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(MillraceError);
    expect((thrown as MillraceError).code).toBe('MILLRACE_CORRUPT');
  }
}

describe.each(coders)('$name', (coder) => {
  it('gives back what it packed, whatever the shape and size', () => {
    for (const input of INPUTS) {
      const packed = coder.pack(input);
      const unpacked = coder.unpack(packed, Math.max(1, input.length));
      expect(input.equals(unpacked)).toBe(true);
    }
  });

  it('reads bytes that lie inside a larger buffer', () => {
    const packed = Buffer.from(coder.pack(Buffer.from('records '.repeat(50))));
    const around = Buffer.concat([Buffer.alloc(3, 9), packed, Buffer.alloc(5, 9)]);
    const unpacked = coder.unpack(around.subarray(3, 3 + packed.length), LIMIT);
    expect(Buffer.from(unpacked).toString()).toBe('records '.repeat(50));
  });

  it('makes text smaller', () => {
    const text = new Random(5).text(16_384);
    expect(coder.pack(text).length).toBeLessThan(text.length / 2);
  });

  it('takes no input cut off at any byte for the whole', () => {
    const input = new Random(6).text(500);
    const packed = coder.pack(input);
    for (let end = 0; end < packed.length; end++) {
      let unpacked: Uint8Array | undefined;
      try {
        unpacked = coder.unpack(packed.subarray(0, end), LIMIT);
      } catch (thrown) {
        expect((thrown as MillraceError).code).toBe('MILLRACE_CORRUPT');
      }
      expect(unpacked === undefined || unpacked.length < input.length).toBe(true);
    }
  });

  it('refuses a bomb at the limit', () => {
    const bomb = coder.pack(Buffer.alloc(8 * 1024 * 1024));
    expect(() => coder.unpack(bomb, 100_000)).toThrow('grow past the limit of 100000 bytes');
    expect(coder.unpack(bomb, 8 * 1024 * 1024).length).toBe(8 * 1024 * 1024);
  });

  it('survives flipped bytes', () => {
    const random = new Random(7);
    for (const input of [random.text(3000), random.bytes(300), Buffer.alloc(5000, 1)]) {
      const packed = Buffer.from(coder.pack(input));
      for (let round = 0; round < 250; round++) {
        const broken = Buffer.from(packed);
        for (let left = 1 + random.below(3); left > 0; left--) {
          broken[random.below(broken.length)] = random.below(256);
        }
        expectBounded(coder, broken, 20_000);
      }
    }
  });

  it('survives random bytes behind a good beginning', () => {
    const random = new Random(8);
    const packed = Buffer.from(coder.pack(random.text(500)));
    for (let round = 0; round < 250; round++) {
      const start = packed.subarray(0, random.below(Math.min(40, packed.length)));
      expectBounded(coder, Buffer.concat([start, random.bytes(random.below(200))]), 20_000);
    }
  });
});

describe('compress and decompress', () => {
  it('leave bytes without a codec as they are', () => {
    const bytes = Buffer.from('plain');
    expect(compress(CODEC.NONE, bytes)).toBe(bytes);
    expect(decompress(CODEC.NONE, bytes, 1)).toBe(bytes);
  });

  it('refuse codecs that do not exist', () => {
    expect(() => compress(5, Buffer.alloc(1))).toThrow('unknown compression codec 5');
    expect(() => decompress(7, Buffer.alloc(1), 1)).toThrow('unknown compression codec 7');
  });

  it('know codecs by name', () => {
    expect(codecIdOf('zstd')).toBe(CODEC.ZSTD);
    expect(codecIdOf('brotli')).toBe(-1);
  });

  it('takes a gzip level', () => {
    const text = new Random(9).text(50_000);
    expect(compress(CODEC.GZIP, text, 9).length).toBeLessThan(compress(CODEC.GZIP, text, 1).length);
  });

  it.skipIf(!('zstdCompressSync' in zlib))('takes a zstd level where Node has zstd', () => {
    const text = new Random(9).text(50_000);
    const [fast, close] = [1, 19].map((level) => compress(CODEC.ZSTD, text, level));
    expect(close!.length).toBeLessThan(fast!.length);
    expect(decompress(CODEC.ZSTD, close!, text.length)).toEqual(Buffer.from(text));
  });
});
