import { describe, expect, it } from 'vitest';
import { closestName } from '../../src/base/closest-name.ts';

describe('closestName', () => {
  it('finds what differs by a slip of the finger', () => {
    expect(closestName('lisetners', ['log.dirs', 'listeners'])).toBe('listeners');
    expect(closestName('num.partition', ['num.partitions', 'num.io.threads'])).toBe(
      'num.partitions',
    );
  });

  it('suggests nothing where nothing is close', () => {
    expect(closestName('abc', ['num.partitions', 'xyz'])).toBeNull();
    expect(closestName('x'.repeat(10_000), ['num.partitions'])).toBeNull();
  });
});
