import type { ValueVersion, VersionedKeyValueStore } from '../topology/versioned-store.ts';
import type { StoreFinder } from './store-finder.ts';
import { type TimeRange, timesOf } from './time-range.ts';

/** Times, and in which order versions are read. */
export interface VersionRange extends TimeRange {
  /** Oldest first. */
  readonly ascending?: boolean | undefined;
}

/** A versioned store of this instance: all partitions that are here. */
export class VersionedView<K, V> {
  readonly #finder: StoreFinder<K>;

  /** @internal */
  constructor(finder: StoreFinder<K>) {
    this.#finder = finder;
  }

  /** Of the latest version; null where it is a tombstone or there is none. */
  get(key: K): V | null {
    return this.#first(key, (store) => store.get(key))?.value ?? null;
  }

  /** Of the version that was valid then; null where there is none or it is out of history. */
  getAsOf(key: K, asOf: number): V | null {
    return this.#first(key, (store) => store.getAsOf(key, asOf))?.value ?? null;
  }

  /** The versions of a key that are valid within the times, newest first. */
  versions(key: K, range: VersionRange = {}): ValueVersion<V>[] {
    const { from, to } = timesOf(range);
    const found = this.#stores(key).flatMap((store) => {
      return [...store.versions(key, from, to, range.ascending === true)];
    });
    if (found.length === 0) this.#finder.requireHere(key);
    return found;
  }

  #first(
    key: K,
    read: (store: VersionedKeyValueStore<K, V>) => V | null,
  ): { readonly value: V } | null {
    for (const store of this.#stores(key)) {
      const value = read(store);
      if (value !== null) return { value };
    }
    this.#finder.requireHere(key);
    return null;
  }

  #stores(key?: K): readonly VersionedKeyValueStore<K, V>[] {
    return this.#finder.stores(key);
  }
}
