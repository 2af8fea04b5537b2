import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';

/** A record as processors of the program see it, and as every callback's third argument. */
export interface StreamRecord<K, V> {
  readonly key: K;
  readonly value: V;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
}
