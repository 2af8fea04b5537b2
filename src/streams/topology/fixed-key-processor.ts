import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { TaskView } from './processor.ts';
import type { StoreSpec } from './store-spec.ts';
import type { StreamRecord } from './stream-record.ts';

/** A record whose key cannot be changed: others are made of it, and only those can be forwarded. */
export class FixedKeyRecord<K, V> implements StreamRecord<K, V> {
  /** Of the record that it was made of. */
  readonly key: K;
  /** What `withValue` gave it. */
  readonly value: V;
  /** In milliseconds. */
  readonly timestamp: number;
  /** In their order. */
  readonly headers: RecordHeaders;

  /** @internal */
  constructor(key: K, value: V, timestamp: number, headers: RecordHeaders) {
    this.key = key;
    this.value = value;
    this.timestamp = timestamp;
    this.headers = headers;
  }

  /** The same record with another value. */
  withValue<V2>(value: V2): FixedKeyRecord<K, V2> {
    return new FixedKeyRecord(this.key, value, this.timestamp, this.headers);
  }

  /** The same record with another timestamp. */
  withTimestamp(timestamp: number): FixedKeyRecord<K, V> {
    return new FixedKeyRecord(this.key, this.value, timestamp, this.headers);
  }

  /** The same record with other headers. */
  withHeaders(headers: RecordHeaders): FixedKeyRecord<K, V> {
    return new FixedKeyRecord(this.key, this.value, this.timestamp, headers);
  }
}

/** What a processor that keeps keys sees of its task. */
export interface FixedKeyProcessorContext<K, VOut> extends TaskView {
  /** To every child, or to the one named. */
  forward(record: FixedKeyRecord<K, VOut>, child?: string): void;
}

/** One task's processor, which cannot change keys. A promise from any of its methods is refused. */
export interface FixedKeyProcessor<K, VIn, VOut = VIn> {
  /** Called once before the first record. */
  init?(context: FixedKeyProcessorContext<K, VOut>): void;
  /** Called for each record, in the task's order. */
  process(record: FixedKeyRecord<K, VIn>): void;
  /** Called once after the last record. */
  close?(): void;
}

/** Makes a processor for each task, and may bring the stores that it needs. */
export interface FixedKeyProcessorSupplier<K, VIn, VOut = VIn> {
  /** A new processor at each call. */
  get(): FixedKeyProcessor<K, VIn, VOut>;
  /** Added and connected with the processor. */
  readonly stores?: readonly StoreSpec[] | undefined;
}

/** A supplier, or only the function that makes a processor. */
export type FixedKeyProcessorSource<K, VIn, VOut = VIn> =
  | FixedKeyProcessorSupplier<K, VIn, VOut>
  | (() => FixedKeyProcessor<K, VIn, VOut>);
