import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import { refusePromise } from '../topology/refuse-promise.ts';
import type { StreamRecord } from '../topology/stream-record.ts';

/** A callback of the DSL: value first, as in Array and Map. */
export type Callback<K, V, R> = (value: V, key: K, record: StreamRecord<K, V>) => R;

const ARGUMENTS_WITHOUT_RECORD = 2;

/**
 * The callback without its third argument where it takes none, so that no object is made for each
 * record. A function whose length is 0 may look at all of its arguments.
 */
export function caller<K, V, R>(
  callback: Callback<K, V, R>,
): (value: V, key: K, timestamp: number, headers: RecordHeaders) => R {
  if (callback.length > 0 && callback.length <= ARGUMENTS_WITHOUT_RECORD) {
    return callback as unknown as (value: V, key: K) => R;
  }
  return (value, key, timestamp, headers) =>
    callback(value, key, { key, value, timestamp, headers });
}

/** What a callback of `node` gave, which may not be a promise. */
export function settled<R>(result: R, node: string): R {
  if (typeof result === 'object') refusePromise(result, node);
  return result;
}
