import { describe, expect, it } from 'vitest';
import { lastRecords } from '../../../src/gateway/stream/last-records.ts';

describe('the last records of several partitions', () => {
  it.each([
    [[1000, 1000], 100, [50, 50]],
    [[1000, 1000, 1000], 100, [33, 33, 34]],
    [[1000, 3, 0], 100, [97, 3, 0]],
    [[2, 3], 100, [2, 3]],
    [[5, 5, 5], 2, [0, 1, 1]],
    [[5], 0, [0]],
    [[], 100, []],
  ])('of lengths %j the last %i are %j', (lengths, count, shares) => {
    expect(lastRecords(lengths, count)).toEqual(shares);
  });
});
