import type { StateStore } from './state-store.ts';

/** One record that has found no partner yet. */
export interface UnmatchedRecord<K, V1, V2> {
  readonly timestamp: number;
  readonly isLeft: boolean;
  readonly key: K;
  readonly value: V1 | V2;
}

/**
 * The records of an outer or left stream-stream join without a partner so far, by timestamp, side
 * and key (Kafka's KSTREAM-OUTERSHARED store). Several of one timestamp, side and key are kept.
 * An iteration sees the buffer as it was when it began, though records are removed meanwhile.
 */
export interface OuterJoinBuffer<K, V1, V2> extends StateStore {
  /** Adds; a null value removes all of this timestamp, side and key. */
  put(timestamp: number, isLeft: boolean, key: K, value: V1 | V2 | null): void;
  /** True where at least one is kept under it. */
  has(timestamp: number, isLeft: boolean, key: K): boolean;
  /** By timestamp, then left before right as Java's bytes have it, then key. */
  all(): Iterable<UnmatchedRecord<K, V1, V2>>;
}
