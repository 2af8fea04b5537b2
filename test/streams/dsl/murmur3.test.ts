import { describe, expect, it } from 'vitest';
import { murmur3 } from '#millrace/streams/dsl/processors/foreign-key/murmur3';

const MASK = (1n << 64n) - 1n;
const rotate = (word: bigint, by: bigint) => ((word << by) | (word >> (64n - by))) & MASK;
const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

function mix(word: bigint): bigint {
  let mixed = word ^ (word >> 33n);
  mixed = (mixed * 0xff51afd7ed558ccdn) & MASK;
  mixed ^= mixed >> 33n;
  mixed = (mixed * 0xc4ceb9fe1a85ec53n) & MASK;
  return mixed ^ (mixed >> 33n);
}

/** The algorithm word for word, with integers of any length. */
function reference(bytes: Buffer): string {
  let h1 = 104729n;
  let h2 = 104729n;
  const first = (word: bigint) => (rotate((word * C1) & MASK, 31n) * C2) & MASK;
  const second = (word: bigint) => (rotate((word * C2) & MASK, 33n) * C1) & MASK;
  const whole = bytes.length - (bytes.length % 16);
  for (let at = 0; at < whole; at += 16) {
    h1 = (rotate(h1 ^ first(bytes.readBigUInt64LE(at)), 27n) + h2) & MASK;
    h1 = (h1 * 5n + 0x52dce729n) & MASK;
    h2 = (rotate(h2 ^ second(bytes.readBigUInt64LE(at + 8)), 31n) + h1) & MASK;
    h2 = (h2 * 5n + 0x38495ab5n) & MASK;
  }
  const rest = Buffer.alloc(16);
  bytes.copy(rest, 0, whole);
  h2 ^= second(rest.readBigUInt64LE(8));
  h1 ^= first(rest.readBigUInt64LE(0));
  h1 ^= BigInt(bytes.length);
  h2 ^= BigInt(bytes.length);
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  h1 = mix(h1);
  h2 = mix(h2);
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  return h1.toString(16).padStart(16, '0') + h2.toString(16).padStart(16, '0');
}

describe('murmur3', () => {
  it('is the algorithm with words of 64 bits, for every length and all kinds of bytes', () => {
    for (let length = 0; length < 80; length++) {
      for (const step of [1, 37, 91, 255]) {
        const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * step + length) & 0xff));
        expect(murmur3(bytes).toString('hex')).toBe(reference(bytes));
      }
    }
  });
});
