/** The cases of Kafka's AbstractKeyValueStoreTest by name, then what is ours. */
import { beforeEach, describe, expect, it } from 'vitest';
import { text } from '../../../src/client/serde/serdes.ts';
import { int32, int64 } from '../../../src/streams/serde/numbers.ts';
import { CacheBudget } from '../../../src/streams/state/cache/cache-budget.ts';
import { ArenaKeyValueStore } from '../../../src/streams/state/stores/arena-key-value-store.ts';
import type { StoreEntry } from '../../../src/streams/topology/key-value-store.ts';
import type { KeyValueSpec } from '../../../src/streams/topology/store-spec.ts';
import { FakeContext, SETTINGS } from './store-harness.ts';

const SPEC: KeyValueSpec = {
  ...SETTINGS,
  kind: 'key-value',
  timestamped: false,
  key: int32,
  value: text,
};

function pairs<K, V>(entries: Iterable<StoreEntry<K, V>>): [K, V][] {
  return Array.from(entries, ({ key, value }) => [key, value]);
}

describe.each([
  ['without a cache', 0],
  ['with a cache', 1 << 20],
])('a key-value store %s', (_name, cacheBytes) => {
  let context: FakeContext;
  let store: ArenaKeyValueStore<number, string>;

  function make<K = number, V = string>(changes: Partial<KeyValueSpec> = {}) {
    const environment = { cache: new CacheBudget(cacheBytes) };
    const made = new ArenaKeyValueStore<K, V>({ ...SPEC, caching: true, ...changes }, environment);
    made.open(context);
    return made;
  }

  function putAll(...entries: [number, string | null][]): void {
    for (const [key, value] of entries) store.put(key, value);
  }

  beforeEach(() => {
    context = new FakeContext();
    store = make();
  });

  it('shouldNotIncludeDeletedFromRangeResult', () => {
    putAll([0, 'zero'], [1, 'one'], [2, 'two']);
    store.delete(0);
    store.delete(1);
    expect(pairs(store.all())).toEqual([[2, 'two']]);
  });

  it('shouldDeleteIfSerializedValueIsNull', () => {
    const value = {
      ...text,
      isIdentity: false,
      serialize: (each: string | null) => (each === 'null' ? null : each),
    };
    store = make({ value });
    putAll([0, 'zero'], [1, 'one'], [2, 'two'], [0, 'null'], [1, 'null']);
    expect(pairs(store.all())).toEqual([[2, 'two']]);
  });

  it('testPutGetRange', () => {
    putAll([0, 'zero'], [1, 'one'], [2, 'two'], [4, 'four'], [5, 'five']);
    expect(store.approximateSize()).toBe(5);
    expect([0, 1, 2, 3, 4, 5].map((key) => store.get(key))).toEqual([
      'zero',
      'one',
      'two',
      null,
      'four',
      'five',
    ]);
    store.flush();
    store.delete(5);
    store.flush();
    expect(store.approximateSize()).toBe(4);
    const keys = context.logged.map(({ key, value }) => [key.readInt32BE(0), value?.toString()]);
    expect(keys).toEqual([
      [0, 'zero'],
      [1, 'one'],
      [2, 'two'],
      [4, 'four'],
      [5, 'five'],
      [5, undefined],
    ]);
    const expected = [
      [2, 'two'],
      [4, 'four'],
    ];
    expect(pairs(store.range(2, 4))).toEqual(expected);
    expect(pairs(store.range(2, 6))).toEqual(expected);
    expect(pairs(store.all())).toEqual([[0, 'zero'], [1, 'one'], ...expected]);
  });

  it('testPutGetReverseRange', () => {
    putAll([0, 'zero'], [1, 'one'], [2, 'two'], [4, 'four'], [5, 'five']);
    store.delete(5);
    const expected = [
      [4, 'four'],
      [2, 'two'],
    ];
    expect(pairs(store.reverseRange(2, 4))).toEqual(expected);
    expect(pairs(store.reverseRange(2, 6))).toEqual(expected);
    expect(pairs(store.reverseAll())).toEqual([...expected, [1, 'one'], [0, 'zero']]);
  });

  it('testRestore', () => {
    for (const [key, value] of [['zero'], ['one'], ['two'], ['three']].entries()) {
      store.restore(int32.serialize(key, '') as Buffer, Buffer.from(value[0]!), 5);
    }
    expect(store.approximateSize()).toBe(4);
    expect(store.get(2)).toBe('two');
    expect(context.logged).toEqual([]);
  });

  it('testPutIfAbsent', () => {
    expect(store.putIfAbsent(0, 'zero')).toBeNull();
    expect(store.putIfAbsent(4, 'four')).toBeNull();
    expect(store.putIfAbsent(4, 'unexpected value')).toBe('four');
    expect(pairs(store.all())).toEqual([
      [0, 'zero'],
      [4, 'four'],
    ]);
  });

  it('shouldThrowNullPointerExceptionOnPutNullKey, and so on for the other calls', () => {
    const none = null as unknown as number;
    const code = expect.objectContaining({ code: 'STATE_ARGUMENT' });
    expect(() => store.put(none, 'anyValue')).toThrow(code);
    expect(() => store.putIfAbsent(none, 'anyValue')).toThrow(code);
    expect(() => store.delete(none)).toThrow(code);
    expect(() => store.get(none)).toThrow(code);
  });

  it('shouldNotThrowNullPointerExceptionOnPutNullValue', () => {
    store.put(1, null);
    expect(store.putIfAbsent(1, null)).toBeNull();
    expect(store.approximateSize()).toBe(0);
  });

  it('shouldReturnValueOnRangeNullToKey, KeyToNull and NullToNull, and in reverse', () => {
    putAll([0, 'zero'], [1, 'one'], [2, 'two']);
    const all = [
      [0, 'zero'],
      [1, 'one'],
      [2, 'two'],
    ];
    expect(pairs(store.range(null, 1))).toEqual(all.slice(0, 2));
    expect(pairs(store.range(1, null))).toEqual(all.slice(1));
    expect(pairs(store.range(null, null))).toEqual(all);
    expect(pairs(store.reverseRange(null, 1))).toEqual(all.slice(0, 2).reverse());
    expect(pairs(store.reverseRange(1, null))).toEqual(all.slice(1).reverse());
    expect(pairs(store.reverseRange(null, null))).toEqual(all.toReversed());
  });

  it('shouldReturnSameResultsForGetAndRangeWithEqualKeys', () => {
    putAll([1, 'one'], [2, 'two'], [3, 'three']);
    expect(pairs(store.range(2, 2))).toEqual([[2, store.get(2)]]);
    expect(pairs(store.reverseRange(2, 2))).toEqual([[2, store.get(2)]]);
  });

  it('shouldNotThrowConcurrentModificationException', () => {
    store.put(0, 'zero');
    const results = store.range(0, 2)[Symbol.iterator]();
    store.put(1, 'one');
    store.put(0, 'other');
    expect(results.next().value).toMatchObject({ key: 0, value: 'zero' });
    expect(results.next().done).toBe(true);
  });

  it('shouldNotThrowInvalidRangeExceptionWithNegativeFromKey', () => {
    putAll([-1, 'minus'], [1, 'one']);
    expect(pairs(store.range(-1, 1))).toEqual([]);
    expect(pairs(store.reverseRange(-1, 1))).toEqual([]);
  });

  it('finds all keys with a prefix, also one of the highest bytes', () => {
    const texts = make<string, number>({ key: text, value: int64 });
    for (const [at, key] of ['b', 'aa', 'a', 'ab', 'ac', 'c'].entries()) texts.put(key, at);
    expect(pairs(texts.prefixScan(Buffer.from('a'))).map(([key]) => key)).toEqual([
      'a',
      'aa',
      'ab',
      'ac',
    ]);
    expect(pairs(texts.prefixScan(Buffer.from([0xff, 0xff])))).toEqual([]);
    expect(pairs(texts.prefixScan(Buffer.alloc(0)))).toHaveLength(6);
  });

  it('is closed for every call after close, and empty when it is opened again', () => {
    store.put(1, 'one');
    const open = store.all()[Symbol.iterator]();
    store.close();
    expect(open.next().done).toBe(true);
    expect(() => store.get(1)).toThrow(expect.objectContaining({ code: 'STATE_CLOSED' }));
    expect(() => store.all()).toThrow(expect.objectContaining({ code: 'STATE_CLOSED' }));
    store.open(context);
    expect(store.get(1)).toBeNull();
  });

  it('keeps the timestamp beside the value, and gives it to the changelog', () => {
    store = make({ timestamped: true });
    context.timestamp = 77;
    store.put(1, 'one', 42);
    store.put(2, 'two');
    expect(store.get(1)).toBe('one');
    expect(store.foundTimestamp).toBe(42);
    expect(store.get(3)).toBeNull();
    expect(store.foundTimestamp).toBe(-1);
    store.delete(1);
    store.put(3, 'three', 5);
    store.flush();
    expect(Array.from(store.all(), ({ key, timestamp }) => [key, timestamp])).toEqual([
      [2, 77],
      [3, 5],
    ]);
    const logged = context.logged.map(({ value, timestamp }) => [value?.toString(), timestamp]);
    const last = [
      ['two', 77],
      [undefined, 77],
      ['three', 5],
    ];
    const uncached = [['one', 42], ...last];
    // A cached row that came and went is still a tombstone for the changelog.
    expect(logged).toEqual(cacheBytes === 0 ? uncached : last);
  });

  it('does not mix up keys whose numbers are equal but whose bytes are not', () => {
    const doubles = {
      ...SPEC.key,
      directBytes: 8,
      write: (value: number, target: Buffer, at: number) => target.writeDoubleBE(value, at) - at,
      read: (bytes: Buffer, start: number) => bytes.readDoubleBE(start),
    };
    store = make({ key: doubles });
    store.put(0, 'plus');
    store.put(-0, 'minus');
    expect(store.get(0)).toBe('plus');
    expect(store.get(-0)).toBe('minus');
  });
});

