import { describe, expect, it } from 'vitest';
import { crc32c, installCrc32c, portableCrc32c } from '../../src/records/crc32c.ts';
import { Random } from './random.ts';

/** Bit by bit, as the definition has it. */
function slowCrc32c(bytes: Uint8Array): number {
  let rest = -1;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++)
      rest = (rest & 1) !== 0 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1;
  }
  return ~rest >>> 0;
}

describe('crc32c', () => {
  it.each([
    ['', 0],
    ['123456789', 0xe3069283],
    ['The quick brown fox jumps over the lazy dog', 0x22620404],
  ])('gives the known value for "%s"', (text, expected) => {
    const bytes = Buffer.from(text);
    expect(portableCrc32c(bytes, 0, bytes.length)).toBe(expected);
  });

  it('gives the values of RFC 3720 for 32 zeros, ones and rising bytes', () => {
    expect(portableCrc32c(Buffer.alloc(32), 0, 32)).toBe(0x8a9136aa);
    expect(portableCrc32c(Buffer.alloc(32, 0xff), 0, 32)).toBe(0x62a8ab43);
    expect(
      portableCrc32c(
        Uint8Array.from({ length: 32 }, (_, at) => at),
        0,
        32,
      ),
    ).toBe(0x46dd794e);
  });

  it('agrees with the definition at every length and alignment', () => {
    const bytes = new Random(1).bytes(200);
    for (let start = 0; start < 9; start++) {
      for (let end = start; end < 80; end++) {
        expect(portableCrc32c(bytes, start, end)).toBe(slowCrc32c(bytes.subarray(start, end)));
      }
    }
  });

  it('reads shared memory', () => {
    const shared = Buffer.from(new SharedArrayBuffer(9));
    shared.write('123456789');
    expect(portableCrc32c(shared, 0, 9)).toBe(0xe3069283);
  });

  it('can be replaced', () => {
    installCrc32c(() => 7);
    try {
      expect(crc32c(Buffer.alloc(1), 0, 1)).toBe(7);
    } finally {
      installCrc32c(portableCrc32c);
    }
  });
});
