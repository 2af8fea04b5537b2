import { expect, test } from 'vitest';
import { coordinatorPartitionOf } from '../../src/base/coordinator-partition.ts';

test('is that of the absolute value of the hash in Java', () => {
  expect(coordinatorPartitionOf('a', 50)).toBe(47);
  expect(coordinatorPartitionOf('copies', 50)).toBe(Math.abs(javaHash('copies')) % 50);
  expect(javaHash('copier-a')).toBeLessThan(0);
  expect(coordinatorPartitionOf('copier-a', 50)).toBe(-javaHash('copier-a') % 50);
});

test('takes 0 for the hash that has no absolute value', () => {
  expect(javaHash('polygenelubricants')).toBe(-(2 ** 31));
  expect(coordinatorPartitionOf('polygenelubricants', 50)).toBe(0);
});

function javaHash(text: string): number {
  return [...text].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 0);
}
