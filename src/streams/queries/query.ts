/** A question to a store, as it goes to another instance. Times are inclusive. */
export type Query<K> =
  | { readonly op: 'get'; readonly key: K; readonly start?: number; readonly end?: number }
  | { readonly op: 'getAsOf'; readonly key: K; readonly at: number }
  | KeyTimesQuery<K>
  | {
      readonly op: 'range';
      readonly from: K | null;
      readonly to: K | null;
      readonly reverse: boolean;
    }
  | { readonly op: 'prefix'; readonly prefix: Uint8Array }
  | { readonly op: 'all'; readonly reverse: boolean }
  | {
      readonly op: 'fetchRange';
      readonly from: K | null;
      readonly to: K | null;
      readonly fromTime: number;
      readonly toTime: number;
    }
  | { readonly op: 'fetchAll'; readonly fromTime: number; readonly toTime: number };

interface KeyTimesQuery<K> {
  readonly op: 'fetch' | 'versions';
  readonly key: K;
  readonly fromTime: number;
  readonly toTime: number;
  readonly reverse: boolean;
}

/** One row of an answer. What a kind of store does not have is -1, or null for a key. */
export interface QueryRow<K, V> {
  readonly key: K | null;
  readonly value: V;
  readonly timestamp: number;
  /** Of a window or session, and where a version ends. */
  readonly start: number;
  readonly end: number;
}
