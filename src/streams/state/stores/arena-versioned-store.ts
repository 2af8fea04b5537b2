/**
 * A key-value store with history. Each version is a row:
 *
 *   row key     key   timestamp (int64)
 *   row value   0: a tombstone; 1: the value behind it
 *
 * A version ends where the next one of its key begins. Versions that ended before the history are
 * hidden at once and dropped later. The latest one stays, unless it is a tombstone.
 */
import { asBuffer } from '../../serde/encoded-bytes.ts';
import { readInt64, writeInt64 } from '../../serde/int64-bytes.ts';
import type { VersionedSpec } from '../../topology/store-spec.ts';
import {
  NOT_PUT,
  VALID_TO_UNDEFINED,
  type ValueVersion,
  type VersionedKeyValueStore,
} from '../../topology/versioned-store.ts';
import { type BytesReader, bytesReader } from '../codec/bytes-reader.ts';
import { BytesWriter } from '../codec/bytes-writer.ts';
import { type ChainForm, RowChains } from '../engine/row-chains.ts';
import { RowList } from '../engine/row-list.ts';
import type { RowTaker } from '../engine/row-taker.ts';
import { RowView } from '../engine/row-view.ts';
import { TimeSlices } from '../engine/time-slices.ts';
import type { StoreEnvironment } from './store-environment.ts';
import { TableStore } from './table-store.ts';

const TIME_BYTES = 8;
const TOMBSTONE = Uint8Array.of(0);
const VALUE = 1;
const SLICES = 64;
const EXPIRED_PER_WRITE = 4;
const EXPIRED_PER_COMMIT = 4096;
const NO_TIME = -1;
const FOREVER = Number.POSITIVE_INFINITY;

const FORM: ChainForm = {
  suffixBytes: TIME_BYTES,
  timesBytes: TIME_BYTES,
  major: (chunk, keyEnd) => readInt64(chunk, keyEnd),
  minor: () => 0,
};

export class ArenaVersionedStore<K, V> extends TableStore implements VersionedKeyValueStore<K, V> {
  readonly #historyMs: number;
  readonly #keyWriter: BytesWriter<K>;
  readonly #valueWriter: BytesWriter<V>;
  readonly #readValue: BytesReader<V>;
  readonly #chains: RowChains;
  /** By when versions end. */
  readonly #slices: TimeSlices;
  #observed = NO_TIME;
  #committed = NO_TIME;
  foundTimestamp = -1;

  constructor(spec: VersionedSpec, environment: StoreEnvironment) {
    super(spec, environment, false);
    this.#historyMs = spec.historyMs;
    this.#keyWriter = new BytesWriter<K>(spec.key, TIME_BYTES);
    this.#valueWriter = new BytesWriter<V>(spec.value);
    this.#readValue = bytesReader<V>(spec.value);
    this.#chains = new RowChains(this.table, FORM);
    this.#slices = new TimeSlices(spec.historyMs / SLICES);
  }

  override get streamTime(): number {
    return this.#observed;
  }

  get(key: K): V | null {
    this.reads++;
    return this.#found(this.#latest(this.#chainKey(key)));
  }

