import { KeyValueView } from './key-value-view.ts';
import type { StoreView } from './open-view.ts';
import type { Query, QueryRow } from './query.ts';
import { QueryError } from './query-error.ts';
import { SessionView } from './session-view.ts';
import type { VersionedView } from './versioned-view.ts';
import { WindowView } from './window-view.ts';

/** Rows that one answer may carry. */
const ROWS_MAX = 100_000;

type Rows<K, V> = Iterable<QueryRow<K, V>>;

/** Answers a question from the stores that are here. */
export function runQuery<K, V>(view: StoreView<K, V>, query: Query<K>): QueryRow<K, V>[] {
  const rows: QueryRow<K, V>[] = [];
  for (const row of rowsOf(view, query)) {
    if (rows.length === ROWS_MAX) {
      const what = `the answer has more than ${ROWS_MAX} rows: ask for less at once`;
      throw new QueryError('QUERY_TOO_LARGE', what);
    }
    rows.push(row);
  }
  return rows;
}

function rowsOf<K, V>(view: StoreView<K, V>, query: Query<K>): Rows<K, V> {
  if (view instanceof KeyValueView) return keyValueRows(view, query);
  if (view instanceof WindowView) return windowRows(view, query);
  if (view instanceof SessionView) return sessionRows(view, query);
  return versionedRows(view, query);
}

function* keyValueRows<K, V>(view: KeyValueView<K, V>, query: Query<K>): Rows<K, V> {
  const none = { start: -1, end: -1 };
  if (query.op === 'get') {
    const found = view.find(query.key);
    if (found !== null) yield { ...found, key: null, ...none };
    return;
  }
  if (query.op === 'range') {
    const { from, to, reverse } = query;
    for (const entry of view.range(from, to, { reverse })) yield { ...entry, ...none };
  } else if (query.op === 'prefix') {
    for (const entry of view.prefix(query.prefix)) yield { ...entry, ...none };
  } else if (query.op === 'all') {
    for (const entry of view.all({ reverse: query.reverse })) yield { ...entry, ...none };
  } else throw hasNone('key-value', query);
}

function* windowRows<K, V>(view: WindowView<K, V>, query: Query<K>): Rows<K, V> {
  if (query.op === 'get') {
    const found = view.find(query.key, query.start ?? 0);
    if (found !== null) yield windowRow(found.windowStart, found.value, found.timestamp);
  } else if (query.op === 'fetch') {
    const { fromTime: from, toTime: to, reverse } = query;
    for (const { windowStart, value, timestamp } of view.fetch(query.key, { from, to, reverse })) {
      yield windowRow(windowStart, value, timestamp);
    }
  } else if (query.op === 'fetchRange' || query.op === 'fetchAll') {
    const range = { from: query.fromTime, to: query.toTime };
    const found =
      query.op === 'fetchAll' ? view.fetchAll(range) : view.fetchRange(query.from, query.to, range);
    for (const { key, value, timestamp } of found) {
      yield { key: key.key, value, timestamp, ...key.window };
    }
  } else throw hasNone('window', query);
}

function windowRow<V>(start: number, value: V, timestamp: number): QueryRow<never, V> {
  return { key: null, value, timestamp, start, end: -1 };
}

function* sessionRows<K, V>(view: SessionView<K, V>, query: Query<K>): Rows<K, V> {
  if (query.op === 'get') {
    const { key, start = 0, end = 0 } = query;
    const value = view.get(key, start, end);
    if (value !== null) yield { key: null, value, timestamp: -1, start, end };
    return;
  }
  const found = sessionsOf(view, query);
  for (const { key, value } of found) yield { key: key.key, value, timestamp: -1, ...key.window };
}

function sessionsOf<K, V>(view: SessionView<K, V>, query: Query<K>) {
  if (query.op === 'fetch') {
    const { key, fromTime: from, toTime: to, reverse } = query;
    return view.fetch(key, { from, to, reverse });
  }
  if (query.op === 'fetchRange') return view.fetchRange(query.from, query.to);
  if (query.op === 'fetchAll') return view.fetchAll({ from: query.fromTime, to: query.toTime });
  throw hasNone('session', query);
}

function* versionedRows<K, V>(view: VersionedView<K, V>, query: Query<K>): Rows<K, V> {
  const none = { key: null, timestamp: -1, start: -1, end: -1 };
  if (query.op === 'get' || query.op === 'getAsOf') {
    const value = query.op === 'get' ? view.get(query.key) : view.getAsOf(query.key, query.at);
    if (value !== null) yield { ...none, value };
  } else if (query.op === 'versions') {
    const { key, fromTime: from, toTime: to, reverse } = query;
    for (const version of view.versions(key, { from, to, ascending: reverse })) {
      const { value, timestamp, validTo = -1 } = version;
      yield { ...none, value, timestamp, end: validTo };
    }
  } else throw hasNone('versioned', query);
}

function hasNone(kind: string, { op }: Query<unknown>): QueryError {
  return new QueryError('QUERY_WRONG_KIND', `a ${kind} store has no ${op}`);
}
