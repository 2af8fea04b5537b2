import type { Change } from './change.ts';
import type { RecordOrigin } from './record-origin.ts';
import type { StateStore } from './state-store.ts';

/** One held-back update. */
export interface BufferedChange<K, V> {
  readonly key: K;
  readonly change: Change<V>;
  readonly origin: RecordOrigin;
}

/**
 * Updates of a table held back until their time, one per key (Kafka's TimeOrderedKeyValueBuffer).
 * A later update of a key keeps the place and the prior value of the first one.
 */
export interface SuppressBuffer<K, V> extends StateStore {
  /** False where the buffer refuses it, since `time` is older than what it keeps. */
  put(time: number, key: K, change: Change<V>, origin: RecordOrigin): boolean;
  /** What the last emitted record under the key said; undefined where the key is not buffered. */
  priorValueForBuffered(
    key: K,
  ): { readonly value: V | null; readonly timestamp: number } | undefined;
  /** Takes the oldest out and hands it over, for as long as `until` says so. */
  evictWhile(until: () => boolean, emit: (buffered: BufferedChange<K, V>) => void): void;
  readonly count: number;
  /** Of keys, values and their origins, as Kafka counts them. */
  readonly bytes: number;
  /** The oldest `time`; Infinity when empty. */
  readonly minTimestamp: number;
}
