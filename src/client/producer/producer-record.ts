import type { RecordHeaders } from './record-headers.ts';

/** A record to send. A null value is a tombstone. */
export interface ProducerRecord<Key, Value> {
  readonly key?: Key | null;
  readonly value: Value;
  readonly headers?: RecordHeaders;
  /** In milliseconds; now where it is missing. */
  readonly timestamp?: number;
  /** Instead of the partitioner's choice. */
  readonly partition?: number;
}

/** What a call that waits takes. */
export interface SendOptions {
  /**
   * Gives the record up while it waits for memory or for its topic. In a batch it stays, since its
   * number is taken; only the wait for it ends.
   */
  readonly signal?: AbortSignal;
}

/** How long a producer may take to close. */
export interface CloseOptions {
  /** For how long records that were sent may still arrive. */
  readonly timeoutMs?: number;
}
