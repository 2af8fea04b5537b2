/** The cases of Kafka's AbstractWindowBytesStoreTest by name, then what is ours. */
import { beforeEach, describe, expect, it } from 'vitest';
import { RecordHeaders } from '../../../src/client/consumer/records/record-headers.ts';
import { bytes, text } from '../../../src/client/serde/serdes.ts';
import { int32 } from '../../../src/streams/serde/numbers.ts';
import { CacheBudget } from '../../../src/streams/state/cache/cache-budget.ts';
import { ArenaWindowStore } from '../../../src/streams/state/stores/arena-window-store.ts';
import type { WindowSpec } from '../../../src/streams/topology/store-spec.ts';
import type { WindowEntry, WindowedEntry } from '../../../src/streams/topology/window-store.ts';
import { windowedKeyText } from '../../../src/streams/topology/windowed-key.ts';
import { FakeContext, SETTINGS } from './store-harness.ts';

const WINDOW_SIZE = 3;
const SEGMENT_INTERVAL = 60_000;
const RETENTION_PERIOD = 2 * SEGMENT_INTERVAL;
const START = SEGMENT_INTERVAL - 4;
const HUGE = Number.MAX_SAFE_INTEGER - 10;

const SPEC: WindowSpec = {
  ...SETTINGS,
  kind: 'window',
  timestamped: false,
  key: int32,
  value: text,
  windowMs: WINDOW_SIZE,
  retentionMs: RETENTION_PERIOD,
  retainDuplicates: false,
  timeOrdered: false,
};

function values<V>(entries: Iterable<WindowEntry<V>>): V[] {
  return Array.from(entries, ({ value }) => value);
}

/** `value@start` of each. */
function windowed<K, V>(entries: Iterable<WindowedEntry<K, V>>): string[] {
  return Array.from(entries, ({ key, value }) => `${value}@${key.window.start - START}`);
}

