import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeGzip } from '../../src/records/gzip-decoder.ts';
import { encodeGzip } from '../../src/records/gzip-encoder.ts';
import { longText } from './fixtures.ts';
import { Random } from './random.ts';

const LIMIT = 4_000_000;

describe('gzip without node:zlib', () => {
  const inputs = [longText(), new Random(3).text(300_000), new Random(4).bytes(200_000)];
  inputs.push(Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(100_000, 'abc'));

  it('opens what zlib packs at any level, with every strategy', () => {
    const { Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;
    for (const input of inputs) {
      for (const level of [0, 1, 6, 9]) {
        for (const strategy of [Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE]) {
          const packed = gzipSync(input, { level, strategy });
          expect(input.equals(decodeGzip(packed, LIMIT))).toBe(true);
        }
      }
    }
  });

  it('packs what zlib opens, text to less than half, and noise without growing much', () => {
    for (const input of inputs) expect(input.equals(gunzipSync(encodeGzip(input)))).toBe(true);
    expect(encodeGzip(longText()).length).toBeLessThan(longText().length / 2);
    const noise = new Random(5).bytes(70_000);
    expect(encodeGzip(noise).length).toBeLessThan(noise.length + 40);
  });

  it('takes several members, names, comments and extra fields, and leaves what follows', () => {
    const plain = gzipSync('plain');
    const flags = 2 | 4 | 8 | 16;
    // Checks of headers are stepped over.
    const named = [
      plain.subarray(0, 3),
      Buffer.from([flags]),
      plain.subarray(4, 10),
      Buffer.from([3, 0, 1, 2, 3]),
      Buffer.from('name\0comment\0cc'),
      plain.subarray(10),
    ];
    const packed = Buffer.concat([plain, ...named, Buffer.from('behind it')]);
    expect(Buffer.from(decodeGzip(packed, LIMIT)).toString()).toBe('plainplain');
  });

  it('refuses what is cut off or damaged', () => {
    const packed = gzipSync(longText());
    for (let cut = 0; cut < packed.length; cut += 1 + (cut >> 4)) {
      expect(() => decodeGzip(packed.subarray(0, cut), LIMIT), `${cut} bytes`).toThrow('bad gzip');
    }
    for (const at of [0, 2, packed.length - 1, packed.length - 8]) {
      const damaged = Buffer.from(packed);
      damaged[at]! ^= 0x55;
      expect(() => decodeGzip(damaged, LIMIT), `byte ${at}`).toThrow('bad gzip');
    }
    expect(() => decodeGzip(packed, longText().length - 1)).toThrow('past the limit');
  });
});
