import { describe, expect, it } from 'vitest';
import { parseScope } from '../../../src/cli/groups/partition-scope.ts';

describe('parseScope', () => {
  it('reads a topic with and without partitions', () => {
    expect(parseScope('orders')).toEqual({ topic: 'orders', partitions: [] });
    expect(parseScope('orders:0,2,2')).toEqual({ topic: 'orders', partitions: [0, 2] });
  });

  it.each(['', ':1', 'orders:', 'orders:a', 'orders:1,', 'orders:1:2'])('refuses %j', (text) => {
    expect(() => parseScope(text)).toThrow('expected NAME or NAME:0,1');
  });
});
