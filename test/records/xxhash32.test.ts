import { expect, it } from 'vitest';
import { xxhash32 } from '../../src/records/xxhash32.ts';

it.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('gives the known hash of "%s"', (text, expected) => {
  const bytes = Buffer.from(`..${text}`);
  expect(xxhash32(bytes, 2, bytes.length)).toBe(expected);
});
