import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import { asBuffer, encodedBytes } from '../../serde/encoded-bytes.ts';
import { writeInt64 } from '../../serde/int64-bytes.ts';
import type { Change } from '../../topology/change.ts';
import type { RecordOrigin } from '../../topology/record-origin.ts';
import type { AnySerde, SuppressSpec } from '../../topology/store-spec.ts';
import type { BufferedChange, SuppressBuffer } from '../../topology/suppress-buffer.ts';
import {
  BufferReader,
  type BufferValue,
  bufferValueBytes,
  decodeBufferValue,
  encodeBufferValue,
} from '../codec/buffer-value.ts';
import { type BytesReader, bytesReader } from '../codec/bytes-reader.ts';
import { BytesWriter } from '../codec/bytes-writer.ts';
import { decodeHeldChange, HELD_CHANGE_HEADERS } from '../codec/held-change.ts';
import type { RowTaker } from '../engine/row-taker.ts';
import { compareRows } from '../engine/sort-rows.ts';
import { HeapStore } from './heap-store.ts';
import type { StoreEnvironment } from './store-environment.ts';

const TIME_BYTES = 8;
/** So many changes are written before the flush: what waits for a commit is bounded. */
const CHANGED_MAX = 50_000;

/**
 * The buffer of `suppress`: a row for each key, with the time of its first update as its timestamp,
 * in the order of time and key. The changelog is written at each flush, one record a changed key.
 */
export class ArenaSuppressBuffer<K, V> extends HeapStore implements SuppressBuffer<K, V> {
  readonly #value: AnySerde<V>;
  readonly #keyWriter: BytesWriter<K>;
  readonly #readKey: BytesReader<K>;
  readonly #readValue: BytesReader<V>;
  /** Changed since the last flush, in the order of their first change. */
  #changed = new Set<number>();
  #bytes = 0;
  #committedBytes = 0;

  constructor(spec: SuppressSpec, environment: StoreEnvironment) {
    super(spec, environment, true);
    this.#value = spec.value;
    this.#keyWriter = new BytesWriter<K>(spec.key);
    this.#readKey = bytesReader<K>(spec.key);
    this.#readValue = bytesReader<V>(spec.value);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get minTimestamp(): number {
    const row = this.firstRow();
    return row < 0 ? Number.POSITIVE_INFINITY : this.table.stampOf(row);
  }

