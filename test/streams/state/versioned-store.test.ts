/** The cases of Kafka's RocksDBVersionedStoreTest by name, then what is ours. */
import { beforeEach, describe, expect, it } from 'vitest';
import { text } from '../../../src/client/serde/serdes.ts';
import { ArenaVersionedStore } from '../../../src/streams/state/stores/arena-versioned-store.ts';
import type { VersionedSpec } from '../../../src/streams/topology/store-spec.ts';
import { NOT_PUT, VALID_TO_UNDEFINED } from '../../../src/streams/topology/versioned-store.ts';
import { FakeContext, SETTINGS } from './store-harness.ts';

const HISTORY_RETENTION = 300_000;
const GRACE_PERIOD = HISTORY_RETENTION;
const SEGMENT = HISTORY_RETENTION / 3;
const BASE = 10;
const OPEN = VALID_TO_UNDEFINED;

const SPEC: VersionedSpec = {
  ...SETTINGS,
  kind: 'versioned',
  key: text,
  value: text,
  historyMs: HISTORY_RETENTION,
  segmentMs: SEGMENT,
};

type Step = readonly [value: string | null, timestamp: number, validTo?: number];
/** At a time: value, its timestamp and its end; without them nothing. */
type Look = readonly [asOf: number, value?: string, timestamp?: number, validTo?: number];

