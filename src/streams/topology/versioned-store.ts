import type { StateStore } from './state-store.ts';

/** One version of a key's value. */
export interface ValueVersion<V> {
  readonly value: V;
  readonly timestamp: number;
  /** When the next version begins; undefined for the latest. */
  readonly validTo: number | undefined;
}

/** A key-value store that keeps each key's history for a while (KIP-889). */
export interface VersionedKeyValueStore<K, V> extends StateStore {
  /** Of the latest version; null where it is a tombstone or there is none. */
  get(key: K): V | null;
  /** Of the version valid at `asOf`; null where there is none or it is out of history. */
  getAsOf(key: K, asOf: number): V | null;
  /** Of the value that the last call gave; -1 where it gave none. */
  readonly foundTimestamp: number;
  /** All versions of the key whose validity meets from..to, newest first unless `ascending`. */
  versions(key: K, from: number, to: number, ascending?: boolean): Iterable<ValueVersion<V>>;
  /**
   * A null value is a tombstone. Returns when the version ends: `VALID_TO_UNDEFINED` for the latest
   * one, `NOT_PUT` where it was older than the history.
   */
  put(key: K, value: V | null, timestamp: number): number;
  /** What was valid then. */
  delete(key: K, timestamp: number): V | null;
}

/** What `put` returns for the latest version. */
export const VALID_TO_UNDEFINED = -1;
/** What `put` returns for a version older than the history, which is not kept. */
export const NOT_PUT = Number.NEGATIVE_INFINITY;
