import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';

/** A record that a test reads. */
export interface TestRecord<K, V> {
  readonly key: K | null;
  readonly value: V | null;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
  readonly partition: number;
}

/** A record of a topic as it lies there. */
export interface RawRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
}
