import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { GradualEntries, GradualStore } from './gradual-entries.ts';
import type { CachedStore } from './state-store.ts';
import type { WindowedKey } from './windowed-key.ts';

/** One entry of a window store under one key. */
export interface WindowEntry<V> {
  readonly windowStart: number;
  readonly value: V;
  /** -1 where the store keeps none. */
  readonly timestamp: number;
}

/** One entry of a window store. */
export interface WindowedEntry<K, V> {
  readonly key: WindowedKey<K>;
  readonly value: V;
  /** -1 where the store keeps none. */
  readonly timestamp: number;
}

/** Takes entries of a window store one after the other; false ends the scan. */
export type WindowVisitor<V> = (
  value: V,
  windowStart: number,
  timestamp: number,
) => boolean | undefined;

/** What of a window store reads. Starts are inclusive on both sides. */
export interface ReadOnlyWindowStore<K, V> {
  /** Null without the window. */
  get(key: K, windowStart: number): V | null;
  /** Of the value that the last `get` gave; -1 where it gave none, or the store keeps none. */
  readonly foundTimestamp: number;
  /** Of the same value, in stores that keep headers. */
  readonly foundHeaders?: RecordHeaders;
  /** Of one key, in the order of the starts. */
  fetch(key: K, from: number, to: number): Iterable<WindowEntry<V>>;
  /** As `fetch`, from the last start on. */
  backwardFetch(key: K, from: number, to: number): Iterable<WindowEntry<V>>;
  /** Of all keys from..to (null is open), each in the order of its starts. */
  fetchRange(
    keyFrom: K | null,
    keyTo: K | null,
    from: number,
    to: number,
  ): Iterable<WindowedEntry<K, V>>;
  /** Of all keys; in a time-ordered store by start, then by the key's bytes. */
  fetchAll(from: number, to: number): Iterable<WindowedEntry<K, V>>;
  /** Every window. */
  all(): Iterable<WindowedEntry<K, V>>;
}

/**
 * Values by key and start of window. Rows older than the retention, counted from the highest start
 * put so far, are gone for every reader. With `retainDuplicates` each put adds a row, the rows of
 * one start stay in the order of their puts, and a null value is ignored. An iteration sees the
 * store as it was when it began, though rows are put meanwhile.
 */
export interface WindowStore<K, V>
  extends ReadOnlyWindowStore<K, V>,
    CachedStore<WindowedKey<K>, V>,
    GradualStore {
  /** A null value deletes. Returns false where the window is older than the retention. */
  put(
    key: K,
    value: V | null,
    windowStart: number,
    timestamp?: number,
    headers?: RecordHeaders,
  ): boolean;
  /** As `fetchAll` in a time-ordered store, bit by bit, while nothing of it is put. */
  graduallyFetchAll(from: number, to: number): GradualEntries<WindowedEntry<K, V>>;
  /** As `fetch`, without an object for each entry. */
  scan(key: K, from: number, to: number, visit: WindowVisitor<V>): void;
  /** As `backwardFetch`, without an object for each entry. */
  backwardScan(key: K, from: number, to: number, visit: WindowVisitor<V>): void;
}
