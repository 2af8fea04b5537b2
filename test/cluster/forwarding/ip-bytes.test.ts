import { expect, test } from 'vitest';
import { ipBytes } from '../../../src/cluster/forwarding/ip-bytes.ts';

const hex = (address: string) => ipBytes(address).toString('hex');

test('writes addresses as Java does', () => {
  expect(hex('10.1.2.255')).toBe('0a0102ff');
  expect(hex('::1')).toBe(`${'0'.repeat(31)}1`);
  expect(hex('fe80::1:2%eth0')).toBe(`fe80${'0'.repeat(20)}00010002`);
  expect(hex('1:2:3:4:5:6:7:8')).toBe('00010002000300040005000600070008');
  expect(hex('::ffff:127.0.0.1')).toBe('7f000001');
  expect(hex('64:ff9b::1.2.3.4')).toBe(`0064ff9b${'0'.repeat(16)}01020304`);
  expect(hex('')).toBe('00000000');
});