describe('the record cache', () => {
  const updates: unknown[] = [];
  let context: FakeContext;

  function make(sendOldValues: boolean, budget = new CacheBudget(1 << 20)) {
    context = new FakeContext();
    updates.length = 0;
    const store = new ArenaKeyValueStore<number, string>(
      { ...SPEC, caching: true, timestamped: true },
      { cache: budget },
    );
    store.open(context);
    expect(store.onFlush((...update) => updates.push(update.slice(0, 4)), sendOldValues)).toBe(
      true,
    );
    return store;
  }

  it('tells of one update a key, with the value from before the first', () => {
    const store = make(true);
    store.put(1, 'a', 1);
    store.put(2, 'b', 2);
    store.put(1, 'c', 3);
    expect(context.logged).toEqual([]);
    store.flush();
    expect(updates).toEqual([
      [2, 'b', null, 2],
      [1, 'c', null, 3],
    ]);
    store.put(1, 'd', 4);
    store.put(1, 'e', 5);
    context.timestamp = 11;
    store.delete(2);
    store.flush();
    expect(updates.slice(2)).toEqual([
      [1, 'e', 'c', 5],
      [2, null, 'b', 11],
    ]);
    expect(context.logged.map(({ value }) => value?.toString())).toEqual([
      'b',
      'c',
      'e',
      undefined,
    ]);
    expect(context.logged.map(({ timestamp }) => timestamp)).toEqual([2, 3, 5, 11]);
  });

  it('tells no old values where nobody asked, and nothing of what came and went', () => {
    const store = make(false);
    store.put(1, 'a');
    store.put(2, 'b');
    store.delete(2);
    store.flush();
    store.put(1, 'c');
    store.flush();
    expect(updates.map((update) => (update as unknown[]).slice(0, 3))).toEqual([
      [1, 'a', null],
      [1, 'c', null],
    ]);
  });

  it('gives updates on when it passes its bytes, in the middle of a transaction', () => {
    const store = make(true, new CacheBudget(1000));
    store.manage();
    for (let each = 0; each < 20; each++) store.put(each, 'x'.repeat(100));
    expect(updates.length).toBeGreaterThan(10);
    const told = updates.length;
    store.put(0, 'y');
    store.flush();
    expect(updates.length).toBe(21);
    expect(updates.at(-1)).toEqual([0, 'y', 'x'.repeat(100), 10]);
    expect(told).toBeLessThan(20);
    store.revert();
    expect(store.approximateSize()).toBe(0);
  });

  it('takes writes of its listener', () => {
    const store = make(true);
    store.onFlush((key, value) => {
      if (key < 3) store.put(key + 1, `${value}+`);
    }, false);
    store.put(1, 'a');
    store.flush();
    expect(pairs(store.all())).toEqual([
      [1, 'a'],
      [2, 'a+'],
      [3, 'a++'],
    ]);
    expect(context.logged).toHaveLength(3);
  });
});

