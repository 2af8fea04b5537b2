/** The cases of Kafka's AbstractSessionBytesStoreTest by name, then what is ours. */
import { beforeEach, describe, expect, it } from 'vitest';
import { bytes, text } from '../../../src/client/serde/serdes.ts';
import { int64 } from '../../../src/streams/serde/numbers.ts';
import { CacheBudget } from '../../../src/streams/state/cache/cache-budget.ts';
import { ArenaSessionStore } from '../../../src/streams/state/stores/arena-session-store.ts';
import type { SessionEntry } from '../../../src/streams/topology/session-store.ts';
import type { SessionSpec } from '../../../src/streams/topology/store-spec.ts';
import { windowedKeyText } from '../../../src/streams/topology/windowed-key.ts';
import { FakeContext, SETTINGS } from './store-harness.ts';

const SEGMENT_INTERVAL = 60_000;
const RETENTION_PERIOD = 10_000;
const HUGE = Number.MAX_SAFE_INTEGER - 10;

const SPEC: SessionSpec = {
  ...SETTINGS,
  kind: 'session',
  key: text,
  value: int64,
  retentionMs: RETENTION_PERIOD,
  timeOrdered: false,
};

/** `[key@start/end]=value` of each. */
function texts<K, V>(entries: Iterable<SessionEntry<K, V>>): string[] {
  return Array.from(entries, ({ key, value }) => `${windowedKeyText(key)}=${value}`);
}

function numbers<K, V>(entries: Iterable<SessionEntry<K, V>>): V[] {
  return Array.from(entries, ({ value }) => value);
}