  getAsOf(key: K, asOf: number): V | null {
    const chainKey = this.#chainKey(key);
    const latest = this.#latest(chainKey);
    if (latest >= 0 && this.#chains.major(latest) <= asOf) return this.#found(latest);
    if (asOf < this.#observed - this.#historyMs) return this.#found(-1);
    return this.#found(this.#validAt(latest, asOf));
  }

  versions(key: K, from: number, to: number, ascending = false): Iterable<ValueVersion<V>> {
    const chains = this.#chains;
    const isPast = to < this.#observed - this.#historyMs;
    const latest = this.#latest(this.#chainKey(key));
    const rows = new RowList();
    const ends = new Map<number, number>();
    for (let row = latest; row >= 0; row = this.#before(row)) {
      const end = this.#endOf(row);
      if (end <= from || (isPast && row !== latest)) break;
      if (chains.major(row) > to || this.#isTombstone(row)) continue;
      rows.push(row);
      ends.set(chains.major(row), end);
    }
    const { table } = this;
    return new RowView(table, rows.rows, ascending, (block, keyLength, valueLength) => {
      const chunk = table.arena.chunkOf(block);
      const start = table.valueStartIn(block, keyLength);
      const timestamp = readInt64(chunk, start - TIME_BYTES);
      const end = ends.get(timestamp)!;
      const validTo = end === FOREVER ? undefined : end;
      const value = this.#readValue(chunk, start + 1, start + valueLength, this.topic);
      return { value, timestamp, validTo };
    });
  }

  put(key: K, value: V | null, timestamp: number): number {
    this.writes++;
    this.mustBeOpen();
    const given = value === null || value === undefined ? null : value;
    const bytes = given === null ? null : this.#valueWriter.write(given, this.topic);
    const rowKey = this.bytesOf(this.#keyWriter, key) as Buffer;
    const chainKey = rowKey.subarray(0, rowKey.length - TIME_BYTES);
    writeInt64(rowKey, timestamp, rowKey.length - TIME_BYTES);
    const validTo = this.#write(rowKey, bytes, timestamp);
    this.log(chainKey, bytes, timestamp);
    return validTo;
  }

  delete(key: K, timestamp: number): V | null {
    const isKept = timestamp >= this.#observed - this.#historyMs;
    const known = isKept ? this.getAsOf(key, timestamp) : null;
    const found = this.foundTimestamp;
    this.put(key, null, timestamp);
    this.foundTimestamp = isKept ? found : -1;
    return known;
  }

  override settle(take?: RowTaker): void {
    super.settle(take);
    this.#committed = this.#observed;
    this.#expire(EXPIRED_PER_COMMIT);
  }

  override revert(): void {
    super.revert();
    this.#observed = this.#committed;
    // Versions that the transaction dropped are back, and in no slice.
    this.#fillSlices();
  }

  override loaded(streamTime: number): void {
    this.#observed = Math.max(this.#observed, streamTime);
    this.#committed = this.#observed;
    this.#fillSlices();
  }

  override clear(): void {
    super.clear();
    this.#chains.clear();
    this.#slices.clear();
    this.#observed = NO_TIME;
    this.#committed = NO_TIME;
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    if (timestamp < this.#observed - this.#historyMs) return;
    this.#observed = Math.max(this.#observed, timestamp);
    const rowKey = Buffer.allocUnsafe(key.length + TIME_BYTES);
    rowKey.set(key);
    writeInt64(rowKey, timestamp, key.length);
    this.restoreRow(rowKey, marked(value), -1);
    this.#versionCame(this.table.find(rowKey));
  }

  /** Returns when the version ends. */
  #write(rowKey: Buffer, value: Uint8Array | null, timestamp: number): number {
    if (timestamp < this.#observed - this.#historyMs) {
      this.environment.onExpired?.(this.name);
      return NOT_PUT;
    }
    this.#observed = Math.max(this.#observed, timestamp);
    this.#expire(EXPIRED_PER_WRITE);
    const row = this.table.put(rowKey, marked(value), -1);
    this.#versionCame(row);
    const end = this.#endOf(row);
    return end === FOREVER ? VALID_TO_UNDEFINED : end;
  }

  #chainKey(key: K): Uint8Array {
    this.mustBeOpen();
    const bytes = this.bytesOf(this.#keyWriter, key);
    return bytes.subarray(0, bytes.length - TIME_BYTES);
  }

  /** -1 without one. */
  #latest(chainKey: Uint8Array): number {
    const last = this.#chains.last(chainKey, chainKey.length);
    return last < 0 || this.table.isLive(last) ? last : this.#before(last);
  }

  /** Versions that the open transaction dropped are still in the chain. */
  #before(row: number): number {
    let before = this.#chains.before(row);
    while (before >= 0 && !this.table.isLive(before)) before = this.#chains.before(before);
    return before;
  }

  #validAt(latest: number, asOf: number): number {
    let row = latest;
    while (row >= 0 && this.#chains.major(row) > asOf) row = this.#before(row);
    return row;
  }

  #found(row: number): V | null {
    if (row < 0 || this.#isTombstone(row)) {
      this.foundTimestamp = -1;
      return null;
    }
    this.foundTimestamp = this.#chains.major(row);
    const start = this.table.valueStart(row);
    const end = start + this.table.valueLength(row);
    return this.#readValue(this.table.chunkOf(row), start + 1, end, this.topic);
  }

  #isTombstone(row: number): boolean {
    return this.table.chunkOf(row)[this.table.valueStart(row)] !== VALUE;
  }

  #endOf(row: number): number {
    let after = this.#chains.after(row);
    while (after >= 0 && !this.table.isLive(after)) after = this.#chains.after(after);
    return after < 0 ? FOREVER : this.#chains.major(after);
  }

  /** When nobody needs the version any more: a tombstone that is the latest one, when it begins. */
  #uselessFrom(row: number): number {
    const end = this.#endOf(row);
    return end === FOREVER && this.#isTombstone(row) ? this.#chains.major(row) : end;
  }

  #fillSlices(): void {
    this.#slices.clear();
    for (let row = 0; row < this.table.rowsEnd; row++) {
      if (this.table.isLive(row)) this.#setEnd(row);
    }
  }

  #setEnd(row: number): void {
    const end = this.#uselessFrom(row);
    if (end !== FOREVER) this.#slices.add(row, end);
  }

  /** The version was written, and may end the one before it. */
  #versionCame(row: number): void {
    this.#setEnd(row);
    const before = this.#before(row);
    if (before >= 0) this.#slices.add(before, this.#chains.major(row));
  }

  /**
   * Drops versions as part of the open transaction, so that the local log has it: a snapshot must
   * not keep a value and lose the tombstone behind it.
   */
  #expire(rows: number): void {
    const time = this.#committed - this.#historyMs;
    for (let left = rows; left > 0; left--) {
      const row = this.#slices.takeBefore(time);
      if (row < 0) return;
      if (!this.table.isLive(row)) continue;
      const end = this.#uselessFrom(row);
      if (end === FOREVER) continue;
      if (end >= time) {
        this.#slices.add(row, end);
        continue;
      }
      // The versions before it ended earlier.
      for (let each = row; each >= 0; each = this.#chains.before(each)) this.table.unset(each);
    }
  }
}

function marked(value: Uint8Array | null): Uint8Array {
  if (value === null) return TOMBSTONE;
  const bytes = Buffer.allocUnsafe(value.length + 1);
  bytes[0] = VALUE;
  bytes.set(asBuffer(value), 1);
  return bytes;
}
