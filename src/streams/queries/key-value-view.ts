import type { ReadOnlyKeyValueStore, StoreEntry } from '../topology/key-value-store.ts';
import { chained } from './chained.ts';
import type { StoreFinder } from './store-finder.ts';

/** From which end keys are read. */
export interface KeyOrder {
  /** Last key first. */
  readonly reverse?: boolean | undefined;
}

/**
 * A key-value store of this instance: all partitions that are here, one after the other, each in
 * the order of the keys' bytes. Every call looks for the stores anew, so that a view outlives
 * rebalances.
 */
export class KeyValueView<K, V> {
  readonly #finder: StoreFinder<K>;

  /** @internal */
  constructor(finder: StoreFinder<K>) {
    this.#finder = finder;
  }

  /** Null without the key. Throws where the key is in another instance. */
  get(key: K): V | null {
    return this.find(key)?.value ?? null;
  }

  /** The value with its time; null without the key. */
  find(key: K): StoreEntry<K, V> | null {
    for (const store of this.#stores(key)) {
      const value = store.get(key);
      if (value !== null) return { key, value, timestamp: store.foundTimestamp };
    }
    this.#finder.requireHere(key);
    return null;
  }

  /** Keys from..to, both inclusive; null is open. */
  range(
    from: K | null,
    to: K | null,
    { reverse = false }: KeyOrder = {},
  ): Iterable<StoreEntry<K, V>> {
    return chained(this.#stores(), (store) => {
      return reverse ? store.reverseRange(from, to) : store.range(from, to);
    });
  }

  /** Keys whose bytes begin so. */
  prefix(prefix: Uint8Array | string): Iterable<StoreEntry<K, V>> {
    const bytes = typeof prefix === 'string' ? Buffer.from(prefix) : prefix;
    return chained(this.#stores(), (store) => store.prefixScan(bytes));
  }

  /** Every entry. */
  all({ reverse = false }: KeyOrder = {}): Iterable<StoreEntry<K, V>> {
    return chained(this.#stores(), (store) => (reverse ? store.reverseAll() : store.all()));
  }

  /** About how many entries there are here. */
  approximateSize(): number {
    return this.#stores().reduce((sum, store) => sum + store.approximateSize(), 0);
  }

  #stores(key?: K): readonly ReadOnlyKeyValueStore<K, V>[] {
    return this.#finder.stores(key);
  }
}
