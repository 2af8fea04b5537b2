import { expect, it } from 'vitest';
import { isOwnHost } from '../../src/base/is-own-host.ts';

it.each(['127.0.0.1', '127.0.0.1:9080', '[::1]', '[::1]:9080', 'localhost:9080', 'Own.Example:1'])(
  'takes %s for this server',
  (header) => {
    expect(isOwnHost(header, 'own.example')).toBe(true);
  },
);

it.each([
  '',
  'evil.example',
  'evil.example:9080',
  'own.example.evil.example',
  'own.example:evil.example',
  '127.0.0.1:evil.example',
  '[::1]evil.example',
  '[evil.example]:9080',
  '::1',
])('takes %j for somebody else', (header) => {
  expect(isOwnHost(header, 'own.example')).toBe(false);
});
