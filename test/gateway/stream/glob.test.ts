import { expect, it } from 'vitest';
import { matchesGlob } from '../../../src/gateway/stream/glob.ts';

it('matches names as a shell would', () => {
  const cases: [string, string, boolean][] = [
    ['*', 'anything', true],
    ['orders-*', 'orders-', true],
    ['orders-*', 'order', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*b*d', 'abcbcd', true],
    ['*b*d', 'abcbc', false],
    ['', '', true],
    ['', 'a', false],
    ['a.c', 'abc', false],
  ];
  for (const [pattern, name, expected] of cases) {
    expect([pattern, name, matchesGlob(pattern, name)]).toEqual([pattern, name, expected]);
  }
});

it('takes no exponential time', () => {
  expect(matchesGlob(`${'*a'.repeat(100)}b`, 'a'.repeat(1000))).toBe(false);
});
