import { describe, expect, it } from 'vitest';
import { text } from '../../../src/client/serde/serdes.ts';
import { ArenaKeyValueStore } from '../../../src/streams/state/stores/arena-key-value-store.ts';
import { ArenaWindowStore } from '../../../src/streams/state/stores/arena-window-store.ts';
import { measureStore, meterOf } from '../../../src/streams/tasks/measured-store.ts';
import type { KeyValueSpec, WindowSpec } from '../../../src/streams/topology/store-spec.ts';
import { FakeContext, SETTINGS } from '../state/store-harness.ts';

const SPEC: KeyValueSpec = {
  ...SETTINGS,
  kind: 'key-value',
  timestamped: true,
  key: text,
  value: text,
};

function keyValue(ages = false): ArenaKeyValueStore<string, string> {
  const store = new ArenaKeyValueStore<string, string>(SPEC, {});
  measureStore(store, 'key-value', ages);
  store.open(new FakeContext());
  return store;
}

describe('a store whose calls are measured', () => {
  it('counts each call once, and does what it did', () => {
    const store = keyValue();
    const { calls } = meterOf(store)!;
    store.put('a', '1');
    store.put('b', '2');
    expect(store.putIfAbsent('a', '3')).toBe('1');
    expect(store.get('a')).toBe('1');
    expect(store.delete('b')).toBe('2');
    store.flush();
    const counts = Array.from(calls, ([name, { count }]) => [name, count]);
    expect(Object.fromEntries(counts)).toEqual({
      put: 2,
      'put-if-absent': 1,
      get: 1,
      delete: 1,
      range: 0,
      all: 0,
      'prefix-scan': 0,
      commit: 1,
      restore: 0,
    });
    expect(calls.get('put')!.sum).toBeGreaterThan(0);
  });

  it('knows of iterations that go on, and how long those took that are over', () => {
    const store = keyValue();
    const meter = meterOf(store)!;
    for (const key of ['a', 'b', 'c']) store.put(key, key);
    const rows = store.range('a', 'b');
    expect(meter.open.size).toBe(0);
    expect(meter.oldestMs).toBe(0);
    const iterator = rows[Symbol.iterator]();
    expect(iterator.next().value).toMatchObject({ key: 'a' });
    expect(meter.open.size).toBe(1);
    expect(meter.oldestMs).toBeGreaterThan(0);
    expect(Array.from(store.all(), ({ key }) => key)).toEqual(['a', 'b', 'c']);
    for (const { key } of store.prefixScan(Buffer.from('b'))) {
      expect(key).toBe('b');
      break;
    }
    expect(meter.open.size).toBe(1);
    expect(meter.iterations.count).toBe(2);
    expect(iterator.next().done).toBe(false);
    expect(iterator.next().done).toBe(true);
    expect(meter.open.size).toBe(0);
    expect(meter.calls.get('range')!.count).toBe(1);
    expect(meter.iterations.count).toBe(3);
  });

  it('measures ages of what is put where asked to', () => {
    const store = keyValue(true);
    store.put('a', '1');
    expect(meterOf(store)!.ages).toMatchObject({ count: 1, sum: 990 });
    expect(meterOf(keyValue())!.ages).toBeNull();
  });

  it('counts all reads of windows as fetches', () => {
    const spec: WindowSpec = {
      ...SETTINGS,
      kind: 'window',
      timestamped: true,
      key: text,
      value: text,
      windowMs: 10,
      retentionMs: 1_000,
      retainDuplicates: false,
      timeOrdered: false,
    };
    const store = new ArenaWindowStore<string, string>(spec, {});
    measureStore(store, 'window', false);
    store.open(new FakeContext());
    store.put('a', '1', 0);
    store.put('a', '2', 10);
    expect(store.get('a', 10)).toBe('2');
    expect(Array.from(store.fetch('a', 0, 20), ({ value }) => value)).toEqual(['1', '2']);
    const seen: string[] = [];
    store.scan('a', 0, 20, (value) => {
      seen.push(value);
      return true;
    });
    expect(seen).toEqual(['1', '2']);
    const { calls } = meterOf(store)!;
    expect(calls.get('put')!.count).toBe(2);
    expect(calls.get('fetch')!.count).toBe(3);
  });

  it('does not measure stores that the program brings', () => {
    const store = new ArenaKeyValueStore<string, string>(SPEC, {});
    measureStore(store, 'custom', false);
    expect(meterOf(store)).toBeUndefined();
  });
});
