import type { ReadOnlyWindowStore, WindowEntry, WindowedEntry } from '../topology/window-store.ts';
import { chained } from './chained.ts';
import type { StoreFinder } from './store-finder.ts';
import { type OrderedTimeRange, type TimeRange, timesOf } from './time-range.ts';

/** A window store of this instance: all partitions that are here, one after the other. */
export class WindowView<K, V> {
  readonly #finder: StoreFinder<K>;

  /** @internal */
  constructor(finder: StoreFinder<K>) {
    this.#finder = finder;
  }

  /** Of the window that starts then; null without it. */
  get(key: K, windowStart: number): V | null {
    return this.find(key, windowStart)?.value ?? null;
  }

  /** The same with its time. */
  find(key: K, windowStart: number): WindowEntry<V> | null {
    for (const store of this.#stores(key)) {
      const value = store.get(key, windowStart);
      if (value !== null) return { windowStart, value, timestamp: store.foundTimestamp };
    }
    this.#finder.requireHere(key);
    return null;
  }

  /** The windows of one key that start within the times, in the order of their starts. */
  fetch(key: K, range: OrderedTimeRange = {}): WindowEntry<V>[] {
    const { from, to } = timesOf(range);
    const found = this.#stores(key).flatMap((store) => {
      const entries =
        range.reverse === true ? store.backwardFetch(key, from, to) : store.fetch(key, from, to);
      return [...entries];
    });
    if (found.length === 0) this.#finder.requireHere(key);
    return found;
  }

  /** The windows of the keys keyFrom..keyTo (null is open) that start within the times. */
  fetchRange(
    keyFrom: K | null,
    keyTo: K | null,
    range: TimeRange = {},
  ): Iterable<WindowedEntry<K, V>> {
    const { from, to } = timesOf(range);
    return chained(this.#stores(), (store) => store.fetchRange(keyFrom, keyTo, from, to));
  }

  /** The windows of all keys that start within the times. */
  fetchAll(range: TimeRange = {}): Iterable<WindowedEntry<K, V>> {
    const { from, to } = timesOf(range);
    return chained(this.#stores(), (store) => store.fetchAll(from, to));
  }

  /** Every window. */
  all(): Iterable<WindowedEntry<K, V>> {
    return this.fetchAll();
  }

  #stores(key?: K): readonly ReadOnlyWindowStore<K, V>[] {
    return this.#finder.stores(key);
  }
}