describe('a versioned store', () => {
  let context: FakeContext;
  let store: ArenaVersionedStore<string, string>;
  let expired = 0;

  function make(historyMs = HISTORY_RETENTION): void {
    context = new FakeContext();
    expired = 0;
    const environment = { onExpired: () => expired++ };
    store = new ArenaVersionedStore({ ...SPEC, historyMs }, environment);
    store.open(context);
  }

  function putAll(steps: readonly Step[], key = 'k'): void {
    for (const [value, timestamp, validTo = OPEN] of steps) {
      expect([timestamp, store.put(key, value, timestamp)]).toEqual([timestamp, validTo]);
    }
  }

  function restoreAll(steps: readonly Step[], key = 'k'): void {
    for (const [value, timestamp] of steps) {
      const bytes = value === null ? null : Buffer.from(value);
      store.restore(Buffer.from(key), bytes, timestamp);
    }
  }

  function expectAll(looks: readonly Look[], key = 'k'): void {
    for (const [asOf, value, timestamp, validTo] of looks) {
      expect([asOf, store.getAsOf(key, asOf)]).toEqual([asOf, value ?? null]);
      expect([asOf, store.foundTimestamp]).toEqual([asOf, timestamp ?? -1]);
      if (value === undefined) continue;
      const [version] = store.versions(key, asOf, asOf);
      const end = validTo === OPEN ? undefined : validTo;
      expect(version).toEqual({ value, timestamp, validTo: end });
    }
  }

  function expectLatest(value: string | null, timestamp = -1, key = 'k'): void {
    expect(store.get(key)).toBe(value);
    expect(store.foundTimestamp).toBe(timestamp);
  }

  /** Values and starts. */
  function versions(from: number, to: number, ascending = false): unknown[][] {
    return Array.from(store.versions('k', from, to, ascending), (version) => {
      return [version.value, version.timestamp, version.validTo];
    });
  }

  beforeEach(() => make());

  it('shouldPutLatest', () => {
    putAll([
      ['v', BASE],
      ['v2', BASE + 1],
    ]);
    expectLatest('v2', BASE + 1);
    expectAll([
      [BASE, 'v', BASE, BASE + 1],
      [BASE + 1, 'v2', BASE + 1, OPEN],
      [BASE + 2, 'v2', BASE + 1, OPEN],
    ]);
  });

  it('shouldPutNullAsLatest', () => {
    putAll([
      [null, BASE],
      [null, BASE + 1],
    ]);
    expectLatest(null);
    expectAll([[BASE], [BASE + 1], [BASE + 2]]);
  });

  it('shouldPutOlderWithNonNullLatest', () => {
    putAll([
      ['v', BASE],
      ['v2', BASE - 2, BASE],
      ['v1', BASE - 1, BASE],
      ['v4', BASE - 4, BASE - 2],
    ]);
    expectLatest('v', BASE);
    expectAll([
      [BASE, 'v', BASE, OPEN],
      [BASE - 1, 'v1', BASE - 1, BASE],
      [BASE - 2, 'v2', BASE - 2, BASE - 1],
      [BASE - 3, 'v4', BASE - 4, BASE - 2],
    ]);
  });

  it('shouldPutOlderWithNullLatest', () => {
    putAll([
      [null, BASE],
      ['v2', BASE - 2, BASE],
      ['v1', BASE - 1, BASE],
      ['v4', BASE - 4, BASE - 2],
    ]);
    expectLatest(null);
    expectAll([
      [BASE],
      [BASE - 1, 'v1', BASE - 1, BASE],
      [BASE - 2, 'v2', BASE - 2, BASE - 1],
      [BASE - 3, 'v4', BASE - 4, BASE - 2],
    ]);
  });

  it.each([
    ['shouldPutOlderNullWithNonNullLatest', 'v'],
    ['shouldPutOlderNullWithNullLatest', null],
  ])('%s', (_name, latest) => {
    putAll([
      [latest, BASE],
      [null, BASE - 2, BASE],
      [null, BASE - 1, BASE],
      [null, BASE - 4, BASE - 2],
      ['v5', BASE - 5, BASE - 4],
      ['v3', BASE - 3, BASE - 2],
      [null, BASE - 6, BASE - 5],
    ]);
    expectLatest(latest, latest === null ? -1 : BASE);
    expectAll([
      latest === null ? [BASE] : [BASE, latest, BASE, OPEN],
      [BASE - 1],
      [BASE - 2],
      [BASE - 3, 'v3', BASE - 3, BASE - 2],
      [BASE - 4],
      [BASE - 5, 'v5', BASE - 5, BASE - 4],
      [BASE - 6],
    ]);
  });

  it('shouldPutRepeatTimestampAsLatest', () => {
    putAll([
      ['to_be_replaced', BASE],
      ['b', BASE],
    ]);
    expectAll([[BASE, 'b', BASE, OPEN], [BASE - 1]]);
    putAll([[null, BASE]]);
    expectAll([[BASE], [BASE - 1]]);
    putAll([
      [null, BASE],
      ['b', BASE],
    ]);
    expectLatest('b', BASE);
    expectAll([[BASE, 'b', BASE, OPEN], [BASE - 1]]);
  });

  const repeats: readonly Step[] = [
    ['to_be_replaced', SEGMENT + 20],
    [null, SEGMENT - 10, SEGMENT + 20],
    ['to_be_replaced', SEGMENT - 10, SEGMENT + 20],
    [null, SEGMENT - 10, SEGMENT + 20],
    ['to_be_replaced', SEGMENT - 1, SEGMENT + 20],
    ['to_be_replaced', SEGMENT + 1, SEGMENT + 20],
    [null, SEGMENT - 1, SEGMENT + 1],
    [null, SEGMENT + 1, SEGMENT + 20],
    [null, SEGMENT + 10, SEGMENT + 20],
    [null, SEGMENT + 5, SEGMENT + 10],
    ['vp5', SEGMENT + 5, SEGMENT + 10],
    ['to_be_replaced', SEGMENT - 5, SEGMENT - 1],
    ['vn5', SEGMENT - 5, SEGMENT - 1],
    [null, SEGMENT + 20],
    [null, SEGMENT + 20],
    ['vn6', SEGMENT - 6, SEGMENT - 5],
  ];
  const afterRepeats: readonly Look[] = [
    [SEGMENT + 30],
    [SEGMENT + 15],
    [SEGMENT + 6, 'vp5', SEGMENT + 5, SEGMENT + 10],
    [SEGMENT + 2],
    [SEGMENT],
    [SEGMENT - 1],
    [SEGMENT - 5, 'vn5', SEGMENT - 5, SEGMENT - 1],
    [SEGMENT - 6, 'vn6', SEGMENT - 6, SEGMENT - 5],
    [SEGMENT - 8],
  ];

  it('shouldPutRepeatTimestamps and shouldRestoreWithNullsAndRepeatTimestamps', () => {
    putAll(repeats);
    expectLatest(null);
    expectAll(afterRepeats);
    make();
    restoreAll(repeats);
    expectLatest(null);
    expectAll(afterRepeats);
    expect(context.logged).toEqual([]);
  });

  it('shouldPutIntoMultipleSegments and shouldRestoreMultipleBatches', () => {
    const steps: readonly Step[] = [
      [null, SEGMENT - 20],
      ['vn10', SEGMENT - 10],
      [null, SEGMENT - 1],
      [null, SEGMENT + 1],
      ['vp10', SEGMENT + 10],
      [null, SEGMENT + 20],
    ];
    const looks: readonly Look[] = [
      [SEGMENT + 30],
      [SEGMENT + 15, 'vp10', SEGMENT + 10, SEGMENT + 20],
      [SEGMENT + 5],
      [SEGMENT + 2],
      [SEGMENT],
      [SEGMENT - 1],
      [SEGMENT - 5, 'vn10', SEGMENT - 10, SEGMENT - 1],
      [SEGMENT - 15],
    ];
    putAll(steps);
    expectAll(looks);
    make();
    restoreAll(steps);
    expectAll(looks);
  });

  it('shouldMoveRecordToOlderSegmentDuringPut and shouldRestore', () => {
    const steps: readonly Step[] = [
      ['vp20', SEGMENT + 20],
      ['vp10', SEGMENT + 10, SEGMENT + 20],
      ['vn10', SEGMENT - 10, SEGMENT + 10],
      ['vn2', SEGMENT - 2, SEGMENT + 10],
      ['vn1', SEGMENT - 1, SEGMENT + 10],
      ['vp1', SEGMENT + 1, SEGMENT + 10],
    ];
    const looks: readonly Look[] = [
      [SEGMENT + 30, 'vp20', SEGMENT + 20, OPEN],
      [SEGMENT + 15, 'vp10', SEGMENT + 10, SEGMENT + 20],
      [SEGMENT + 5, 'vp1', SEGMENT + 1, SEGMENT + 10],
      [SEGMENT, 'vn1', SEGMENT - 1, SEGMENT + 1],
      [SEGMENT - 1, 'vn1', SEGMENT - 1, SEGMENT + 1],
      [SEGMENT - 2, 'vn2', SEGMENT - 2, SEGMENT - 1],
      [SEGMENT - 5, 'vn10', SEGMENT - 10, SEGMENT - 2],
    ];
    putAll(steps);
    expectLatest('vp20', SEGMENT + 20);
    expectAll(looks);
    make();
    restoreAll(steps);
    expectAll(looks);
  });

  it('shouldMoveRecordToOlderSegmentWithNullsDuringPut and shouldRestoreWithNulls', () => {
    const steps: readonly Step[] = [
      [null, SEGMENT + 20],
      [null, SEGMENT - 1, SEGMENT + 20],
      [null, SEGMENT + 1, SEGMENT + 20],
      [null, SEGMENT - 10, SEGMENT - 1],
      [null, SEGMENT + 10, SEGMENT + 20],
      ['vp5', SEGMENT + 5, SEGMENT + 10],
      ['vn5', SEGMENT - 5, SEGMENT - 1],
      ['vn6', SEGMENT - 6, SEGMENT - 5],
    ];
    putAll(steps);
    expectAll(afterRepeats);
    make();
    restoreAll(steps);
    expectAll(afterRepeats);
  });

  it('shouldFallThroughToExistingOlderSegmentAsLatestDuringPut', () => {
    putAll([
      [null, SEGMENT - 5],
      ['vn6', SEGMENT - 6, SEGMENT - 5],
      ['vp20', SEGMENT + 20],
      [null, SEGMENT + 10, SEGMENT + 20],
      [null, SEGMENT - 1, SEGMENT + 10],
      ['vn2', SEGMENT - 2, SEGMENT - 1],
    ]);
    expectLatest('vp20', SEGMENT + 20);
    expectAll([
      [SEGMENT + 30, 'vp20', SEGMENT + 20, OPEN],
      [SEGMENT + 12],
      [SEGMENT],
      [SEGMENT - 1],
      [SEGMENT - 2, 'vn2', SEGMENT - 2, SEGMENT - 1],
      [SEGMENT - 5],
      [SEGMENT - 6, 'vn6', SEGMENT - 6, SEGMENT - 5],
    ]);
  });

  it('shouldPutNonLatestTombstoneIntoNewSegmentWithValidTo', () => {
    putAll([
      ['vp30', SEGMENT + 30],
      [null, SEGMENT - 10, SEGMENT + 30],
      ['vn5', SEGMENT - 5, SEGMENT + 30],
      ['vn1', SEGMENT - 1, SEGMENT + 30],
      [null, SEGMENT - 2, SEGMENT - 1],
    ]);
    expectAll([
      [SEGMENT + 10, 'vn1', SEGMENT - 1, SEGMENT + 30],
      [SEGMENT - 1, 'vn1', SEGMENT - 1, SEGMENT + 30],
      [SEGMENT - 2],
      [SEGMENT - 5, 'vn5', SEGMENT - 5, SEGMENT - 2],
      [SEGMENT - 10],
    ]);
  });

  it('shouldDelete', () => {
    putAll([
      ['vp20', SEGMENT + 20],
      ['vp10', SEGMENT + 10, SEGMENT + 20],
      ['vn10', SEGMENT - 10, SEGMENT + 10],
      ['vn2', SEGMENT - 2, SEGMENT + 10],
    ]);
    expect(store.delete('k', SEGMENT - 5)).toBe('vn10');
    expect(store.foundTimestamp).toBe(SEGMENT - 10);
    expect(store.delete('k', SEGMENT + 10)).toBe('vp10');
    expect(store.foundTimestamp).toBe(SEGMENT + 10);
    expect(store.delete('k', SEGMENT + 10)).toBeNull();
    expect(store.delete('k', SEGMENT + 25)).toBe('vp20');
    expect(store.foundTimestamp).toBe(SEGMENT + 20);
  });

  it('shouldNotPutExpired', () => {
    putAll([['v', HISTORY_RETENTION + 10]]);
    putAll([['v1', HISTORY_RETENTION + 10 - GRACE_PERIOD]], 'k1');
    expectLatest('v1', HISTORY_RETENTION + 10 - GRACE_PERIOD, 'k1');
    putAll([['v2', HISTORY_RETENTION + 9 - GRACE_PERIOD, NOT_PUT]], 'k2');
    expectLatest(null, -1, 'k2');
    expect(expired).toBe(1);
  });

  it('shouldNotDeleteExpired', () => {
    putAll([['v1', 1]], 'k1');
    putAll([['v2', 1]], 'k2');
    putAll([['vother', HISTORY_RETENTION + 10]], 'kother');
    expect(store.delete('k1', HISTORY_RETENTION + 10 - GRACE_PERIOD)).toBe('v1');
    expect(store.foundTimestamp).toBe(1);
    expectLatest(null, -1, 'k1');
    expect(store.delete('k2', HISTORY_RETENTION + 9 - GRACE_PERIOD)).toBeNull();
    expectLatest('v2', 1, 'k2');
    expect(expired).toBe(1);
  });

  it('shouldGetFromOlderSegments', () => {
    for (const each of [1, 2, 3]) putAll([[null, each * SEGMENT - 10]], 'ko');
    expectAll([[SEGMENT - 20]]);
    putAll([
      ['v', SEGMENT - 20],
      [null, SEGMENT - 10],
    ]);
    const looks: readonly Look[] = [
      [SEGMENT - 30],
      [SEGMENT - 15, 'v', SEGMENT - 20, SEGMENT - 10],
      [SEGMENT - 5],
    ];
    expectAll(looks);
    putAll([
      ['v2', 3 * SEGMENT - 20],
      [null, 3 * SEGMENT - 10],
    ]);
    expectAll(looks);
  });

  it('shouldNotGetExpired and shouldNotGetExpiredRecordVersions', () => {
    putAll([
      ['v_old', 0],
      ['v', SEGMENT - 10],
    ]);
    const old: Look = [SEGMENT - 11, 'v_old', 0, SEGMENT - 10];
    expectAll([old]);
    putAll([['vo', HISTORY_RETENTION + SEGMENT - 11]], 'ko');
    expectAll([old]);
    expect(versions(0, SEGMENT - 11)).toEqual([['v_old', 0, SEGMENT - 10]]);
    putAll([['vo2', HISTORY_RETENTION + SEGMENT - 10]], 'ko');
    expectAll([[SEGMENT - 11]]);
    expect(versions(0, SEGMENT - 11)).toEqual([]);
  });

  it('shouldGetExpiredIfLatestValue and shouldGetExpiredIfLatestVersionValue', () => {
    putAll([['v', 1]]);
    putAll(
      [
        ['vo_old', 1],
        ['vo_new', HISTORY_RETENTION + 12],
      ],
      'ko',
    );
    expectAll([[10, 'v', 1, OPEN]]);
    expect(versions(0, 10)).toEqual([['v', 1, undefined]]);
    expect(store.getAsOf('ko', 10)).toBeNull();
    expect([...store.versions('ko', 0, 10)]).toEqual([]);
  });

  it('shouldDistinguishEmptyAndNull', () => {
    putAll([
      [null, SEGMENT + 20],
      [null, SEGMENT - 10, SEGMENT + 20],
      ['', SEGMENT - 5, SEGMENT + 20],
      [null, SEGMENT - 1, SEGMENT + 20],
    ]);
    expectAll([[SEGMENT - 5, '', SEGMENT - 5, SEGMENT - 1], [SEGMENT], [SEGMENT - 7]]);
  });

  it('shouldGetRecordVersionsFromOlderSegments', () => {
    const at = (shift: number) => SEGMENT + shift;
    putAll([
      ['v1', at(-30)],
      ['v2', at(-25)],
      [null, at(-20)],
      [null, at(-15)],
      ['v3', at(-10)],
      ['v4', at(-5)],
    ]);
    const v1: [string, number, number] = ['v1', at(-30), at(-25)];
    const v2: [string, number, number] = ['v2', at(-25), at(-20)];
    const v3: [string, number, number] = ['v3', at(-10), at(-5)];
    const v4: [string, number, undefined] = ['v4', at(-5), undefined];
    expect(versions(at(-40), at(-35))).toEqual([]);
    expect(versions(at(-30), at(-5))).toEqual([v4, v3, v2, v1]);
    expect(versions(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toEqual([v4, v3, v2, v1]);
    expect(versions(at(-4), at(0))).toEqual([v4]);
    expect(versions(at(-5), at(-5))).toEqual([v4]);
    expect(versions(at(-31), at(-21))).toEqual([v2, v1]);
    expect(versions(at(-24), at(-11))).toEqual([v2]);
    expect(versions(at(-11), at(-4))).toEqual([v4, v3]);
    expect(versions(at(-26), at(-5))).toEqual([v4, v3, v2, v1]);
    expect(versions(at(-15), at(-10))).toEqual([v3]);
    expect(versions(at(-19), at(-16))).toEqual([]);
    expect(versions(at(-30), at(-26))).toEqual([v1]);
  });

  it('shouldGetRecordVersionsInAscendingOrder, from multiple old segments too', () => {
    putAll([
      ['v1', SEGMENT - 10],
      ['v2', SEGMENT - 5],
      ['v3', 2 * SEGMENT - 10],
      ['v4', 2 * SEGMENT - 5],
    ]);
    const ascending = versions(0, 3 * SEGMENT, true).map(([value]) => value);
    expect(ascending).toEqual(['v1', 'v2', 'v3', 'v4']);
  });

  it('shouldNotRestoreExpired and shouldRestoreEvenIfRecordWouldBeExpiredByEndOfBatch', () => {
    restoreAll([['v', HISTORY_RETENTION + 10]]);
    restoreAll([['v1', HISTORY_RETENTION + 10 - GRACE_PERIOD]], 'k1');
    restoreAll([['v2', HISTORY_RETENTION + 9 - GRACE_PERIOD]], 'k2');
    expectLatest('v1', 10, 'k1');
    expectLatest(null, -1, 'k2');
    expect(expired).toBe(0);
    make();
    restoreAll([['v2', HISTORY_RETENTION - GRACE_PERIOD]], 'k2');
    restoreAll([['v', HISTORY_RETENTION + 10]]);
    expectLatest('v2', 0, 'k2');
  });

  it('shouldAllowZeroHistoryRetention', () => {
    make(0);
    putAll([['v', BASE]]);
    expectAll([
      [BASE, 'v', BASE, OPEN],
      [BASE + 1, 'v', BASE, OPEN],
    ]);
    putAll([['updated', BASE]]);
    expectAll([[BASE, 'updated', BASE, OPEN]]);
    putAll([['v2', BASE + 2]]);
    expectAll([[BASE + 2, 'v2', BASE + 2, OPEN], [BASE + 1]]);
    store.delete('k', BASE + 3);
    expectLatest(null);
    putAll([['v', BASE + 2, NOT_PUT]], 'k2');
    expect(expired).toBe(1);
  });

  it('logs plain keys and values with the time of the version, also what it does not put', () => {
    putAll([
      ['v', HISTORY_RETENTION + 10],
      [null, HISTORY_RETENTION + 11],
      ['late', 1, NOT_PUT],
    ]);
    expect(context.texts).toEqual([
      ['k', 'v', HISTORY_RETENTION + 10],
      ['k', null, HISTORY_RETENTION + 11],
      ['k', 'late', 1],
    ]);
  });

  it('drops versions and tombstones that are out of history, and keeps the latest values', () => {
    for (let each = 0; each < 100; each++) {
      store.put(`k${each}`, 'old', each);
      store.put(`k${each}`, each % 2 === 0 ? 'new' : null, each + 100);
    }
    store.flush();
    expect(store.table.count).toBe(200);
    store.put('now', 'v', 3 * HISTORY_RETENTION);
    for (let each = 0; each < 4; each++) store.flush();
    expect(store.table.count).toBe(51);
    expect(store.get('k4')).toBe('new');
    expect(store.get('k5')).toBeNull();
  });

  it('has dropped versions back after an abort', () => {
    store.manage();
    putAll([
      ['v1', 1],
      [null, 5],
    ]);
    store.settle();
    putAll([['far', 5 * HISTORY_RETENTION]], 'other');
    store.settle();
    putAll([['v', 5 * HISTORY_RETENTION]], 'other');
    expect(store.table.count).toBe(1);
    store.revert();
    expect(store.table.count).toBe(3);
    expect(store.get('k')).toBeNull();
    store.settle();
    store.settle();
    expect(store.table.count).toBe(1);
  });
});
