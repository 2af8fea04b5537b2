import { describe, expect, it } from 'vitest';
import { JsonBytes } from '../../../src/gateway/stream/json-bytes.ts';
import { jsonPiece } from '../../../src/gateway/stream/json-piece.ts';

function written(write: (out: JsonBytes) => void): string {
  const out = new JsonBytes(4);
  write(out);
  return out.bytes.toString('utf8', 0, out.length);
}

describe('JsonBytes', () => {
  it('writes whole numbers of every size', () => {
    const numbers = [0, 7, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 1_760_000_000_000, 9_000_000_000_000];
    for (const number of [...numbers, 1_000_000_000_000, Number.MAX_SAFE_INTEGER, -1, -42]) {
      expect(written((out) => out.number(number))).toBe(String(number));
    }
  });

  it('writes strings as JSON.stringify does', () => {
    const texts = ['', 'plain', '"\\', '\b\t\n\f\r\u0000\u001f', 'é€😀', 'x'.repeat(500), '\u007f'];
    for (const text of texts) {
      const bytes = Buffer.from(text);
      const json = written((out) => expect(out.string(bytes, 0, bytes.length)).toBe(true));
      expect(JSON.parse(json)).toBe(text);
      expect(json).toBe(JSON.stringify(text));
    }
  });

  it('finds what must be escaped at every place of a word', () => {
    for (const char of [
      '"',
      '\\',
      '\n',
      '\u0001',
      'é',
      '\u001f',
      '!',
      '\u007f',
      ' ',
      '#',
      '[',
      ']',
    ]) {
      for (let at = 0; at < 12; at++) {
        const text = `${'x'.repeat(at)}${char}${'y'.repeat(11 - at)}`;
        const bytes = Buffer.from(`__${text}`);
        expect(written((out) => out.string(bytes, 2, bytes.length))).toBe(JSON.stringify(text));
      }
    }
  });

  it('refuses bytes that are no UTF-8 and writes nothing', () => {
    for (const bytes of [[0xff], [0x41, 0xc3], [0xed, 0xa0, 0x80]].map((one) => Buffer.from(one))) {
      expect(written((out) => expect(out.string(bytes, 0, bytes.length)).toBe(false))).toBe('');
    }
  });

  it('writes base64 and raw parts of any length', () => {
    const bytes = Buffer.from('hello');
    expect(written((out) => out.base64(bytes, 1, 5))).toBe('"ZWxsbw=="');
    for (const text of ['', 'a', 'abcd', 'y'.repeat(101)]) {
      const twice = written((out) => {
        out.raw(jsonPiece(text));
        out.raw(jsonPiece(text));
      });
      expect(twice).toBe(text + text);
    }
    expect(written((out) => out.copy(bytes, 1, 3))).toBe('el');
  });
});
