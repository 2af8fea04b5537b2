import { expect, it } from 'vitest';
import { murmur2, partitionOfKey } from '../../../src/gateway/produce/key-partitioner.ts';

it("hashes as Kafka's clients do", () => {
  // The values that Kafka's own tests of murmur2 expect.
  const known: [string, number][] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];
  for (const [key, hash] of known) expect([key, murmur2(Buffer.from(key))]).toEqual([key, hash]);
});

it('gives a partition for every key', () => {
  for (let i = 0; i < 100; i++) {
    const partition = partitionOfKey(Buffer.from(`key-${i}`), 7);
    expect(partition).toBeGreaterThanOrEqual(0);
    expect(partition).toBeLessThan(7);
  }
});
