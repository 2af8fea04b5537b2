/**
 * The buffer of a stream-table join with grace. The key of a row, as Kafka's
 * RocksDBTimeOrderedKeyValueBuffer has it:
 *
 *   0   timestamp (int64)   key   sequence (int32)
 */
import { asBuffer, encodedBytes } from '../../serde/encoded-bytes.ts';
import { readInt64, writeInt64 } from '../../serde/int64-bytes.ts';
import type { JoinBuffer, WaitingRecord } from '../../topology/join-buffer.ts';
import type { RecordOrigin } from '../../topology/record-origin.ts';
import type { AnySerde, JoinBufferSpec } from '../../topology/store-spec.ts';
import { BufferReader, decodeBufferValue, encodeBufferValue } from '../codec/buffer-value.ts';
import { type BytesReader, bytesReader } from '../codec/bytes-reader.ts';
import { BytesWriter } from '../codec/bytes-writer.ts';
import type { RowTaker } from '../engine/row-taker.ts';
import { compareRows } from '../engine/sort-rows.ts';
import { StateError } from '../state-error.ts';
import { HeapStore } from './heap-store.ts';
import type { StoreEnvironment } from './store-environment.ts';

const HEAD_BYTES = 1 + 8;
const SEQUENCE_BYTES = 4;
const SEQUENCE_MASK = 0x7fffffff;
/** Behind each value of the changelog stand eight zeros. */
const ZEROS_BYTES = 8;
const NO_TIME = -1;

export class ArenaJoinBuffer<K, V> extends HeapStore implements JoinBuffer<K, V> {
  readonly #value: AnySerde<V>;
  readonly #keyWriter: BytesWriter<K>;
  readonly #readKey: BytesReader<K>;
  readonly #readValue: BytesReader<V>;
  readonly #graceMs: number;
  #sequence = 0;
  #observed = NO_TIME;
  #committed = NO_TIME;

  constructor(spec: JoinBufferSpec, environment: StoreEnvironment) {
    super(spec, environment, false);
    this.#value = spec.value;
    this.#graceMs = spec.graceMs;
    this.#keyWriter = new BytesWriter<K>(spec.key);
    this.#readKey = bytesReader<K>(spec.key);
    this.#readValue = bytesReader<V>(spec.value);
  }

  override get streamTime(): number {
    return this.#observed;
  }

  get minTimestamp(): number {
    const row = this.firstRow();
    return row < 0 ? Number.POSITIVE_INFINITY : this.#timeOf(row);
  }

  put(key: K, value: V, timestamp: number, origin: RecordOrigin): boolean {
    this.mustBeOpen();
    if (this.#observed - this.#graceMs > timestamp) return false;
    this.#sequence = (this.#sequence + 1) & SEQUENCE_MASK;
    const rowKey = this.#rowKey(this.bytesOf(this.#keyWriter, key), timestamp);
    const encoded = encodedBytes(this.#value.serialize(value, this.topic));
    const bytes = encodeBufferValue({ origin, prior: null, old: null, new: encoded }, ZEROS_BYTES);
    bytes.fill(0, bytes.length - ZEROS_BYTES);
    this.entered(this.table.put(rowKey, bytes.subarray(0, -ZEROS_BYTES), -1));
    this.#observed = Math.max(this.#observed, timestamp);
    this.log(rowKey, bytes, this.context.systemTime());
    return true;
  }

  evictWhile(until: () => boolean, emit: (record: WaitingRecord<K, V>) => void): void {
    this.mustBeOpen();
    const last = this.#observed - this.#graceMs;
    for (let row = this.firstRow(); row >= 0 && until(); row = this.firstRow()) {
      const timestamp = this.#timeOf(row);
      if (timestamp > last) return;
      const { table } = this;
      const chunk = table.chunkOf(row);
      const start = table.keyStart(row);
      const end = start + table.keyLength(row);
      const valueAt = table.valueStart(row);
      const view = chunk.subarray(valueAt, valueAt + table.valueLength(row));
      const held = decodeBufferValue(new BufferReader(Buffer.from(view)));
      const bytes = held.new === null ? null : asBuffer(held.new);
      const value = bytes === null ? null : this.#readValue(bytes, 0, bytes.length, this.topic);
      const key = this.#readKey(chunk, start + HEAD_BYTES, end - SEQUENCE_BYTES, this.topic);
      emit({ key, value: value as V, timestamp, origin: held.origin });
      const rowKey = table.keyBytes(row);
      this.removeFirst();
      this.log(rowKey, null, this.context.systemTime());
    }
  }

  override settle(take?: RowTaker): void {
    super.settle(take);
    this.#committed = this.#observed;
  }

  override revert(): void {
    super.revert();
    this.#observed = this.#committed;
  }

  override loaded(streamTime: number): void {
    super.loaded(streamTime);
    this.#observed = streamTime;
    this.#committed = streamTime;
  }

  override clear(): void {
    super.clear();
    this.#sequence = 0;
    this.#observed = NO_TIME;
    this.#committed = NO_TIME;
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    if (key.length < HEAD_BYTES + SEQUENCE_BYTES) {
      const what = `a key of ${key.length} bytes has no time`;
      throw new StateError('STATE_BYTES', `store ${this.name}: ${what}`);
    }
    const bytes = asBuffer(key);
    this.forgetOrder();
    const sequence = bytes.readInt32BE(bytes.length - SEQUENCE_BYTES);
    this.#sequence = Math.max(this.#sequence, sequence);
    this.#observed = Math.max(this.#observed, readInt64(bytes, 1));
    this.restoreRow(key, value, -1);
  }

  protected compare(one: number, other: number): number {
    return compareRows(this.table, one, other);
  }

  #timeOf(row: number): number {
    return readInt64(this.table.chunkOf(row), this.table.keyStart(row) + 1);
  }

  #rowKey(key: Uint8Array, timestamp: number): Buffer {
    const rowKey = Buffer.allocUnsafe(HEAD_BYTES + key.length + SEQUENCE_BYTES);
    rowKey[0] = 0;
    writeInt64(rowKey, timestamp, 1);
    rowKey.set(key, HEAD_BYTES);
    rowKey.writeInt32BE(this.#sequence, HEAD_BYTES + key.length);
    return rowKey;
  }
}
