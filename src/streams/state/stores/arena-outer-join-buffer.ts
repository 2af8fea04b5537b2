/**
 * The records of an outer join that wait for a partner. The bytes are those of Kafka's
 * TimestampedKeyAndJoinSide and LeftOrRightValue:
 *
 *   row key     timestamp (int64)   side: 1 left, 0 right   key
 *   row value   a list of values, each: side   value
 */
import { asBuffer, encodedBytes } from '../../serde/encoded-bytes.ts';
import { readInt64, writeInt64 } from '../../serde/int64-bytes.ts';
import type { OuterJoinBuffer, UnmatchedRecord } from '../../topology/outer-join-buffer.ts';
import type { AnySerde, OuterJoinSpec } from '../../topology/store-spec.ts';
import { appendToList, readList } from '../codec/byte-list.ts';
import { type BytesReader, bytesReader } from '../codec/bytes-reader.ts';
import { BytesWriter } from '../codec/bytes-writer.ts';
import { Arena } from '../engine/arena.ts';
import { OrderedRows } from '../engine/ordered-rows.ts';
import { RowView } from '../engine/row-view.ts';
import { StateError } from '../state-error.ts';
import type { StoreEnvironment } from './store-environment.ts';
import { TableStore } from './table-store.ts';

const SIDE_AT = 8;
const HEAD_BYTES = SIDE_AT + 1;
const LEFT = 1;
const RIGHT = 0;

export class ArenaOuterJoinBuffer<K, V1, V2>
  extends TableStore
  implements OuterJoinBuffer<K, V1, V2>
{
  readonly #left: AnySerde<V1>;
  readonly #right: AnySerde<V2>;
  readonly #keyWriter: BytesWriter<K>;
  readonly #readKey: BytesReader<K>;
  readonly #readLeft: BytesReader<V1>;
  readonly #readRight: BytesReader<V2>;
  readonly #order: OrderedRows;

  constructor(spec: OuterJoinSpec, environment: StoreEnvironment) {
    super(spec, environment, false);
    this.#left = spec.left;
    this.#right = spec.right;
    this.#keyWriter = new BytesWriter<K>(spec.key);
    this.#readKey = bytesReader<K>(spec.key);
    this.#readLeft = bytesReader<V1>(spec.left);
    this.#readRight = bytesReader<V2>(spec.right);
    this.#order = new OrderedRows(this.table);
  }

  put(timestamp: number, isLeft: boolean, key: K, value: V1 | V2 | null): void {
    const rowKey = this.#rowKey(timestamp, isLeft, key);
    const row = this.table.find(rowKey);
    if (value === null) {
      if (row >= 0) this.table.unset(row);
      this.log(rowKey, null, this.context.timestamp);
      return;
    }
    const list = row >= 0 && this.table.isLive(row) ? this.#listOf(row) : null;
    const grown = appendToList(list, this.#encode(isLeft, value));
    this.table.put(rowKey, grown, -1);
    this.log(rowKey, grown, this.context.timestamp);
  }

  has(timestamp: number, isLeft: boolean, key: K): boolean {
    const row = this.table.find(this.#rowKey(timestamp, isLeft, key));
    return row >= 0 && this.table.isLive(row);
  }

  *all(): Iterable<UnmatchedRecord<K, V1, V2>> {
    this.mustBeOpen();
    const { arena } = this.table;
    const rows = this.#order.between(null, null);
    const view = new RowView(this.table, rows, false, (block, keyLength, valueLength) => {
      const chunk = arena.chunkOf(block);
      const start = Arena.offsetOf(block);
      const list = chunk.subarray(start + keyLength, start + keyLength + valueLength);
      return {
        timestamp: readInt64(chunk, start),
        isLeft: chunk[start + SIDE_AT] === LEFT,
        key: this.#readKey(chunk, start + HEAD_BYTES, start + keyLength, this.topic),
        values: readList(Buffer.from(list)),
      };
    });
    for (const { timestamp, isLeft, key, values } of view) {
      for (const bytes of values) yield { timestamp, isLeft, key, value: this.#decode(bytes) };
    }
  }

  override clear(): void {
    this.#order.clear();
    super.clear();
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    if (key.length < HEAD_BYTES) {
      const what = `a key of ${key.length} bytes has no time and side`;
      throw new StateError('STATE_BYTES', `store ${this.name}: ${what}`);
    }
    this.restoreRow(key, value, -1);
  }

  #rowKey(timestamp: number, isLeft: boolean, key: K): Buffer {
    this.mustBeOpen();
    const bytes = this.bytesOf(this.#keyWriter, key);
    const rowKey = Buffer.allocUnsafe(HEAD_BYTES + bytes.length);
    writeInt64(rowKey, timestamp, 0);
    rowKey[SIDE_AT] = isLeft ? LEFT : RIGHT;
    rowKey.set(bytes, HEAD_BYTES);
    return rowKey;
  }

  #listOf(row: number): Buffer {
    const start = this.table.valueStart(row);
    return this.table.chunkOf(row).subarray(start, start + this.table.valueLength(row));
  }

  #encode(isLeft: boolean, value: V1 | V2): Buffer {
    const encoded = isLeft
      ? this.#left.serialize(value, this.topic)
      : this.#right.serialize(value, this.topic);
    const bytes = encodedBytes(encoded);
    if (bytes !== null) return Buffer.concat([Buffer.of(isLeft ? LEFT : RIGHT), bytes]);
    throw new StateError('STATE_ARGUMENT', `store ${this.name}: a value became null bytes`);
  }

  #decode(bytes: Buffer): V1 | V2 {
    const read = bytes[0] === LEFT ? this.#readLeft : this.#readRight;
    return read(asBuffer(bytes), 1, bytes.length, this.topic);
  }
}