  put(time: number, key: K, change: Change<V>, origin: RecordOrigin): boolean {
    this.writes++;
    this.mustBeOpen();
    const keyBytes = this.bytesOf(this.#keyWriter, key);
    const row = this.table.find(keyBytes);
    const held = row >= 0 && this.table.isLive(row) ? this.#valueOf(row) : undefined;
    const old = this.#encode(change.oldValue);
    const prior = held === undefined ? old : held.prior;
    const value = { origin, prior, old, new: this.#encode(change.newValue) };
    this.#noteChange(this.#write(keyBytes, row, time, value, held));
    return true;
  }

  priorValueForBuffered(
    key: K,
  ): { readonly value: V | null; readonly timestamp: number } | undefined {
    this.mustBeOpen();
    const row = this.table.find(this.bytesOf(this.#keyWriter, key));
    if (row < 0 || !this.table.isLive(row)) return undefined;
    return { value: this.#decode(this.#valueOf(row).prior), timestamp: -1 };
  }

  evictWhile(until: () => boolean, emit: (buffered: BufferedChange<K, V>) => void): void {
    this.mustBeOpen();
    for (let row = this.firstRow(); row >= 0 && until(); row = this.firstRow()) {
      const { table } = this;
      const value = this.#valueOf(row);
      const chunk = table.chunkOf(row);
      const start = table.keyStart(row);
      const end = start + table.keyLength(row);
      const newValue = this.#decode(value.new);
      const change = { newValue, oldValue: this.#decode(value.old), isLatest: true };
      const key = this.#readKey(chunk, start, end, this.topic);
      const bytes = this.#bytesOfRow(row, value);
      emit({ key, change, origin: value.origin });
      this.removeFirst();
      this.#noteChange(row);
      this.#bytes -= bytes;
    }
  }

  override flush(): void {
    this.#logChanges();
    super.flush();
  }

  #noteChange(row: number): void {
    this.#changed.add(row);
    if (this.#changed.size >= CHANGED_MAX) this.#logChanges();
  }

  #logChanges(): void {
    const { context, table } = this;
    for (const row of this.#changed) {
      const key = table.keyBytes(row);
      if (!table.isLive(row)) {
        this.log(key, null, context.systemTime());
        continue;
      }
      const start = table.valueStart(row);
      const length = table.valueLength(row);
      const bytes = Buffer.allocUnsafe(length + TIME_BYTES);
      table.chunkOf(row).copy(bytes, 0, start, start + length);
      writeInt64(bytes, table.stampOf(row), length);
      this.log(key, bytes, context.systemTime(), HELD_CHANGE_HEADERS);
    }
    this.#changed.clear();
  }

  override settle(take?: RowTaker): void {
    super.settle(take);
    this.#committedBytes = this.#bytes;
  }

  override revert(): void {
    super.revert();
    this.#changed.clear();
    this.#bytes = this.#committedBytes;
  }

  override loaded(streamTime: number): void {
    super.loaded(streamTime);
    this.#bytes = 0;
    for (let row = 0; row < this.table.rowsEnd; row++) {
      if (this.table.isLive(row)) this.#bytes += this.#bytesOfRow(row, this.#valueOf(row));
    }
    this.#committedBytes = this.#bytes;
  }

  override clear(): void {
    super.clear();
    this.#changed.clear();
    this.#bytes = 0;
    this.#committedBytes = 0;
  }

  restore(
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const row = this.table.find(key);
    const held = row >= 0 && this.table.isLive(row) ? this.#valueOf(row) : undefined;
    this.forgetOrder();
    if (held !== undefined) this.#bytes -= this.#bytesOfRow(row, held);
    if (value === null) {
      this.restoreRow(key, null, -1);
      return;
    }
    const change = decodeHeldChange(value, timestamp, headers, held?.prior);
    const time = held === undefined ? change.time : this.table.stampOf(row);
    this.restoreRow(key, encodeBufferValue(change.value, 0), time);
    this.#bytes += TIME_BYTES + key.length + bufferValueBytes(change.value);
  }

  protected compare(one: number, other: number): number {
    const difference = this.table.stampOf(one) - this.table.stampOf(other);
    return difference !== 0 ? difference : compareRows(this.table, one, other);
  }

  #write(
    key: Uint8Array,
    row: number,
    time: number,
    value: BufferValue,
    held: BufferValue | undefined,
  ): number {
    const bytes = encodeBufferValue(value, 0);
    const keyBytes = TIME_BYTES + key.length;
    if (held !== undefined) {
      this.#bytes += bufferValueBytes(value) - bufferValueBytes(held);
      this.table.set(row, bytes, this.table.stampOf(row));
      return row;
    }
    this.#bytes += keyBytes + bufferValueBytes(value);
    const written = this.table.put(key, bytes, time);
    this.entered(written);
    return written;
  }

  #bytesOfRow(row: number, value: BufferValue): number {
    return TIME_BYTES + this.table.keyLength(row) + bufferValueBytes(value);
  }

  /** Of a copy, since a block may be given to another row. */
  #valueOf(row: number): BufferValue {
    const start = this.table.valueStart(row);
    const view = this.table.chunkOf(row).subarray(start, start + this.table.valueLength(row));
    return decodeBufferValue(new BufferReader(Buffer.from(view)));
  }

  #encode(value: V | null): Buffer | null {
    return value === null ? null : encodedBytes(this.#value.serialize(value, this.topic));
  }

  #decode(bytes: Uint8Array | null): V | null {
    if (bytes === null) return null;
    return this.#readValue(asBuffer(bytes), 0, bytes.length, this.topic);
  }
}
