import { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { KeyValueStore, StoreEntry } from '../../topology/key-value-store.ts';
import type { FlushListener } from '../../topology/state-store.ts';
import type { KeyValueSpec } from '../../topology/store-spec.ts';
import { RecordCache } from '../cache/record-cache.ts';
import { type BytesReader, bytesReader } from '../codec/bytes-reader.ts';
import { BytesWriter } from '../codec/bytes-writer.ts';
import { compareBytes } from '../engine/compare-bytes.ts';
import { OrderedRows } from '../engine/ordered-rows.ts';
import type { RowTaker } from '../engine/row-taker.ts';
import { RowView } from '../engine/row-view.ts';
import { type EntryOf, entryIn } from '../filed/entry-of.ts';
import { RowTtl } from './row-ttl.ts';
import type { StoreEnvironment } from './store-environment.ts';
import { TableStore } from './table-store.ts';

const ABSENT = -1;
const EXPIRED_PER_WRITE = 4;

/** A key-value store, with timestamps or without. */
export class ArenaKeyValueStore<K, V> extends TableStore implements KeyValueStore<K, V> {
  readonly #isTimestamped: boolean;
  readonly #keyWriter: BytesWriter<K>;
  readonly #valueWriter: BytesWriter<V>;
  readonly #readKey: BytesReader<K>;
  readonly #readValue: BytesReader<V>;
  readonly #order: OrderedRows;
  readonly #cache: RecordCache | undefined;
  readonly #ttl: RowTtl | undefined;
  #listener: FlushListener<K, V> | undefined;
  #sendOldValues = false;
  /**
   * A write mostly follows the read of its key: the key's bytes and its row are kept until then.
   */
  #lastKey: unknown;
  #lastBytes: Uint8Array = new Uint8Array(0);
  #lastRow = ABSENT;
  #lastRemovals = -1;
  foundTimestamp = -1;
  foundHeaders: RecordHeaders = RecordHeaders.NONE;

  constructor(spec: KeyValueSpec, environment: StoreEnvironment) {
    super(
      spec,
      environment,
      spec.timestamped || spec.ttlMs !== undefined,
      spec.ttlMs === undefined,
    );
    this.#isTimestamped = spec.timestamped;
    this.#keyWriter = new BytesWriter<K>(spec.key);
    this.#valueWriter = new BytesWriter<V>(spec.value);
    this.#readKey = bytesReader<K>(spec.key);
    this.#readValue = bytesReader<V>(spec.value);
    this.#order = new OrderedRows(this.table);
    if (spec.ttlMs !== undefined) this.#ttl = new RowTtl(this.table, spec.ttlMs);
    if (spec.caching && environment.cache !== undefined && environment.cache.bytesMax > 0) {
      this.#cache = new RecordCache(this.table, environment.cache, (row, timestamp, headers) =>
        this.#flushRow(row, timestamp, headers),
      );
    }
  }

  get(key: K): V | null {
    this.reads++;
    const row = this.#rowOf(key);
    if (row < 0 || !this.#isReadable(row)) {
      this.foundTimestamp = -1;
      this.foundHeaders = RecordHeaders.NONE;
      return null;
    }
    this.foundTimestamp = this.#isTimestamped ? this.table.stampOf(row) : -1;
    if (this.form.hasHeaders) this.foundHeaders = this.#headersOf(row);
    return this.#valueOf(row);
  }

  put(key: K, value: V | null, timestamp?: number, headers?: RecordHeaders): void {
    this.writes++;
    if (this.#ttl !== undefined) this.#expire(this.#ttl);
    if (value === null || value === undefined) {
      this.#remove(this.#rowOf(key), timestamp);
      return;
    }
    const bytes = this.#valueWriter.write(value, this.topic);
    const row = this.#rowOf(key);
    if (bytes === null) {
      this.#remove(row, timestamp);
      return;
    }
    const { context } = this;
    this.#write(row, bytes, timestamp ?? context.timestamp, headers ?? context.headers);
  }

  putIfAbsent(key: K, value: V | null, timestamp?: number): V | null {
    const known = this.get(key);
    if (known === null) this.put(key, value, timestamp);
    return known;
  }

  delete(key: K): V | null {
    const known = this.get(key);
    this.#remove(this.#rowOf(key), undefined);
    return known;
  }

  range(from: K | null, to: K | null): Iterable<StoreEntry<K, V>> {
    return this.#between(from, to, false);
  }

  reverseRange(from: K | null, to: K | null): Iterable<StoreEntry<K, V>> {
    return this.#between(from, to, true);
  }

  all(): Iterable<StoreEntry<K, V>> {
    return this.#entries(null, null, true, false);
  }

  reverseAll(): Iterable<StoreEntry<K, V>> {
    return this.#entries(null, null, true, true);
  }

  prefixScan(prefix: Uint8Array): Iterable<StoreEntry<K, V>> {
    return this.#entries(prefix, behindPrefix(prefix), false, false);
  }

  approximateSize(): number {
    return this.filed?.count ?? this.table.count;
  }

  override get recordCache(): RecordCache | undefined {
    return this.#cache;
  }

  onFlush(listener: FlushListener<K, V>, sendOldValues: boolean): boolean {
    if (this.#cache === undefined) return false;
    this.#listener = listener;
    this.#sendOldValues = sendOldValues;
    return true;
  }

  override flush(): void {
    this.#cache?.flush();
    super.flush();
  }

  override settle(take?: RowTaker): void {
    this.#cache?.clear();
    super.settle(take);
  }

  override revert(): void {
    this.#cache?.clear();
    super.revert();
    this.#ttl?.refill();
  }

  override clear(): void {
    this.#cache?.clear();
    this.#order.clear();
    this.#ttl?.clear();
    super.clear();
  }

  restore(
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers: RecordHeaders = RecordHeaders.NONE,
  ): void {
    // A copy is read while it is restored: the row that was missing may be there now.
    this.#lastKey = undefined;
    this.restoreRow(key, value === null ? null : this.form.wrap(value, headers), timestamp);
  }

  #rowOf(key: K): number {
    if (Object.is(key, this.#lastKey) && this.#lastRemovals === this.table.removals) {
      return this.#lastRow;
    }
    this.mustBeOpen();
    const bytes = this.bytesOf(this.#keyWriter, key);
    const row = this.findRow(bytes);
    // The bytes of an object may change while it stays the same object.
    this.#lastKey = typeof key === 'object' ? undefined : key;
    this.#lastBytes = bytes;
    this.#lastRow = row;
    this.#lastRemovals = this.table.removals;
    return row;
  }

  #write(row: number, value: Uint8Array, timestamp: number, headers: RecordHeaders): void {
    const wrapped = this.form.wrap(value, headers);
    let written = row;
    if (row >= 0) this.table.set(row, wrapped, timestamp);
    else written = this.table.put(this.#lastBytes, wrapped, timestamp);
    this.#lastRow = written;
    if (this.#cache === undefined) this.logUpdate(this.#lastBytes, value, timestamp, headers);
    else this.#cache.add(written, this.#cachedTime(timestamp), this.context);
  }

  #remove(row: number, timestamp: number | undefined): void {
    const { context, table } = this;
    const time = this.#isTimestamped ? context.timestamp : (timestamp ?? context.timestamp);
    if (row >= 0) table.unset(row);
    if (this.#cache === undefined) this.logUpdate(this.#lastBytes, null, time, context.headers);
    else if (row >= 0 && table.isTouched(row)) this.#cache.add(row, time, context);
  }

  /** The record's own time goes with a cached update; the value's stands beside the value. */
  #cachedTime(timestamp: number): number {
    return this.#isTimestamped ? this.context.timestamp : timestamp;
  }

  #flushRow(row: number, timestamp: number, headers: RecordHeaders): void {
    const { table } = this;
    const keyStart = table.keyStart(row);
    const keyLength = table.keyLength(row);
    const chunk = table.chunkOf(row);
    const isLive = table.isLive(row);
    const listener = this.#listener;
    const wantsOld = listener !== undefined && (!isLive || this.#sendOldValues);
    const hasOld = table.flushedLength(row) >= 0;
    const oldValue = wantsOld && hasOld ? this.#flushedValue(row) : null;
    table.markFlushed(row);
    // A key that came and went while it was cached never was for anybody else.
    if (listener !== undefined && !isLive && !hasOld) return;
    const key = chunk.subarray(keyStart, keyStart + keyLength);
    // A timestamp that stands beside the value goes before the record's.
    const time = isLive && this.#isTimestamped ? table.stampOf(row) : timestamp;
    if (isLive) {
      const start = table.valueStart(row);
      const end = start + table.valueLength(row);
      const value = chunk.subarray(this.form.valueStart(chunk, start, end), end);
      this.logUpdate(key, value, time, this.#headersOf(row));
    } else {
      this.logUpdate(key, null, time, headers);
    }
    if (listener === undefined) return;
    const newValue = isLive ? this.#valueOf(row) : null;
    const givenOld = this.#sendOldValues ? oldValue : null;
    const readKey = this.#readKey(chunk, keyStart, keyStart + keyLength, this.topic);
    listener(readKey, newValue, givenOld, time, headers);
  }

  #flushedValue(row: number): V {
    const { table } = this;
    const block = table.flushedBlock(row);
    const start = table.valueStartIn(block, table.keyLength(row));
    const end = start + table.flushedLength(row);
    return this.#read(table.arena.chunkOf(block), start, end);
  }

  #isReadable(row: number): boolean {
    if (!this.table.isLive(row)) return false;
    return this.#ttl === undefined || !this.#ttl.isExpired(row, this.context.streamTime);
  }

  /** Nobody downstream hears of rows that are too old. */
  #expire(ttl: RowTtl): void {
    const { table, context } = this;
    for (let left = EXPIRED_PER_WRITE; left > 0; left--) {
      const row = ttl.takeExpired(context.streamTime);
      if (row < 0) return;
      this.logUpdate(table.keyBytes(row), null, context.timestamp, context.headers);
      table.unset(row);
      table.markFlushed(row);
    }
  }

  #valueOf(row: number): V {
    const start = this.table.valueStart(row);
    const end = start + this.table.valueLength(row);
    return this.#read(this.table.chunkOf(row), start, end);
  }

  #read(chunk: Buffer, start: number, end: number): V {
    return this.#readValue(chunk, this.form.valueStart(chunk, start, end), end, this.topic);
  }

  #headersOf(row: number): RecordHeaders {
    const start = this.table.valueStart(row);
    const end = start + this.table.valueLength(row);
    return this.form.headers(this.table.chunkOf(row), start, end);
  }

  #between(from: K | null, to: K | null, reverse: boolean): Iterable<StoreEntry<K, V>> {
    const first = from === null ? null : Buffer.from(this.bytesOf(this.#keyWriter, from));
    const last = to === null ? null : this.bytesOf(this.#keyWriter, to);
    this.#lastKey = undefined;
    if (first !== null && last !== null) {
      const order = compareBytes(first, 0, first.length, last, 0, last.length);
      if (order > 0) return [];
    }
    return this.#entries(first, last, true, reverse);
  }

  #entries(
    from: Uint8Array | null,
    to: Uint8Array | null,
    toInclusive: boolean,
    reverse: boolean,
  ): Iterable<StoreEntry<K, V>> {
    this.mustBeOpen();
    const { table, filed } = this;
    const rows = this.#order.between(from, to, toInclusive, filed !== undefined);
    if (filed !== undefined)
      return filed.byKey(rows, from, to, toInclusive, reverse, this.#entryOf);
    const read = this.#ttl === undefined ? rows : rows.filter((row) => this.#isReadable(row));
    return new RowView(table, read, reverse, (block, keyLength, valueLength) => {
      return entryIn(table, block, keyLength, valueLength, this.#entryOf);
    });
  }

  readonly #entryOf: EntryOf<StoreEntry<K, V>> = (
    keyChunk,
    keyStart,
    keyEnd,
    valueChunk,
    valueStart,
    valueEnd,
    stamp,
  ) => ({
    key: this.#readKey(keyChunk, keyStart, keyEnd, this.topic),
    value: this.#read(valueChunk, valueStart, valueEnd),
    timestamp: this.#isTimestamped ? stamp : -1,
  });
}

/** The first key behind all that begin with the prefix; null where there is none. */
function behindPrefix(prefix: Uint8Array): Uint8Array | null {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return null;
  const behind = Uint8Array.from(prefix.subarray(0, length));
  behind[length - 1]!++;
  return behind;
}