describe.each([
  ['without a cache', 0],
  ['with a cache', 1 << 20],
])('a session store %s', (_name, cacheBytes) => {
  let context: FakeContext;
  let store: ArenaSessionStore<string, number>;
  let expired = 0;

  function make<K = string, V = number>(changes: Partial<SessionSpec> = {}) {
    const environment = { cache: new CacheBudget(cacheBytes), onExpired: () => expired++ };
    const made = new ArenaSessionStore<K, V>({ ...SPEC, caching: true, ...changes }, environment);
    made.open(context);
    return made;
  }

  function putAll(...sessions: [string, number, number, number][]): void {
    for (const [key, start, end, value] of sessions) store.put(key, start, end, value);
  }

  beforeEach(() => {
    context = new FakeContext();
    expired = 0;
    store = make();
  });

  it('shouldPutAndFindSessionsInRange and shouldPutAndBackwardFindSessionsInRange', () => {
    putAll(['a', 10, 10, 1], ['a', 500, 1000, 2], ['a', 1500, 2000, 1], ['a', 2500, 3000, 2]);
    const both = ['[a@10/10]=1', '[a@500/1000]=2'];
    expect(texts(store.findSessions('a', 0, 1000))).toEqual(both);
    expect(texts(store.findSessions('a', 400, 600))).toEqual(['[a@500/1000]=2']);
    expect(texts(store.backwardFindSessions('a', 0, 1000))).toEqual(both.toReversed());
    expect(texts(store.backwardFindSessions('a', 400, 600))).toEqual(['[a@500/1000]=2']);
  });

  it('shouldFetchAllSessionsWithSameRecordKey and shouldBackwardFetchAll…', () => {
    putAll(['a', 0, 0, 1], ['a', 10, 10, 2], ['a', 100, 100, 3], ['a', 1000, 1000, 4]);
    putAll(['aa', 0, 0, 5]);
    expect(numbers(store.fetch('a'))).toEqual([1, 2, 3, 4]);
    expect(numbers(store.backwardFetch('a'))).toEqual([4, 3, 2, 1]);
  });

  it('shouldFindSessionsForTimeRange', () => {
    putAll(['a', 0, 0, 5]);
    expect(numbers(store.findSessionsByEnd(0, 0))).toEqual([5]);
    putAll(['b', 10, 20, 10], ['c', 30, 40, 20]);
    expect(numbers(store.findSessionsByEnd(0, 20))).toEqual([5, 10]);
    expect(numbers(store.findSessionsByEnd(0, 19))).toEqual([5]);
    expect(numbers(store.findSessionsByEnd(1, 20))).toEqual([10]);
    expect(numbers(store.findSessionsByEnd(19, 41))).toEqual([10, 20]);
    expect(numbers(store.findSessionsByEnd(0, 40))).toEqual([5, 10, 20]);
  });

  it('shouldFetchAllSessionsWithinKeyRange and shouldBackwardFetchAll…', () => {
    putAll(['aa', 10, 10, 2], ['aaa', 100, 100, 3], ['aaaa', 100, 100, 6]);
    putAll(['b', 1000, 1000, 4], ['bb', 1500, 2000, 5], ['a', 0, 0, 1], ['bbb', 2500, 3000, 7]);
    const within = [2, 3, 6, 4, 5];
    expect(numbers(store.fetchRange('aa', 'bb'))).toEqual(within);
    expect(numbers(store.findSessionsInRange('aa', 'bb', 0, HUGE))).toEqual(within);
    expect(numbers(store.fetchRange(null, 'bb'))).toEqual([1, ...within]);
    expect(numbers(store.fetchRange('aa', null))).toEqual([...within, 7]);
    expect(numbers(store.fetchRange(null, null))).toEqual([1, ...within, 7]);
    expect(numbers(store.backwardFetchRange('aa', 'bb'))).toEqual(within.toReversed());
    expect(numbers(store.backwardFindSessionsInRange(null, null, 0, HUGE))).toEqual(
      [1, ...within, 7].reverse(),
    );
  });

  it('shouldFetchExactSession', () => {
    putAll(['a', 0, 4, 1], ['aa', 0, 3, 2], ['aa', 0, 4, 3], ['aa', 1, 4, 4], ['aaa', 0, 4, 5]);
    expect(store.get('aa', 0, 4)).toBe(3);
  });

  it('shouldReturnNullOnSessionNotFound', () => {
    expect(store.get('any key', 0, 5)).toBeNull();
  });

  it('shouldFindValuesWithinMergingSessionWindowRange and backward', () => {
    putAll(['a', 0, 0, 1], ['a', 1000, 1000, 2]);
    expect(numbers(store.findSessions('a', -1, 1000))).toEqual([1, 2]);
    expect(numbers(store.backwardFindSessions('a', -1, 1000))).toEqual([2, 1]);
  });

  it('shouldRemove and shouldRemoveOnNullAggValue', () => {
    putAll(['a', 0, 1000, 1], ['a', 1500, 2500, 2], ['b', 0, 1000, 1]);
    store.remove('a', 0, 1000);
    store.put('b', 0, 1000, null);
    expect(numbers(store.findSessions('a', 0, 1000))).toEqual([]);
    expect(numbers(store.findSessions('b', 0, 1000))).toEqual([]);
    expect(numbers(store.findSessions('a', 1500, 2500))).toEqual([2]);
  });

  it('shouldFindSessionsToMerge and shouldBackwardFindSessionsToMerge', () => {
    putAll(['a', 0, 100, 1], ['a', 101, 200, 2], ['a', 201, 300, 3], ['a', 301, 400, 4]);
    putAll(['a', 401, 500, 5]);
    expect(numbers(store.findSessions('a', 150, 300))).toEqual([2, 3]);
    expect(numbers(store.backwardFindSessions('a', 150, 300))).toEqual([3, 2]);
  });

  it('shouldFetchExactKeys and shouldBackwardFetchExactKeys', () => {
    store = make({ retentionMs: HUGE });
    putAll(['a', 0, 0, 1], ['aa', 0, 10, 2], ['a', 10, 20, 3], ['aa', 10, 20, 4]);
    putAll(['a', HUGE - 2, HUGE - 1, 5]);
    expect(numbers(store.findSessions('a', 0, HUGE))).toEqual([1, 3, 5]);
    expect(numbers(store.findSessions('aa', 0, HUGE))).toEqual([2, 4]);
    expect(numbers(store.findSessionsInRange('a', 'aa', 0, HUGE))).toEqual([1, 2, 3, 4, 5]);
    expect(numbers(store.findSessionsInRange('a', 'aa', 10, 0))).toEqual([2]);
    expect(numbers(store.findSessionsInRange(null, 'aa', 0, HUGE))).toEqual([1, 2, 3, 4, 5]);
    expect(numbers(store.backwardFindSessionsInRange('a', null, 0, HUGE))).toEqual([5, 4, 3, 2, 1]);
  });

  it('shouldFetchAndIterateOverExactBinaryKeys and backward', () => {
    const binary = make<Uint8Array, string>({ key: bytes, value: text });
    const keys = [1, 2, 3].map((length) => new Uint8Array(length));
    for (let each = 1; each <= 9; each++) binary.put(keys[(each - 1) % 3]!, each, 100, `${each}`);
    for (const [at, key] of keys.entries()) {
      const expected = [1, 4, 7].map((each) => `${each + at}`);
      expect(numbers(binary.findSessions(key, 0, HUGE))).toEqual(expected);
      expect(numbers(binary.backwardFindSessions(key, 0, HUGE))).toEqual(expected.toReversed());
    }
  });

  it('shouldRestore', () => {
    putAll(['a', 0, 0, 1], ['a', 10, 10, 2], ['a', 100, 100, 3], ['a', 1000, 1000, 4]);
    store.flush();
    const logged = [...context.logged];
    expect(logged[3]!.key.readBigInt64BE(1)).toBe(1000n);
    store.close();
    store.open(context);
    expect(numbers(store.fetch('a'))).toEqual([]);
    for (const { key, value, timestamp } of logged) store.restore(key, value, timestamp);
    expect(numbers(store.fetch('a'))).toEqual([1, 2, 3, 4]);
    expect(context.logged).toHaveLength(4);
    expect(() => store.restore(Buffer.alloc(9), null, 0)).toThrow(
      expect.objectContaining({ code: 'STATE_BYTES' }),
    );
  });

  it('shouldCloseOpenIteratorsWhenStoreIsClosedAndNotThrowInvalidStateStoreExceptionOnHasNext', () => {
    putAll(['a', 0, 0, 1], ['a', 10, 50, 2]);
    const open = store.fetch('a')[Symbol.iterator]();
    expect(open.next().done).toBe(false);
    store.close();
    expect(open.next().done).toBe(true);
  });

  it('shouldReturnSameResultsForSingleKeyFindSessionsAndEqualKeyRangeFindSessions', () => {
    putAll(['a', 0, 1, 0], ['aa', 2, 3, 1], ['aa', 4, 5, 2], ['aaa', 6, 7, 3]);
    const range = texts(store.findSessionsInRange('aa', 'aa', 0, 10));
    expect(range).toEqual(texts(store.findSessions('aa', 0, 10)));
  });

  it('shouldMeasureExpiredRecords', () => {
    expect(store.put('initial record', 0, 2 * SEGMENT_INTERVAL, 0)).toBe(true);
    expect(store.put('late record', 0, 0, 0)).toBe(false);
    expect(store.put('another on-time record', 0, 2 * SEGMENT_INTERVAL, 0)).toBe(true);
    expect(expired).toBe(1);
  });

  it('shouldNotThrowExceptionRemovingNonexistentKey', () => {
    store.remove('a', 0, 1);
    expect(numbers(store.fetch('a'))).toEqual([]);
  });

  it('shouldThrowNullPointerException for null keys', () => {
    const none = null as unknown as string;
    const code = expect.objectContaining({ code: 'STATE_ARGUMENT' });
    expect(() => store.findSessions(none, 1, 2)).toThrow(code);
    expect(() => store.fetch(none)).toThrow(code);
    expect(() => store.remove(none, 0, 1)).toThrow(code);
    expect(() => store.put(none, 0, 1, 1)).toThrow(code);
  });

  it('shouldNotThrowInvalidRangeExceptionWithNegativeFromKey', () => {
    putAll(['b', 0, 1, 1]);
    expect(numbers(store.findSessionsInRange('c', 'a', 0, 10))).toEqual([]);
  });

  it('shouldRemoveExpired', () => {
    putAll(['a', 0, 0, 1], ['aa', 0, 10, 2], ['a', 10, 20, 3]);
    putAll(['aa', 10, RETENTION_PERIOD, 4]);
    expect(numbers(store.findSessionsInRange('a', 'b', 0, HUGE))).toEqual([2, 3, 4]);
  });

  it('shouldNotFetchExpiredSessions', () => {
    const now = 1_700_000_000_000;
    const ago = (periods: number) => now - periods * RETENTION_PERIOD;
    putAll(['p', ago(3), ago(2), 1], ['q', ago(2), ago(1), 4], ['r', ago(1), ago(0.5), 3]);
    putAll(['p', ago(1), ago(0.5), 2]);
    expect(numbers(store.findSessions('p', ago(2), ago(1)))).toEqual([2]);
    expect(numbers(store.backwardFindSessions('p', ago(5), ago(4)))).toEqual([]);
    expect(numbers(store.findSessionsInRange('p', 'r', ago(5), now))).toEqual([4, 2, 3]);
    expect(numbers(store.findSessionsByEnd(ago(2), now))).toEqual([4, 2, 3]);
    expect(store.get('q', ago(2), ago(1))).toBe(4);
    expect(store.get('p', ago(3), ago(2))).toBeNull();
  });
});

it('gives cached sessions on, merged ones as tombstones', () => {
  const context = new FakeContext();
  const spec = { ...SPEC, caching: true };
  const store = new ArenaSessionStore<string, number>(spec, { cache: new CacheBudget(1 << 20) });
  store.open(context);
  const updates: unknown[] = [];
  store.onFlush((key, newValue, oldValue, timestamp) => {
    updates.push([windowedKeyText(key), newValue, oldValue, timestamp]);
  }, true);
  store.put('a', 0, 10, 1);
  store.flush();
  store.remove('a', 0, 10);
  store.put('a', 0, 15, 2);
  store.remove('a', 0, 15);
  store.put('a', 0, 20, 3);
  store.flush();
  expect(updates).toEqual([
    ['[a@0/10]', 1, null, 10],
    ['[a@0/10]', null, 1, 10],
    ['[a@0/20]', 3, null, 20],
  ]);
});
