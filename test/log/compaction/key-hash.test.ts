import { expect, test } from 'vitest';
import { KeyHash } from '../../../src/log/compaction/key-hash.ts';

const SECRET = Buffer.from(Array.from({ length: 16 }, (_, i) => i));

function hashOf(bytes: Uint8Array): string {
  const hash = new KeyHash(SECRET);
  hash.update(bytes);
  const { buffer, byteLength } = hash.words;
  return Buffer.from(buffer, 0, byteLength).toString('hex');
}

const MASK = 2n ** 64n - 1n;
const rotate = (word: bigint, by: bigint) => ((word << by) | (word >> (64n - by))) & MASK;

/** The same by the book, in big integers. */
function reference(bytes: Buffer): string {
  const [k0, k1] = [SECRET.readBigUInt64LE(0), SECRET.readBigUInt64LE(8)];
  let v0 = k0 ^ 0x736f6d6570736575n;
  let v1 = k1 ^ 0x646f72616e646f6dn ^ 0xeen;
  let v2 = k0 ^ 0x6c7967656e657261n;
  let v3 = k1 ^ 0x7465646279746573n;
  const rounds = (count: number) => {
    for (let i = 0; i < count; i++) {
      v0 = (v0 + v1) & MASK;
      v1 = rotate(v1, 13n) ^ v0;
      v0 = rotate(v0, 32n);
      v2 = (v2 + v3) & MASK;
      v3 = rotate(v3, 16n) ^ v2;
      v0 = (v0 + v3) & MASK;
      v3 = rotate(v3, 21n) ^ v0;
      v2 = (v2 + v1) & MASK;
      v1 = rotate(v1, 17n) ^ v2;
      v2 = rotate(v2, 32n);
    }
  };
  const padded = Buffer.alloc(bytes.length - (bytes.length % 8) + 8);
  bytes.copy(padded);
  padded[padded.length - 1] = bytes.length;
  for (let at = 0; at < padded.length; at += 8) {
    const word = padded.readBigUInt64LE(at);
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  const out = Buffer.alloc(16);
  v2 ^= 0xeen;
  rounds(4);
  out.writeBigUInt64LE(v0 ^ v1 ^ v2 ^ v3, 0);
  v1 ^= 0xddn;
  rounds(4);
  out.writeBigUInt64LE(v0 ^ v1 ^ v2 ^ v3, 8);
  return out.toString('hex');
}

test('hashes the published vectors', () => {
  expect(hashOf(Buffer.alloc(0))).toBe('a3817f04ba25a8e66df67214c7550293');
  expect(hashOf(Buffer.from([0]))).toBe('da87c1d86b99af44347659119b22fc45');
});

test('hashes keys of every length as the definition says', () => {
  for (let length = 0; length < 300; length++) {
    const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 151 + length * 7) & 0xff));
    expect(hashOf(bytes)).toBe(reference(bytes));
  }
});
