import { describe, expect, it } from 'vitest';
import { murmur2OfText, partitionOfKey } from '../../../src/client/producer/partitioner.ts';
import { StickyPartition } from '../../../src/client/producer/sticky-partition.ts';
import { murmur2 } from '../../../src/records/key-partitioner.ts';

/** From Utils.murmur2 of Apache Kafka 4.3.1. */
const HASHES: Readonly<Record<string, number>> = {
  '': 275646681,
  a: -1563381124,
  ab: 316155434,
  abc: 479470107,
  abcd: -1323649548,
  foobar: -790332482,
  'a-little-bit-long-string': -985981536,
  '100:48069': 1009543857,
  äöü: -2070914556,
  '😀': 131881617,
};

describe('partitionOfKey', () => {
  it('hashes text as Java does, ASCII or not', () => {
    for (const [key, hash] of Object.entries(HASHES)) expect(murmur2OfText(key)).toBe(hash);
  });

  it('chooses the same partition for text and for its bytes', () => {
    let state = 1;
    for (let i = 0; i < 10_000; i++) {
      state = Math.imul(state, 48_271) >>> 0;
      const key = `${state.toString(36)}${i % 7 === 0 ? 'é' : ''}`.slice(i % 5);
      for (const count of [1, 3, 7, 12, 50, 1_000]) {
        const expected = (murmur2(Buffer.from(key)) & 0x7fffffff) % count;
        expect(partitionOfKey(key, count)).toBe(expected);
        expect(partitionOfKey(Buffer.from(key), count)).toBe(expected);
      }
    }
  });
});

describe('StickyPartition', () => {
  const load = (partition: number, queued: number, more = {}) => {
    return { partition, queued, hasLeader: true, isStuck: false, ...more };
  };

  /** How often each of the partitions is chosen when chance is spread evenly. */
  function shares(loads: Parameters<StickyPartition['choose']>[0], isAdaptive = true): number[] {
    const counts = loads.map(() => 0);
    for (let i = 0; i < 600; i++) {
      const chosen = new StickyPartition(100, isAdaptive, () => i / 600).choose(loads);
      counts[chosen]!++;
    }
    return counts;
  }

  it('stays until the partition has its bytes and the batch is full, at most twice as long', () => {
    const sticky = new StickyPartition(100, true, () => 0);
    expect(sticky.current).toBe(-1);
    sticky.choose([load(0, 0), load(1, 0)]);
    sticky.add(99, true);
    expect(sticky.current).toBe(0);
    sticky.add(50, false);
    expect(sticky.current).toBe(0);
    sticky.add(1, true);
    expect(sticky.current).toBe(-1);
    sticky.choose([load(0, 0), load(1, 0)]);
    sticky.add(200, false);
    expect(sticky.current).toBe(-1);
  });

  it('chooses long queues less often, by KIP-794', () => {
    // Weights are the longest queue + 1 - the own one: 3, 2, 1.
    expect(shares([load(0, 0), load(1, 1), load(2, 2)])).toEqual([300, 200, 100]);
    expect(shares([load(0, 5), load(1, 5), load(2, 5)])).toEqual([200, 200, 200]);
    expect(shares([load(0, 0), load(1, 1), load(2, 2)], false)).toEqual([200, 200, 200]);
  });

  it('leaves out partitions without a leader, and stuck ones while others move', () => {
    expect(shares([load(0, 0, { hasLeader: false }), load(1, 0)])).toEqual([0, 600]);
    expect(shares([load(0, 0, { isStuck: true }), load(1, 0)])).toEqual([0, 600]);
    expect(shares([load(0, 0, { isStuck: true })])).toEqual([600]);
  });
});
