import { describe, expect, it } from 'vitest';
import { isoTime, jsonBytes, printableBytes } from '../../src/cli/printable.ts';

describe('printableBytes', () => {
  it('shows text as text and other bytes in hexadecimal', () => {
    expect(printableBytes(Buffer.from('grüße'))).toBe('grüße');
    expect(printableBytes(Buffer.from('a\tb\u0007'))).toBe('a\\tb\\u0007');
    expect(printableBytes(Buffer.of(0xff, 0x00))).toBe('0xff00');
    expect(printableBytes(null)).toBe('null');
    expect(printableBytes(Buffer.alloc(0))).toBe('');
  });

  it('keeps every byte in JSON', () => {
    expect(jsonBytes(Buffer.from('a\u0000'))).toBe('a\u0000');
    expect(jsonBytes(Buffer.of(0xc3, 0x28))).toEqual({ base64: 'wyg=' });
    expect(jsonBytes(null)).toBe(null);
  });
});

describe('isoTime', () => {
  it('writes ISO times and null where there is none', () => {
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(isoTime(-1)).toBe(null);
    expect(isoTime(Number.MAX_SAFE_INTEGER)).toBe(null);
  });
});
