import type { ReadOnlySessionStore, SessionEntry } from '../topology/session-store.ts';
import { chained } from './chained.ts';
import type { StoreFinder } from './store-finder.ts';
import { type OrderedTimeRange, type TimeRange, timesOf } from './time-range.ts';

/** A session store of this instance: all partitions that are here, one after the other. */
export class SessionView<K, V> {
  readonly #finder: StoreFinder<K>;

  /** @internal */
  constructor(finder: StoreFinder<K>) {
    this.#finder = finder;
  }

  /** Of exactly this session; null without it. */
  get(key: K, start: number, end: number): V | null {
    for (const store of this.#stores(key)) {
      const value = store.get(key, start, end);
      if (value !== null) return value;
    }
    this.#finder.requireHere(key);
    return null;
  }

  /** The sessions of one key that lie within the times, in part or as a whole, by their ends. */
  fetch(key: K, range: OrderedTimeRange = {}): SessionEntry<K, V>[] {
    const { from, to } = timesOf(range);
    const found = this.#stores(key).flatMap((store) => {
      const entries =
        range.reverse === true
          ? store.backwardFindSessions(key, from, to)
          : store.findSessions(key, from, to);
      return [...entries];
    });
    if (found.length === 0) this.#finder.requireHere(key);
    return found;
  }

  /** All sessions of the keys keyFrom..keyTo; null is open. */
  fetchRange(keyFrom: K | null, keyTo: K | null): Iterable<SessionEntry<K, V>> {
    return chained(this.#stores(), (store) => store.fetchRange(keyFrom, keyTo));
  }

  /** The sessions of all keys that end within the times. */
  fetchAll(range: TimeRange = {}): Iterable<SessionEntry<K, V>> {
    const { from, to } = timesOf(range);
    return chained(this.#stores(), (store) => store.findSessionsByEnd(from, to));
  }

  #stores(key?: K): readonly ReadOnlySessionStore<K, V>[] {
    return this.#finder.stores(key);
  }
}
