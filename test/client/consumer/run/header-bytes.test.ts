import { describe, expect, it } from 'vitest';
import { readInteger, shortInteger } from '../../../../src/client/consumer/run/header-bytes.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('integers in headers', () => {
  // What java.math.BigInteger.valueOf(…).toByteArray() gives.
  it.each([
    [0, '00'],
    [1, '01'],
    [127, '7f'],
    [128, '0080'],
    [255, '00ff'],
    [256, '0100'],
    [-1, 'ff'],
    [-128, '80'],
    [-129, 'ff7f'],
    [1_795_000_000_000, '01a1ee565e00'],
    [Number.MAX_SAFE_INTEGER, '1fffffffffffff'],
  ])('%d is as short as Java writes it', (value, expected) => {
    expect(hex(shortInteger(value))).toBe(expected);
    expect(readInteger(shortInteger(value))).toBe(value);
  });

  it('are nothing where the header holds something else', () => {
    expect(readInteger(null)).toBeNull();
    expect(readInteger(undefined)).toBeNull();
    expect(readInteger(Buffer.alloc(0))).toBeNull();
    expect(readInteger(Buffer.alloc(9))).toBeNull();
    expect(readInteger(Buffer.from('7fffffffffffffff', 'hex'))).toBeNull();
    expect(readInteger(Buffer.from('00000003', 'hex'))).toBe(3);
  });
});
