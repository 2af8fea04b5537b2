import { describe, expect, it } from 'vitest';
import { ShardedMap } from '../../src/metadata/sharded-map.ts';
import { seededRandom } from './memory-disk.ts';

describe('ShardedMap', () => {
  it('does what a Map does, and copies do not see what the other changes', () => {
    const random = seededRandom(7);
    let sharded = new ShardedMap<number>();
    let plain = new Map<string, number>();
    const kept: [ShardedMap<number>, Map<string, number>][] = [];
    for (let i = 0; i < 5000; i++) {
      const key = `topic-${Math.floor(random() * 700)}`;
      if (random() < 0.6) {
        sharded.set(key, i);
        plain.set(key, i);
      } else {
        sharded.delete(key);
        plain.delete(key);
      }
      if (i % 100 === 0) expect([...sharded.keys()]).toHaveLength(plain.size);
      if (i % 500 === 0) {
        kept.push([sharded, plain]);
        // The original goes on being changed as well.
        const copy = sharded.copy();
        sharded.set(key, -1);
        plain.set(key, -1);
        sharded = copy;
        plain = new Map(plain);
        if (copy.has(key)) plain.set(key, copy.get(key)!);
        else plain.delete(key);
      }
    }
    for (const [map, model] of [...kept, [sharded, plain] as const]) {
      expect(map.size).toBe(model.size);
      expect(new Map(map)).toEqual(model);
      expect([...map.keys()].sort()).toEqual([...model.keys()].sort());
      expect([...map.values()].sort()).toEqual([...model.values()].sort());
      const seen: string[] = [];
      map.forEach((value, key) => {
        expect(map.get(key)).toBe(value);
        seen.push(key);
      });
      expect(seen).toHaveLength(map.size);
    }
  });
});