describe('transactions and time', () => {
  it('puts everything back at an abort, and nothing after a commit', () => {
    const context = new FakeContext();
    const store = new ArenaKeyValueStore<number, string>(SPEC, {});
    store.open(context);
    store.manage();
    store.put(1, 'one');
    store.put(2, 'two');
    store.settle();
    store.put(1, 'changed');
    store.delete(2);
    store.put(3, 'three');
    store.put(3, 'four');
    expect(pairs(store.all())).toEqual([
      [1, 'changed'],
      [3, 'four'],
    ]);
    store.revert();
    expect(pairs(store.all())).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);
    expect(store.get(3)).toBeNull();
  });

  it('deletes what was not written for the time to live, with a tombstone in the changelog', () => {
    const context = new FakeContext();
    const store = new ArenaKeyValueStore<number, string>({ ...SPEC, ttlMs: 100 }, {});
    store.open(context);
    context.timestamp = 1000;
    context.streamTime = 1000;
    store.put(1, 'one');
    store.put(2, 'two');
    context.timestamp = 1060;
    context.streamTime = 1060;
    store.put(2, 'again');
    context.streamTime = 1100;
    expect(store.get(1)).toBeNull();
    expect(store.get(2)).toBe('again');
    expect(pairs(store.all())).toEqual([[2, 'again']]);
    context.timestamp = 1110;
    context.streamTime = 1110;
    context.logged.length = 0;
    store.put(3, 'three');
    store.flush();
    expect(context.logged.map(({ key, value }) => [key.readInt32BE(0), value?.toString()])).toEqual(
      [
        [1, undefined],
        [3, 'three'],
      ],
    );
    expect(store.approximateSize()).toBe(2);
    context.streamTime = 1160;
    expect(store.get(2)).toBeNull();
  });
});
