import type { RecordOrigin } from './record-origin.ts';
import type { StateStore } from './state-store.ts';

/** One stream record that waits for the table. */
export interface WaitingRecord<K, V> {
  readonly key: K;
  readonly value: V;
  readonly timestamp: number;
  readonly origin: RecordOrigin;
}

/** Stream records that wait until the grace of a stream-table join is over (KIP-923). */
export interface JoinBuffer<K, V> extends StateStore {
  /** False where the record is older than the grace. */
  put(key: K, value: V, timestamp: number, origin: RecordOrigin): boolean;
  /** Takes those out whose grace is over, oldest first, and hands them over. */
  evictWhile(until: () => boolean, emit: (record: WaitingRecord<K, V>) => void): void;
  readonly count: number;
  readonly minTimestamp: number;
}
