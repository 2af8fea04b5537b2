import { describe, expect, it } from 'vitest';
import * as varint from '../../src/base/varint.ts';

describe('varint', () => {
  const values = [
    0,
    1,
    -1,
    63,
    64,
    -64,
    -65,
    300,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 40 + 5,
    -(2 ** 47),
    Number.MAX_SAFE_INTEGER,
    -Number.MAX_SAFE_INTEGER,
  ];

  it('reads back every value that it writes, at the size it announced', () => {
    const bytes = new Uint8Array(16);
    for (const value of values) {
      const end = varint.writeVarint(bytes, 2, value);
      expect(end - 2).toBe(varint.sizeOfVarint(value));
      expect(varint.readVarlong(bytes, 2, end)).toBe(value);
      expect(varint.varintEnd).toBe(end);
    }
  });

  it('reports a varint that is cut off', () => {
    varint.readVarint(new Uint8Array([0x80, 0x80]), 0, 2);
    expect(varint.varintEnd).toBe(-1);
  });

  it('reports an unsigned varint of more than 32 bits', () => {
    varint.readUnsignedVarint(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x1f]), 0, 5);
    expect(varint.varintEnd).toBe(-1);
    expect(varint.readUnsignedVarint(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x0f]), 0, 5)).toBe(
      2 ** 32 - 1,
    );
  });
});
