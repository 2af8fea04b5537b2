import { expect, test } from 'vitest';
import { includesVersion, parseVersions } from '../../src/protocol/version-range.ts';

test('the four ways to write versions are read', () => {
  expect(parseVersions('3')).toEqual({ lowest: 3, highest: 3 });
  expect(parseVersions('0-12')).toEqual({ lowest: 0, highest: 12 });
  expect(parseVersions('4+')).toEqual({ lowest: 4, highest: 32767 });
  expect(includesVersion(parseVersions('none'), 0)).toBe(false);
});

test('anything else is a mistake in a table', () => {
  for (const bad of ['', '3-', '-3', 'a', '3+4', '1 - 2']) {
    expect(() => parseVersions(bad)).toThrow(`bad versions: '${bad}'`);
  }
});