describe.each([
  ['without a cache', 0],
  ['with a cache', 1 << 20],
])('a window store %s', (_name, cacheBytes) => {
  let context: FakeContext;
  let store: ArenaWindowStore<number, string>;
  let expired = 0;

  function make<K = number, V = string>(changes: Partial<WindowSpec> = {}) {
    const environment = { cache: new CacheBudget(cacheBytes), onExpired: () => expired++ };
    const made = new ArenaWindowStore<K, V>({ ...SPEC, caching: true, ...changes }, environment);
    made.open(context);
    return made;
  }

  function putFirstBatch(): void {
    store.put(0, 'zero', START);
    store.put(1, 'one', START + 1);
    store.put(2, 'two', START + 2);
    store.put(3, 'three', START + 2);
    store.put(4, 'four', START + 4);
    store.put(5, 'five', START + 5);
  }

  function putSecondBatch(): void {
    for (let each = 1; each <= 6; each++) store.put(2, `two+${each}`, START + 2 + each);
  }

  /** What the changelog has, as `key: value@start`. */
  function changelog(): string[] {
    return context.logged.map(({ key, value }) => {
      const start = Number(key.readBigInt64BE(key.length - 12)) - START;
      return `${key.readInt32BE(0)}: ${value}@${start}`;
    });
  }

  beforeEach(() => {
    context = new FakeContext();
    expired = 0;
    store = make();
  });

  const first = ['zero@0', 'one@1', 'two@2', 'three@2', 'four@4', 'five@5'];

  it('testRangeAndSinglePointFetch', () => {
    putFirstBatch();
    expect(values(store.fetch(0, START - WINDOW_SIZE, START + WINDOW_SIZE))).toEqual(['zero']);
    putSecondBatch();
    for (let each = 1; each <= 6; each++)
      expect(store.get(2, START + 2 + each)).toBe(`two+${each}`);
    const twos = ['two', 'two+1', 'two+2', 'two+3', 'two+4', 'two+5', 'two+6'];
    for (let shift = -2; shift <= 12; shift++) {
      const from = shift - WINDOW_SIZE;
      const to = shift + WINDOW_SIZE;
      const expected = twos.filter((_each, at) => at + 2 >= from && at + 2 <= to);
      expect(values(store.fetch(2, START + from, START + to))).toEqual(expected);
      expect(values(store.backwardFetch(2, START + from, START + to))).toEqual(
        expected.toReversed(),
      );
    }
    store.flush();
    expect(changelog()).toEqual([
      '0: zero@0',
      '1: one@1',
      '2: two@2',
      '3: three@2',
      '4: four@4',
      '5: five@5',
      ...[1, 2, 3, 4, 5, 6].map((each) => `2: two+${each}@${2 + each}`),
    ]);
    expect(context.logged[0]!.key.readInt32BE(12)).toBe(0);
  });

  it('shouldGetAll and shouldGetBackwardAll', () => {
    putFirstBatch();
    expect(windowed(store.all())).toEqual(first);
    expect(windowed(store.backwardAll())).toEqual(first.toReversed());
  });

  it('shouldGetAllNonDeletedRecords', () => {
    for (const [at, each] of ['zero', 'one', 'two', 'three', 'four'].entries()) {
      store.put(at, each, START + at);
    }
    store.put(1, null, START + 1);
    store.put(3, null, START + 3);
    expect(windowed(store.all())).toEqual(['zero@0', 'two@2', 'four@4']);
  });

  it('shouldGetAllReturnTimestampOrderedRecords', () => {
    for (const at of [4, 0, 2, 3, 1]) store.put(at, `v${at}`, START + at);
    expect(windowed(store.all())).toEqual(['v0@0', 'v1@1', 'v2@2', 'v3@3', 'v4@4']);
  });

  it('shouldEarlyClosedIteratorStillGetAllRecords', () => {
    store.put(0, 'zero', START);
    store.put(1, 'one', START + 1);
    for (const each of store.all()) {
      expect(each.value).toBe('zero');
      break;
    }
    expect(windowed(store.all())).toEqual(['zero@0', 'one@1']);
  });

  it('shouldFetchAllInTimeRange and shouldBackwardFetchAllInTimeRange', () => {
    putFirstBatch();
    const ranges = [
      [1, 4],
      [0, 3],
      [1, 5],
    ];
    for (const [from, to] of ranges) {
      const expected = first.filter((each) => {
        const at = Number(each.split('@')[1]);
        return at >= from! && at <= to!;
      });
      expect(windowed(store.fetchAll(START + from!, START + to!))).toEqual(expected);
      expect(windowed(store.backwardFetchAll(START + from!, START + to!))).toEqual(
        expected.toReversed(),
      );
    }
  });

  it('testFetchRange and testBackwardFetchRange', () => {
    putFirstBatch();
    const [zero, one, two, three, four, five] = first as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const early = START - WINDOW_SIZE;
    const late = START + WINDOW_SIZE;
    const cases: [number | null, number | null, number, number, string[]][] = [
      [0, 1, early, late, [zero, one]],
      [1, 1, early, late, [one]],
      [1, 3, early, late, [one, two, three]],
      [0, 5, early, late, [zero, one, two, three]],
      [0, 5, early, late + 5, first],
      [0, 5, START + 2, late + 5, [two, three, four, five]],
      [4, 5, START + 2, late, []],
      [0, 3, START + 3, late + 5, []],
      [null, 2, early, late + 2, [zero, one, two]],
      [2, null, early, late + 5, [two, three, four, five]],
      [null, null, early, late + 5, first],
    ];
    for (const [keyFrom, keyTo, from, to, expected] of cases) {
      expect(windowed(store.fetchRange(keyFrom, keyTo, from, to))).toEqual(expected);
      expect(windowed(store.backwardFetchRange(keyFrom, keyTo, from, to))).toEqual(
        expected.toReversed(),
      );
    }
  });

  it('testPutAndFetchBefore and testPutAndFetchAfter', () => {
    putFirstBatch();
    putSecondBatch();
    const twos = ['two', 'two+1', 'two+2', 'two+3', 'two+4', 'two+5', 'two+6'];
    for (let shift = -1; shift <= 13; shift++) {
      const before = twos.filter((_each, at) => at + 2 >= shift - 3 && at + 2 <= shift);
      const after = twos.filter((_each, at) => at + 2 >= shift && at + 2 <= shift + 3);
      expect(values(store.fetch(2, START + shift - 3, START + shift))).toEqual(before);
      expect(values(store.fetch(2, START + shift, START + shift + 3))).toEqual(after);
    }
    expect(values(store.fetch(3, START + 3, START + 3 + WINDOW_SIZE))).toEqual([]);
  });

  it('testPutSameKeyTimestamp', () => {
    store = make({ retainDuplicates: true });
    for (const each of ['zero', 'zero', 'zero+', 'zero++']) store.put(0, each, START);
    for (let shift = 0; shift <= 3; shift++) {
      const found = store.fetch(0, START + shift - WINDOW_SIZE, START + shift + WINDOW_SIZE);
      expect(values(found)).toEqual(['zero', 'zero', 'zero+', 'zero++']);
    }
    expect(values(store.fetch(0, START + 4 - WINDOW_SIZE, START + 4))).toEqual([]);
    expect(changelog()).toEqual(['0: zero@0', '0: zero@0', '0: zero+@0', '0: zero++@0']);
    expect(context.logged.map(({ key }) => key.readInt32BE(12))).toEqual([1, 2, 3, 4]);
  });

  it('shouldCloseOpenIteratorsWhenStoreIsClosedAndNotThrowInvalidStateStoreExceptionOnHasNext', () => {
    for (const start of [1, 2, 3]) store.put(1, 'one', start);
    const open = store.fetch(1, 1, 3)[Symbol.iterator]();
    expect(open.next().done).toBe(false);
    store.close();
    expect(open.next().done).toBe(true);
  });

  it('shouldFetchAndIterateOverExactKeys', () => {
    const texts = make<string, string>({ key: text, windowMs: HUGE, retentionMs: HUGE });
    texts.put('a', '0001', 0);
    texts.put('aa', '0002', 0);
    texts.put('a', '0003', 1);
    texts.put('aa', '0004', 1);
    texts.put('a', '0005', HUGE - 1);
    const all = [0, Number.MAX_SAFE_INTEGER] as const;
    expect(values(texts.fetch('a', ...all))).toEqual(['0001', '0003', '0005']);
    const found = (key: string) =>
      Array.from(texts.fetchRange(key, key, ...all), ({ key, value }) => [
        windowedKeyText(key),
        value,
      ]);
    expect(found('a')).toEqual([
      [`[a@0/${HUGE}]`, '0001'],
      [`[a@1/${HUGE + 1}]`, '0003'],
      [`[a@${HUGE - 1}/${Number.MAX_SAFE_INTEGER}]`, '0005'],
    ]);
    expect(found('aa')).toEqual([
      [`[aa@0/${HUGE}]`, '0002'],
      [`[aa@1/${HUGE + 1}]`, '0004'],
    ]);
  });

  it('testDeleteAndUpdate', () => {
    store.put(1, 'one', 0);
    store.put(1, 'one v2', 0);
    expect(values(store.fetch(1, 0, 0))).toEqual(['one v2']);
    store.put(1, null, 0);
    expect(values(store.fetch(1, 0, 0))).toEqual([]);
  });

  it('shouldReturnNullOnWindowNotFound', () => {
    expect(store.get(1, 0)).toBeNull();
  });

  it('shouldThrowNullPointerExceptionOnPutNullKey and OnGetNullKey', () => {
    const none = null as unknown as number;
    const code = expect.objectContaining({ code: 'STATE_ARGUMENT' });
    expect(() => store.put(none, 'anyValue', 0)).toThrow(code);
    expect(() => store.fetch(none, 1, 2)).toThrow(code);
  });

  it('shouldFetchAndIterateOverExactBinaryKeys', () => {
    const binary = make<Uint8Array, string>({ key: bytes, retainDuplicates: true });
    const keys = [1, 2, 3].map((length) => new Uint8Array(length));
    const starts = [0, 1, 59_999];
    let count = 0;
    for (const start of starts) for (const key of keys) binary.put(key, `${++count}`, start);
    for (const [at, key] of keys.entries()) {
      const expected = [0, 1, 2].map((row) => `${row * 3 + at + 1}`);
      expect(values(binary.fetch(key, 0, HUGE))).toEqual(expected);
    }
  });

  it('shouldReturnSameResultsForSingleKeyFetchAndEqualKeyRangeFetch', () => {
    store.put(1, 'one', 0);
    store.put(2, 'two', 1);
    store.put(2, 'two', 2);
    store.put(3, 'three', 3);
    const range = Array.from(store.fetchRange(2, 2, 0, 5), ({ value }) => value);
    expect(range).toEqual(values(store.fetch(2, 0, 5)));
  });

  it('shouldNotThrowInvalidRangeExceptionWithNegativeFromKey', () => {
    store.put(-1, 'minus', 1);
    expect(windowed(store.fetchRange(-1, 1, 0, 10))).toEqual([]);
  });

  it('shouldMeasureExpiredRecords', () => {
    expect(store.put(1, 'initial record', 2 * RETENTION_PERIOD)).toBe(true);
    expect(store.put(1, 'late record', 0)).toBe(false);
    expect(store.put(1, 'another on-time record', RETENTION_PERIOD + 1)).toBe(true);
    expect(expired).toBe(1);
    expect(store.get(1, 0)).toBeNull();
  });

  it('shouldNotThrowExceptionWhenFetchRangeIsExpired', () => {
    store.put(1, 'one', 0);
    store.put(1, 'two', 4 * RETENTION_PERIOD);
    expect(values(store.fetch(1, 0, 10))).toEqual([]);
    expect(store.get(1, 0)).toBeNull();
  });

  it('testFetchDuplicates', () => {
    store = make({ retainDuplicates: true });
    for (const [at, each] of ['one', 'two', 'three'].entries()) {
      store.put(1, each, at * WINDOW_SIZE * 10);
      store.put(1, `${each}-2`, at * WINDOW_SIZE * 10);
    }
    const found = Array.from(store.fetch(1, 0, WINDOW_SIZE * 10), ({ windowStart, value }) => [
      windowStart,
      value,
    ]);
    expect(found).toEqual([
      [0, 'one'],
      [0, 'one-2'],
      [30, 'two'],
      [30, 'two-2'],
    ]);
  });

  it('shows an iteration the rows that were there when it began', () => {
    store.put(1, 'one', 0);
    store.put(1, 'two', 30);
    const iteration = store.all()[Symbol.iterator]();
    store.put(1, 'three', 60);
    store.put(1, 'changed', 30);
    expect(iteration.next().value).toMatchObject({ value: 'one' });
    expect(iteration.next().value).toMatchObject({ value: 'two' });
    expect(iteration.next().done).toBe(true);
  });

  it('lets a scan write to the windows that it passes, and end where it likes', () => {
    for (let start = 0; start < 10; start++) store.put(1, `v${start}`, start);
    const seen: string[] = [];
    store.scan(1, 2, 8, (value, start) => {
      seen.push(value);
      store.put(1, `${value}!`, start);
      store.put(1, 'new', 100 + start);
      return start < 5 ? undefined : false;
    });
    expect(seen).toEqual(['v2', 'v3', 'v4', 'v5']);
    const backward: string[] = [];
    store.backwardScan(1, 0, 6, (value) => void backward.push(value));
    expect(backward).toEqual(['v6', 'v5!', 'v4!', 'v3!', 'v2!', 'v1', 'v0']);
  });

  it('lets a scan ask for other keys in between', () => {
    const texts = make<string, string>({ key: text });
    for (let start = 1; start < 4; start++) texts.put('a', `v${start}`, start);
    const long = 'b'.repeat(1000);
    texts.scan('a', 0, 9, (value, start) => {
      if (start > 1) texts.put(long, value, start);
      expect(texts.get('a', start)).toBe(value);
      texts.put('a', `${value}!`, start);
      expect(texts.get('a', start + 1) ?? 'none').toBe(start < 3 ? `v${start + 1}` : 'none');
    });
    expect(values(texts.fetch('a', 0, 9))).toEqual(['v1!', 'v2!', 'v3!']);
    expect(values(texts.fetch(long, 0, 9))).toEqual(['v2', 'v3']);
  });

  it('keeps rows that are given bit by bit until all are given', () => {
    for (let start = 0; start < 10; start++) store.put(start, `v${start}`, start);
    store.flush();
    store.holdFrom(0);
    const given = store.graduallyFetchAll(0, 9);
    store.put(0, 'now', 10 * RETENTION_PERIOD);
    store.flush();
    store.put(0, 'later', 11 * RETENTION_PERIOD);
    const found: string[] = [];
    for (let next = given.next(); next !== undefined; next = given.next()) {
      if (next !== null) found.push(next.value);
    }
    expect(found).toEqual(Array.from({ length: 10 }, (_, i) => `v${i}`));
    expect(store.table.count).toBe(12);
    store.holdFrom(1_000);
    store.flush();
    store.flush();
    expect(store.table.count).toBeLessThan(3);
  });

  it('drops the rows of the past, a few with each write', () => {
    for (let start = 0; start < 1000; start++) store.put(start, 'x', start);
    store.flush();
    expect(store.table.count).toBe(1000);
    store.put(0, 'now', 10 * RETENTION_PERIOD);
    store.flush();
    expect(windowed(store.all())).toHaveLength(1);
    store.flush();
    expect(store.table.count).toBe(1);
    expect(store.table.arena.usedBytes).toBeLessThan(100);
  });

  it('puts back at an abort what its time had hidden', () => {
    store.manage();
    store.put(1, 'one', 0);
    store.flush();
    store.settle();
    store.put(1, 'two', 10 * RETENTION_PERIOD);
    store.flush();
    expect(values(store.fetch(1, 0, 10))).toEqual([]);
    store.revert();
    expect(values(store.fetch(1, 0, HUGE))).toEqual(['one']);
    expect(store.streamTime).toBe(0);
  });

  it('is restored from its changelog', () => {
    store = make({ timestamped: true });
    context.timestamp = 55;
    putFirstBatch();
    store.put(1, 'one', START + 1, 99);
    store.put(0, null, START);
    store.flush();
    const { logged } = context;
    const restored = new ArenaWindowStore<number, string>({ ...SPEC, timestamped: true }, {});
    restored.open(new FakeContext());
    for (const { key, value, timestamp } of logged) restored.restore(key, value, timestamp);
    expect(windowed(restored.all())).toEqual(first.slice(1));
    expect(restored.get(1, START + 1)).toBe('one');
    expect(restored.foundTimestamp).toBe(99);
    expect(restored.get(2, START + 2)).toBe('two');
    expect(restored.foundTimestamp).toBe(55);
    expect(() => restored.restore(Buffer.alloc(3), null, 0)).toThrow(
      expect.objectContaining({ code: 'STATE_BYTES' }),
    );
  });
});

