import { expect, it } from 'vitest';
import { DER } from '../../../src/security/tls/der.ts';

it.each([
  ['7f', '02017f'],
  ['80', '02020080'],
  ['0080', '02020080'],
  ['00007f01', '02027f01'],
  ['0000', '020100'],
])('writes the integer %s as %s', (bytes, wanted) => {
  expect(DER.integer(Buffer.from(bytes, 'hex')).toString('hex')).toBe(wanted);
});
