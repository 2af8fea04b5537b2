import type { Consumer } from '../consumer/consumer.ts';
import type { ConsumerRecord } from '../consumer/records/consumer-record.ts';
import type { RecordBatch } from '../consumer/records/record-batch.ts';

/** What a stream of a consumer takes. */
export interface SourceOptions {
  /** Ends the stream and closes the consumer. */
  readonly signal?: AbortSignal;
}

/** A stream of batches. */
export interface BatchSourceOptions extends SourceOptions {
  /** Whole batches, which costs a stream far less than records. */
  readonly batches: true;
}

/** What a stream of a consumer reads. */
export type StreamItem<K, V> = ConsumerRecord<K, V> | RecordBatch<K, V>;

export function loopOf<K, V>(
  consumer: Consumer<K, V>,
  options: SourceOptions | BatchSourceOptions,
): AsyncIterableIterator<StreamItem<K, V>> {
  const { signal } = options;
  const loop = signal === undefined ? {} : { signal };
  return 'batches' in options ? consumer.batches(loop) : consumer.records(loop);
}