it('gives cached windows on with their windowed keys', () => {
  const context = new FakeContext();
  const spec = { ...SPEC, caching: true, timestamped: true };
  const store = new ArenaWindowStore<number, string>(spec, { cache: new CacheBudget(1 << 20) });
  store.open(context);
  const updates: unknown[] = [];
  store.onFlush((key, newValue, oldValue, timestamp) => {
    updates.push([windowedKeyText(key), newValue, oldValue, timestamp]);
  }, true);
  store.put(1, 'a', 0, 1);
  store.put(1, 'b', 0, 2);
  store.put(1, 'c', 3, 3);
  store.flush();
  context.timestamp = 20;
  store.put(1, null, 0);
  store.flush();
  expect(updates).toEqual([
    ['[1@0/3]', 'b', null, 2],
    ['[1@3/6]', 'c', null, 3],
    ['[1@0/3]', null, 'b', 20],
  ]);
});

it('logs the headers of the record in hand where its description says so', () => {
  const context = new FakeContext();
  context.headers = new RecordHeaders([['h', null]]);
  const spec = { ...SPEC, retainDuplicates: true, logsHeaders: true };
  const store = new ArenaWindowStore<number, string>(spec, {});
  store.open(context);
  store.put(1, 'a', 0);
  expect(context.logged.map(({ headers }) => headers.get('h'))).toEqual([null]);
});

