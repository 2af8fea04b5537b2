import { utf8Text } from '../../../base/utf8-text.ts';
import { readVarlong } from '../../../base/varint.ts';
import { ConsumerRecord } from './consumer-record.ts';
import { RecordHeaders } from './record-headers.ts';
import { FIELD, FIELDS_PER_RECORD } from './record-index.ts';
import type { NullableBytes, RecordReaders } from './record-readers.ts';

/** What all records of a batch have in common. */
export interface BatchOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly baseOffset: number;
  /** The offset behind the batch; compaction may have taken its last records. */
  readonly nextOffset: number;
  readonly baseTimestamp: number;
  /** The time of all records where the broker stamps them, else -1. */
  readonly appendTimeMs: number;
}

/**
 * The records of one batch in columns: views of the fetched bytes, found by an index of numbers.
 * Objects are made only for the records that are asked for. A record or value that is kept keeps
 * the whole fetch in memory; `record.detach()` copies it out.
 */
export class RecordBatch<K = NullableBytes, V = NullableBytes>
  implements Iterable<ConsumerRecord<K, V>>
{
  /** What its records have in common. */
  readonly origin: BatchOrigin;
  /** How the topic's type reads keys and values. */
  readonly readers: RecordReaders<K, V>;
  /** How many records there are. */
  readonly length: number;
  readonly #bytes: Buffer;
  readonly #index: Int32Array;

  constructor(origin: BatchOrigin, bytes: Buffer, index: Int32Array, readers: RecordReaders<K, V>) {
    this.origin = origin;
    this.readers = readers;
    this.#bytes = bytes;
    this.#index = index;
    this.length = index.length / FIELDS_PER_RECORD;
  }

  /** The name of its topic. */
  get topic(): string {
    return this.origin.topic;
  }

  /** The number of its partition. */
  get partition(): number {
    return this.origin.partition;
  }

  /** The offset of its first record here. */
  get firstOffset(): number {
    return this.offset(0);
  }

  /** The offset of its last record here. */
  get lastOffset(): number {
    return this.offset(this.length - 1);
  }

  /** The offset to go on at once all records are done. */
  get nextOffset(): number {
    return this.origin.nextOffset;
  }

  /** Of record `i`. */
  offset(i: number): number {
    return this.origin.baseOffset + this.#index[i * FIELDS_PER_RECORD]!;
  }

  /** In milliseconds; -1 where the record has none. */
  timestamp(i: number): number {
    const { appendTimeMs, baseTimestamp } = this.origin;
    if (appendTimeMs >= 0) return appendTimeMs;
    const at = i * FIELDS_PER_RECORD;
    const end = this.#index[at + FIELD.END]!;
    return baseTimestamp + readVarlong(this.#bytes, this.#index[at + FIELD.TIME_AT]!, end);
  }

  /** Of record `i`, a view of the fetch; null without a key. */
  keyBytes(i: number): NullableBytes {
    return this.#view(i * FIELDS_PER_RECORD + FIELD.KEY_AT);
  }

  /** Of record `i`, a view of the fetch; null is a tombstone. */
  valueBytes(i: number): NullableBytes {
    return this.#view(i * FIELDS_PER_RECORD + FIELD.VALUE_AT);
  }

  /** Of record `i`, as the topic's type reads it. */
  key(i: number): K {
    return this.readers.key(this.keyBytes(i));
  }

  /** Of record `i`, as the topic's type reads it. */
  value(i: number): V {
    return this.readers.value(this.valueBytes(i));
  }

  /** Of record `i` as text, whatever the topic's type; null without a key. */
  keyText(i: number): string | null {
    return this.#text(i * FIELDS_PER_RECORD + FIELD.KEY_AT);
  }

  /** Of record `i` as text, whatever the topic's type; null is a tombstone. */
  valueText(i: number): string | null {
    return this.#text(i * FIELDS_PER_RECORD + FIELD.VALUE_AT);
  }

  /** Of record `i`, in their order, those of one name too. */
  headers(i: number): RecordHeaders {
    const at = i * FIELDS_PER_RECORD;
    const valueAt = this.#index[at + FIELD.VALUE_AT]!;
    const start = valueAt + Math.max(this.#index[at + FIELD.VALUE_LENGTH]!, 0);
    return RecordHeaders.read(this.#bytes, start, this.#index[at + FIELD.END]!);
  }

  /** Record `i` as an object, which is made for this call. */
  record(i: number): ConsumerRecord<K, V> {
    if (i < 0 || i >= this.length) throw new RangeError(`the batch has no record ${i}`);
    return new ConsumerRecord(this, i);
  }

  /** All keys as the topic's type has them. */
  keys(): K[] {
    const keys = new Array<K>(this.length);
    for (let i = 0; i < keys.length; i++) keys[i] = this.key(i);
    return keys;
  }

  /** All values as the topic's type has them. */
  values(): V[] {
    const values = new Array<V>(this.length);
    for (let i = 0; i < values.length; i++) values[i] = this.value(i);
    return values;
  }

  /** All values as text, whatever the topic's type. */
  texts(): (string | null)[] {
    const texts = new Array<string | null>(this.length);
    for (let i = 0; i < texts.length; i++) texts[i] = this.valueText(i);
    return texts;
  }

  /** All values parsed as JSON, whatever the topic's type. */
  json<T = unknown>(): (T | null)[] {
    const values = new Array<T | null>(this.length);
    for (let i = 0; i < values.length; i++) {
      const text = this.valueText(i);
      values[i] = text === null ? null : (JSON.parse(text) as T);
    }
    return values;
  }

  /** The records from `from` on. */
  from(from: number): RecordBatch<K, V> {
    const index = this.#index.subarray(from * FIELDS_PER_RECORD);
    return new RecordBatch(this.origin, this.#bytes, index, this.readers);
  }

  /** One record as a batch with memory of its own. */
  detached(i: number): RecordBatch<K, V> {
    const at = i * FIELDS_PER_RECORD;
    const index = this.#index.slice(at, at + FIELDS_PER_RECORD);
    const start = index[FIELD.TIME_AT]!;
    const bytes = Buffer.alloc(index[FIELD.END]! - start);
    this.#bytes.copy(bytes, 0, start, index[FIELD.END]!);
    for (const field of [FIELD.TIME_AT, FIELD.KEY_AT, FIELD.VALUE_AT, FIELD.END]) {
      index[field]! -= start;
    }
    return new RecordBatch(this.origin, bytes, index, this.readers);
  }

  *[Symbol.iterator](): Iterator<ConsumerRecord<K, V>> {
    for (let i = 0; i < this.length; i++) yield new ConsumerRecord(this, i);
  }

  /** `at` is as of `#view`. */
  #text(at: number): string | null {
    const length = this.#index[at + 1]!;
    if (length < 0) return null;
    const start = this.#index[at]!;
    return utf8Text(this.#bytes, start, start + length);
  }

  /** `at` is the place of the start in the index; the length stands behind it. */
  #view(at: number): NullableBytes {
    const length = this.#index[at + 1]!;
    if (length < 0) return null;
    const bytes = this.#bytes;
    return new Uint8Array(bytes.buffer, bytes.byteOffset + this.#index[at]!, length);
  }
}
