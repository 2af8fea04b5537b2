import type { Query, QueryRow } from './query.ts';

/** What questions to a store of one name go through. */
export interface StoreAsker<K, V> {
  /** Of store, as the topology describes it. */
  readonly kind: string;
  /** Of the partition where the key is. */
  ofKey(key: K, query: Query<K>): Promise<QueryRow<K, V>[]>;
  /** Of all partitions. */
  ofAll(query: Query<K>): Promise<QueryRow<K, V>[]>;
}