it('gives a cached update on that is too old to be read, as Kafka does', () => {
  const context = new FakeContext();
  const spec = { ...SPEC, caching: true, timestamped: true };
  const store = new ArenaWindowStore<number, string>(spec, { cache: new CacheBudget(1 << 20) });
  store.open(context);
  const updates: unknown[] = [];
  store.onFlush((key, newValue) => updates.push([key.window.start, newValue]), true);
  store.put(1, 'new', RETENTION_PERIOD);
  expect(store.put(1, 'old', 0)).toBe(false);
  store.flush();
  expect(updates).toEqual([
    [RETENTION_PERIOD, 'new'],
    [0, 'old'],
  ]);
  expect(context.logged).toHaveLength(2);
  expect(store.get(1, 0)).toBeNull();
  expect(Array.from(store.all(), ({ value }) => value)).toEqual(['new']);
});

it('keeps what a restored leap of time hides for who gives it on, until a later record comes', () => {
  const store = new ArenaWindowStore<number, string>({ ...SPEC, timeOrdered: true }, {});
  store.open(new FakeContext());
  const leap = 10 * RETENTION_PERIOD;
  const restore = (start: number, timestamp: number) => {
    const key = Buffer.alloc(16);
    key.writeBigInt64BE(BigInt(start), 4);
    store.restore(key, Buffer.from(`v${start}`), timestamp);
    store.flush();
  };
  for (let start = 0; start < 3; start++) restore(start, start);
  restore(leap, leap);
  // A record of hopping windows updates several.
  restore(leap + 1, leap);
  expect(store.table.count).toBe(5);
  expect(values(store.fetch(0, 0, HUGE))).toEqual([`v${leap}`, `v${leap + 1}`]);
  const given = store.graduallyFetchAll(0, 2);
  const found: string[] = [];
  for (let next = given.next(); next !== undefined; next = given.next()) {
    if (next !== null) found.push(next.value);
  }
  expect(found).toEqual(['v0', 'v1', 'v2']);
  restore(leap + 2, leap + 2);
  store.flush();
  expect(store.table.count).toBe(3);
});
