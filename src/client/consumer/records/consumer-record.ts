import type { RecordBatch } from './record-batch.ts';
import type { RecordHeaders } from './record-headers.ts';
import type { NullableBytes } from './record-readers.ts';

/** One record. Its parts are read when they are asked for. */
export class ConsumerRecord<K = NullableBytes, V = NullableBytes> {
  /** The batch that it came in, whose memory it uses. */
  readonly batch: RecordBatch<K, V>;
  /** Its number within the batch. */
  readonly index: number;

  constructor(batch: RecordBatch<K, V>, index: number) {
    this.batch = batch;
    this.index = index;
  }

  /** The name of its topic. */
  get topic(): string {
    return this.batch.origin.topic;
  }

  /** The number of its partition. */
  get partition(): number {
    return this.batch.origin.partition;
  }

  /** Its number in the partition. */
  get offset(): number {
    return this.batch.offset(this.index);
  }

  /** In milliseconds; -1 where the record has none. */
  get timestamp(): number {
    return this.batch.timestamp(this.index);
  }

  /** -1 where the broker knows no epochs. */
  get leaderEpoch(): number {
    return this.batch.origin.leaderEpoch;
  }

  /** As the topic's type reads it. It is read at each access. */
  get key(): K {
    return this.batch.key(this.index);
  }

  /** As the topic's type reads it, at each access; null is a tombstone. */
  get value(): V {
    return this.batch.value(this.index);
  }

  /** A view of the fetch, whatever the topic's type; null without a key. */
  get keyBytes(): NullableBytes {
    return this.batch.keyBytes(this.index);
  }

  /** A view of the fetch, whatever the topic's type; null is a tombstone. */
  get valueBytes(): NullableBytes {
    return this.batch.valueBytes(this.index);
  }

  /** In their order, those of one name too. */
  get headers(): RecordHeaders {
    return this.batch.headers(this.index);
  }

  /** The last header of this name; undefined where there is none. */
  header(name: string): NullableBytes | undefined {
    return this.headers.get(name);
  }

  /** The same record in memory of its own, which lets the rest of the fetch go. */
  detach(): ConsumerRecord<K, V> {
    return this.batch.detached(this.index).record(0);
  }
}
