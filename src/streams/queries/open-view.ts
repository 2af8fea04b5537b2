import type { WindowedKey } from '../topology/windowed-key.ts';
import { KeyValueView } from './key-value-view.ts';
import { QueryError } from './query-error.ts';
import { SessionView } from './session-view.ts';
import { StoreFinder } from './store-finder.ts';
import type { StoreHost } from './store-host.ts';
import type { StoreQueryOptions } from './store-query-options.ts';
import { VersionedView } from './versioned-view.ts';
import { WindowView } from './window-view.ts';

/** What a class shows: without its private fields, which tell classes of the same shape apart. */
export type Public<T> = Pick<T, keyof T>;

/** A store that is known by name alone: what it has depends on its kind. */
export type AnyStoreView<K, V> = Public<KeyValueView<K, V>> &
  Public<WindowView<K, V>> &
  Public<SessionView<K, V>> &
  Public<VersionedView<K, V>>;

/** What keeps the rows of a table: by the type of its keys one of two kinds each. */
export type StoreViewOf<K, V> =
  K extends WindowedKey<infer Inner>
    ? Public<WindowView<Inner, V>> & Public<SessionView<Inner, V>>
    : Public<KeyValueView<K, V>> & Public<VersionedView<K, V>>;

/** A table whose store has a name. */
export interface QueryableTable<K, V> {
  readonly queryableStoreName: string | undefined;
  /** Types only. */
  readonly types: readonly [key: K, value: V, known: unknown];
}

/** The view of a store by its kind. */
export type StoreView<K, V> =
  | KeyValueView<K, V>
  | WindowView<K, V>
  | SessionView<K, V>
  | VersionedView<K, V>;

/** Throws where the topology has no store of that name, or one that cannot be read from outside. */
export function openView<K, V>(
  host: StoreHost,
  name: string,
  options: StoreQueryOptions,
): StoreView<K, V> {
  const finder = new StoreFinder<K>(host, name, options);
  switch (finder.spec.kind) {
    case 'key-value':
      return new KeyValueView(finder);
    case 'window':
      return new WindowView(finder);
    case 'session':
      return new SessionView(finder);
    case 'versioned':
      return new VersionedView(finder);
    default: {
      const what = `store ${name} is a ${finder.spec.kind} store, which is not for reading`;
      throw new QueryError('QUERY_WRONG_KIND', what);
    }
  }
}
