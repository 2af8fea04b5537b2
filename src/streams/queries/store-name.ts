import type { QueryableTable } from './open-view.ts';
import { QueryError } from './query-error.ts';

/** The name of a store, or of the one that a table has. */
export function storeName(store: string | QueryableTable<unknown, unknown>): string {
  const name = typeof store === 'string' ? store : store.queryableStoreName;
  if (name !== undefined) return name;
  const what = 'the table has no store that can be read: name it with `as`';
  throw new QueryError('QUERY_UNKNOWN_STORE', what);
}
