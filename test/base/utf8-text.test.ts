import { expect, it } from 'vitest';
import { utf8Text } from '#millrace/base/utf8-text';

it('makes the text that a decoder makes, of short and long bytes, wherever they lie', () => {
  const texts = [
    '',
    'a',
    'ab',
    'abc',
    'abcd',
    'abcde',
    'abcdef',
    'abcdefg',
    'abcdefgh',
    'abcdefghi',
  ];
  for (const text of [
    ...texts,
    'é',
    'aé',
    'abcdefgé',
    '\0',
    '\x7f',
    '€uro',
    '😀',
    'x'.repeat(500),
  ]) {
    const bytes = Buffer.from(`<<${text}>>`);
    expect(utf8Text(bytes, 2, bytes.length - 2)).toBe(text);
  }
  for (const broken of [[0xff], [0x61, 0xc3], [0xf0, 0x9f, 0x98]]) {
    expect(utf8Text(Buffer.from(broken), 0, broken.length)).toBe(Buffer.from(broken).toString());
  }
});
