/** Stores beside plain models, through random writes, commits, aborts, restores and restarts. */
import { rmSync } from 'node:fs';
import { expect } from 'vitest';
import { text } from '../../../src/client/serde/serdes.ts';
import { TaskState } from '../../../src/streams/state/disk/task-state.ts';
import { ArenaKeyValueStore } from '../../../src/streams/state/stores/arena-key-value-store.ts';
import { ArenaSessionStore } from '../../../src/streams/state/stores/arena-session-store.ts';
import { ArenaVersionedStore } from '../../../src/streams/state/stores/arena-versioned-store.ts';
import { ArenaWindowStore } from '../../../src/streams/state/stores/arena-window-store.ts';
import type { StoreEnvironment } from '../../../src/streams/state/stores/store-environment.ts';
import type { TableStore } from '../../../src/streams/state/stores/table-store.ts';
import type { GradualEntries } from '../../../src/streams/topology/gradual-entries.ts';
import { NOT_PUT } from '../../../src/streams/topology/versioned-store.ts';
import { FakeContext, SETTINGS } from './store-harness.ts';

const RETENTION = 200;
const KEYS = ['a', 'aa', 'ab', 'b', ''];
const SERDES = { key: text, value: text };

type Next = (below: number) => number;

function numbersFrom(seed: number): Next {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What a store must say, kept in the plainest way. */
interface Model {
  rows: Map<string, string | null>;
  time: number;
}

/** A store with its model, and what is done to both. */
export interface Pair<S extends TableStore> {
  make(environment: StoreEnvironment): S;
  write(store: S, model: Model, next: Next, now: number): void;
  check(store: S, model: Model, next: Next, now: number): void;
}

function copyOf({ rows, time }: Model): Model {
  return { rows: new Map(rows), time };
}

/** Steps of all kinds; a restart reads the directory, a loss the changelog. */
export function runRandomly<S extends TableStore>(
  pair: Pair<S>,
  seed: number,
  directory: string,
  environment: StoreEnvironment = {},
  steps = 3000,
): void {
  const next = numbersFrom(seed);
  let context = new FakeContext();
  const committedLog: FakeContext['logged'] = [];
  let store = pair.make(environment);
  store.open(context);
  let state = new TaskState('0_0', directory, [store]);
  let model: Model = { rows: new Map(), time: -1 };
  let committed = copyOf(model);
  let now = 0;
  for (let step = 0; step < steps; step++) {
    now += next(12) === 0 ? next(150) : next(4);
    const chance = next(100);
    if (chance < 85) {
      pair.write(store, model, next, now);
    } else if (chance < 93) {
      store.flush();
      committedLog.push(...context.logged.splice(0));
      state.commit(new Map([['store', committedLog.length]]));
      committed = copyOf(model);
      if (next(20) === 0) state.snapshotNow();
    } else if (chance < 97) {
      state.abort();
      context.logged.length = 0;
      model = copyOf(committed);
    } else {
      state.close();
      store.close();
      context = new FakeContext();
      store = pair.make(environment);
      store.open(context);
      const isLost = next(2) === 0;
      if (isLost) rmSync(directory, { recursive: true });
      state = new TaskState('0_0', directory, [store]);
      if (isLost) {
        for (const { key, value, timestamp, headers } of committedLog) {
          store.restore(key, value, timestamp, headers);
        }
        state.commit(new Map([['store', committedLog.length]]));
      }
      expect(state.offsets.get('store') ?? 0).toBe(committedLog.length);
      model = copyOf(committed);
    }
    pair.check(store, model, next, now);
  }
  state.close();
  store.close();
}

function late(next: Next, now: number): number {
  return Math.max(0, now - (next(3) === 0 ? next(260) : next(20)));
}

export const windows: Pair<ArenaWindowStore<string, string>> = {
  make: (environment) =>
    new ArenaWindowStore<string, string>(
      {
        ...SETTINGS,
        ...SERDES,
        kind: 'window',
        timestamped: true,
        windowMs: 10,
        retentionMs: RETENTION,
        retainDuplicates: false,
        timeOrdered: false,
      },
      environment,
    ),
  write(store, model, next, now) {
    const key = KEYS[next(KEYS.length)]!;
    const start = late(next, now);
    const value = next(5) === 0 ? null : `v${next(1000)}`.repeat(1 + next(8));
    model.time = Math.max(model.time, start);
    const isKept = start > model.time - RETENTION;
    expect(store.put(key, value, start, now)).toBe(isKept);
    if (isKept) model.rows.set(`${key}@${start}`, value);
  },
  check(store, model, next, now) {
    const key = KEYS[next(KEYS.length)]!;
    const [from, to] = [late(next, now), late(next, now)].sort((a, b) => a - b) as [number, number];
    const oldest = model.time - RETENTION + 1;
    const wanted = Array.from(model.rows)
      .map(([row, value]) => ({ key: row.split('@')[0]!, start: Number(row.split('@')[1]), value }))
      .filter(({ start, value }) => value !== null && start >= Math.max(from, oldest))
      .filter(({ start }) => start <= to)
      .sort((one, other) => one.start - other.start || (one.key < other.key ? -1 : 1));
    const ofKey = wanted.filter((each) => each.key === key).map(({ value }) => value);
    expect(Array.from(store.fetch(key, from, to), ({ value }) => value)).toEqual(ofKey);
    const seen: (string | null)[] = [];
    store.backwardScan(key, from, to, (value) => void seen.push(value));
    expect(seen).toEqual(ofKey.toReversed());
    const all = Array.from(store.fetchAll(from, to), ({ value }) => value);
    expect(all).toEqual(wanted.map(({ value }) => value));
    expect(gradual(store.graduallyFetchAll(from, to))).toEqual(all);
    const exact = model.rows.get(`${key}@${from}`) ?? null;
    expect(store.get(key, from)).toBe(from >= oldest ? exact : null);
  },
};

function gradual<V>(entries: GradualEntries<{ readonly value: V }>): V[] {
  const values: V[] = [];
  for (let next = entries.next(); next !== undefined; next = entries.next()) {
    if (next !== null) values.push(next.value);
  }
  return values;
}

export const sessions: Pair<ArenaSessionStore<string, string>> = {
  make: (environment) =>
    new ArenaSessionStore<string, string>(
      { ...SETTINGS, ...SERDES, kind: 'session', retentionMs: RETENTION, timeOrdered: false },
      environment,
    ),
  write(store, model, next, now) {
    const key = KEYS[next(KEYS.length)]!;
    const end = late(next, now);
    const start = Math.max(0, end - next(40));
    const value = next(5) === 0 ? null : `v${next(1000)}`;
    model.time = Math.max(model.time, end);
    const isKept = end > model.time - RETENTION;
    expect(store.put(key, start, end, value)).toBe(isKept);
    if (isKept) model.rows.set(`${key}@${end}/${start}`, value);
  },
  check(store, model, next, now) {
    const key = KEYS[next(KEYS.length)]!;
    const earliestEnd = late(next, now);
    const latestStart = late(next, now);
    const wanted = Array.from(model.rows)
      .map(([row, value]) => {
        const [of, end, start] = row.split(/[@/]/);
        return { key: of!, end: Number(end), start: Number(start), value };
      })
      .filter(({ end, value }) => value !== null && end >= earliestEnd)
      .filter(({ end }) => end > model.time - RETENTION)
      .sort((one, other) => {
        return one.end - other.end || one.start - other.start || (one.key < other.key ? -1 : 1);
      });
    const found = wanted.filter((each) => each.key === key && each.start <= latestStart);
    const ofKey = Array.from(store.findSessions(key, earliestEnd, latestStart), (e) => e.value);
    expect(ofKey).toEqual(found.map(({ value }) => value));
    const byEnd = Array.from(store.findSessionsByEnd(earliestEnd, now), ({ value }) => value);
    expect(byEnd).toEqual(wanted.filter(({ end }) => end <= now).map(({ value }) => value));
    expect(gradual(store.graduallyFindByEnd(earliestEnd, now))).toEqual(byEnd);
  },
};

export const versions: Pair<ArenaVersionedStore<string, string>> = {
  make: (environment) =>
    new ArenaVersionedStore<string, string>(
      { ...SETTINGS, ...SERDES, kind: 'versioned', historyMs: RETENTION, segmentMs: 50 },
      environment,
    ),
  write(store, model, next, now) {
    const key = KEYS[next(KEYS.length)]!;
    const time = late(next, now);
    const value = next(4) === 0 ? null : `v${next(1000)}`;
    const isKept = time >= model.time - RETENTION;
    model.time = Math.max(model.time, time);
    const later = timesOf(model, key).filter((each) => each > time);
    const end = later.length === 0 ? -1 : Math.min(...later);
    expect(store.put(key, value, time)).toBe(isKept ? end : NOT_PUT);
    if (isKept) model.rows.set(`${key}@${time}`, value);
  },
  check(store, model, next, now) {
    const key = KEYS[next(KEYS.length)]!;
    const times = timesOf(model, key).sort((one, other) => one - other);
    const latest = times.at(-1) ?? -1;
    expect(store.get(key)).toBe(model.rows.get(`${key}@${latest}`) ?? null);
    const asOf = late(next, now);
    const isHistory = asOf >= model.time - RETENTION || latest <= asOf;
    const valid = times.filter((each) => each <= asOf).at(-1);
    const wanted = valid === undefined || !isHistory ? null : model.rows.get(`${key}@${valid}`);
    expect(store.getAsOf(key, asOf)).toBe(wanted ?? null);
  },
};

function timesOf({ rows }: Model, key: string): number[] {
  const prefix = `${key}@`;
  const times = Array.from(rows.keys(), (row) => (row.startsWith(prefix) ? row : ''));
  return times.filter((row) => row !== '').map((row) => Number(row.slice(prefix.length)));
}

export const keyValues: Pair<ArenaKeyValueStore<string, string>> = {
  make: (environment) =>
    new ArenaKeyValueStore<string, string>(
      { ...SETTINGS, ...SERDES, kind: 'key-value', timestamped: true },
      environment,
    ),
  write(store, model, next, now) {
    const key = `${KEYS[next(KEYS.length)]!}${next(40)}`;
    const value = next(4) === 0 ? null : `v${next(1000)}`.repeat(1 + next(8));
    store.put(key, value, now);
    model.rows.set(key, value);
  },
  check(store, model, next) {
    const rows = [...model.rows].filter(([, value]) => value !== null);
    const key = `${KEYS[next(KEYS.length)]!}${next(40)}`;
    expect(store.get(key)).toBe(model.rows.get(key) ?? null);
    if (next(10) > 0) return;
    const [from, to] = [key, `${KEYS[next(KEYS.length)]!}${next(40)}`].sort() as [string, string];
    const sorted = rows.sort(([one], [other]) => (one < other ? -1 : 1));
    const within = sorted.filter(([each]) => each >= from && each <= to);
    const pairs = (entries: Iterable<{ key: string; value: string }>) => {
      return Array.from(entries, (entry) => [entry.key, entry.value]);
    };
    expect(pairs(store.range(from, to))).toEqual(within);
    expect(pairs(store.reverseRange(from, to))).toEqual(within.toReversed());
    expect(pairs(store.all())).toEqual(sorted);
    const prefixed = sorted.filter(([each]) => each.startsWith('a'));
    expect(pairs(store.prefixScan(Buffer.from('a')))).toEqual(prefixed);
    // What is written during an iteration is not in it.
    const begun = store.all()[Symbol.iterator]();
    const first = begun.next().value;
    if (first === undefined) return;
    store.put(first.key, 'later', 1);
    model.rows.set(first.key, 'later');
    const rest = Array.from({ [Symbol.iterator]: () => begun }, ({ value }) => value);
    expect(rest).toEqual(sorted.slice(1).map(([, value]) => value));
  },
};
