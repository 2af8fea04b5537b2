import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { CachedStore, StateStore } from './state-store.ts';

/** One entry of a key-value store. */
export interface StoreEntry<K, V> {
  readonly key: K;
  readonly value: V;
  /** -1 where the store keeps none. */
  readonly timestamp: number;
}

/**
 * What of a key-value store reads. Keys are in the order of their bytes. An iteration sees the
 * store as it was when it began, and needs no closing.
 */
export interface ReadOnlyKeyValueStore<K, V> extends StateStore {
  /** Null without the key. */
  get(key: K): V | null;
  /** Of the value that the last `get` gave; -1 where it gave none, or the store keeps none. */
  readonly foundTimestamp: number;
  /** Of the same value, in stores that keep headers. */
  readonly foundHeaders?: RecordHeaders;
  /** From and to are inclusive; null is open. */
  range(from: K | null, to: K | null): Iterable<StoreEntry<K, V>>;
  /** As `range`, from the last key on. */
  reverseRange(from: K | null, to: K | null): Iterable<StoreEntry<K, V>>;
  /** Every entry. */
  all(): Iterable<StoreEntry<K, V>>;
  /** Every entry, from the last key on. */
  reverseAll(): Iterable<StoreEntry<K, V>>;
  /** All keys whose bytes begin so. */
  prefixScan(prefix: Uint8Array): Iterable<StoreEntry<K, V>>;
  /** About how many entries it has. */
  approximateSize(): number;
}

/**
 * A key-value store. A null value deletes. `timestamp` is kept beside the value in a timestamped
 * store; in others it is only the changelog record's, and by default that of the record in hand.
 */
export interface KeyValueStore<K, V> extends ReadOnlyKeyValueStore<K, V>, CachedStore<K, V> {
  /** Sets the value of a key. */
  put(key: K, value: V | null, timestamp?: number, headers?: RecordHeaders): void;
  /** What was there; null where nothing was, and then the value is put. */
  putIfAbsent(key: K, value: V | null, timestamp?: number): V | null;
  /** What was there. */
  delete(key: K): V | null;
}
