import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';

/**
 * What takes records: a node of the topology. A record goes by as four arguments, since an object
 * for each hop would cost more than the work of most operators.
 */
export interface Receiver<K = unknown, V = unknown> {
  /** `key` and `value` may be null at run time, whatever their types say. */
  take(key: K, value: V, timestamp: number, headers: RecordHeaders): void;
}
