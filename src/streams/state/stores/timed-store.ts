import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import { writeInt64 } from '../../serde/int64-bytes.ts';
import type { GradualEntries } from '../../topology/gradual-entries.ts';
import type { FlushListener } from '../../topology/state-store.ts';
import type { AnySerde, StoreSettings } from '../../topology/store-spec.ts';
import type { WindowedKey } from '../../topology/windowed-key.ts';
import { RecordCache, type RowFlusher } from '../cache/record-cache.ts';
import { type BytesReader, bytesReader } from '../codec/bytes-reader.ts';
import { BytesWriter } from '../codec/bytes-writer.ts';
import { compareBytes } from '../engine/compare-bytes.ts';
import { type ChainForm, RowChains } from '../engine/row-chains.ts';
import { RowList } from '../engine/row-list.ts';
import type { RowTaker } from '../engine/row-taker.ts';
import { RowView } from '../engine/row-view.ts';
import { type EntryOf, entryIn } from '../filed/entry-of.ts';
import type { FiledRows } from '../filed/filed-rows.ts';
import { TimeOrder } from '../filed/time-order.ts';
import { StateError } from '../state-error.ts';
import { isKeyWithin, RowsByTime } from './rows-by-time.ts';
import type { StoreEnvironment } from './store-environment.ts';
import { TableStore } from './table-store.ts';

/** Old rows that leave with each write, so that the past does not have to go at once. */
const EXPIRED_PER_WRITE = 4;
const EXPIRED_PER_COMMIT = 4096;
const NO_TIME = -1;
const TIME_BYTES = 8;

export interface TimedSettings extends StoreSettings {
  readonly kind: 'window' | 'session';
  readonly key: AnySerde;
  readonly value: AnySerde;
  readonly retentionMs: number;
  readonly headers?: boolean | undefined;
  /** Whether each row is given on once, when it can change no more. */
  readonly timeOrdered: boolean;
}

/**
 * What window and session stores have in common: rows in chains by their key, a time in each row,
 * and a retention. The highest time of a write is the store's stream time. Rows that are older than
 * the retention are hidden at once and dropped later, when the time they are too old for is
 * committed.
 */
export abstract class TimedStore<K, V> extends TableStore {
  protected readonly keyWriter: BytesWriter<K>;
  protected readonly valueWriter: BytesWriter<V>;
  protected readonly readKey: BytesReader<K>;
  protected readonly readValue: BytesReader<V>;
  protected readonly chains: RowChains;
  protected readonly cache: RecordCache | undefined;
  protected listener: FlushListener<WindowedKey<K>, V> | undefined;
  protected sendsOldValues = false;
  protected readonly retentionMs: number;
  /** Undefined where rows are in a file, which has them by their times. */
  readonly #byTime: RowsByTime | undefined;
  /** Rows of this time and later ones are kept for who gives them on. */
  #heldFrom: number;
  readonly #isGivenOn: boolean;
  /** The highest timestamp of a restored row. */
  #restoredStamp = NO_TIME;
  #observed = NO_TIME;
  #committed = NO_TIME;

  constructor(
    settings: TimedSettings,
    environment: StoreEnvironment,
    isStamped: boolean,
    form: ChainForm,
    sliceMs: number,
  ) {
    const order = new TimeOrder(form.suffixBytes, form.timesBytes);
    super(settings, environment, isStamped, true, order);
    this.retentionMs = settings.retentionMs;
    this.#isGivenOn = settings.timeOrdered;
    this.#heldFrom = this.#firstHeld;
    this.keyWriter = new BytesWriter<K>(settings.key, form.suffixBytes);
    this.valueWriter = new BytesWriter<V>(settings.value);
    this.readKey = bytesReader<K>(settings.key);
    this.readValue = bytesReader<V>(settings.value);
    this.chains = new RowChains(this.table, form);
    if (this.filed === undefined) {
      this.#byTime = new RowsByTime(this.table, this.chains, sliceMs, {
        numbers: (rows) => this.numbersOfOneTime(rows),
        compare: (one, other) => this.compareOfOneTime(one, other),
      });
    }
    if (settings.caching && environment.cache !== undefined && environment.cache.bytesMax > 0) {
      const flushRow: RowFlusher = (...update) => this.#flushRow(...update);
      this.cache = new RecordCache(this.table, environment.cache, flushRow);
    }
  }

  override get recordCache(): RecordCache | undefined {
    return this.cache;
  }

  override get streamTime(): number {
    return this.#observed;
  }

  holdFrom(time: number): void {
    this.#heldFrom = time;
  }

  onFlush(listener: FlushListener<WindowedKey<K>, V>, sendOldValues: boolean): boolean {
    if (this.cache === undefined) return false;
    this.listener = listener;
    this.sendsOldValues = sendOldValues;
    return true;
  }

  override flush(): void {
    this.cache?.flush();
    super.flush();
  }

  override settle(take?: RowTaker): void {
    this.cache?.clear();
    super.settle(take);
    this.#committed = this.#observed;
    this.#expire(EXPIRED_PER_COMMIT);
  }

  override revert(): void {
    this.cache?.clear();
    super.revert();
    this.#observed = this.#committed;
  }

  override loaded(streamTime: number): void {
    this.#observed = Math.max(this.#observed, streamTime);
    this.#committed = this.#observed;
  }

  override clear(): void {
    this.cache?.clear();
    this.chains.clear();
    this.#byTime?.clear();
    this.#heldFrom = this.#firstHeld;
    this.#restoredStamp = NO_TIME;
    this.#observed = NO_TIME;
    this.#committed = NO_TIME;
    super.clear();
  }

  /** Of the key of a row. */
  protected abstract windowedKey(chunk: Buffer, keyStart: number, keyEnd: number): WindowedKey<K>;

  /** The time with which a cached update goes on. */
  protected abstract flushedTime(key: WindowedKey<K>, logged: number): number;

  /** Gives a cached update on. */
  #flushRow(row: number, timestamp: number, headers: RecordHeaders): void {
    const { table, listener } = this;
    const isLive = table.isLive(row);
    const hasOld = table.flushedLength(row) >= 0;
    const oldValue = listener !== undefined && this.sendsOldValues ? this.#flushedValue(row) : null;
    table.markFlushed(row);
    if (listener !== undefined && !isLive && !hasOld) return;
    const time = this.#logFlushed(row, timestamp, headers);
    if (listener === undefined) return;
    const start = table.keyStart(row);
    const key = this.windowedKey(table.chunkOf(row), start, start + table.keyLength(row));
    const value = isLive ? this.valueIn(row) : null;
    listener(key, value, oldValue, this.flushedTime(key, time), headers);
  }

  /** A write at this time. False where it is older than the retention. */
  protected observe(time: number): boolean {
    if (time > this.#observed) this.#observed = time;
    this.#expire(EXPIRED_PER_WRITE);
    if (time > this.#observed - this.retentionMs) return true;
    this.environment.onExpired?.(this.name);
    return false;
  }

  /**
   * The same for a restored row, of which nobody is told. Of a row that leaps ahead nobody knows
   * yet whether those that it hides have gone on; they have where a later record was worked on.
   */
  protected observeRestored(time: number, timestamp: number): boolean {
    if (this.#isGivenOn && timestamp > this.#restoredStamp) {
      this.#restoredStamp = timestamp;
      this.#heldFrom = this.oldest;
    }
    if (time > this.#observed) this.#observed = time;
    return time > this.#observed - this.retentionMs;
  }

  /** Before anybody says. */
  get #firstHeld(): number {
    return this.#isGivenOn ? 0 : Number.POSITIVE_INFINITY;
  }

  /** The oldest time that readers see. */
  protected get oldest(): number {
    return this.#observed - this.retentionMs + 1;
  }

  protected override get oldestKept(): number {
    return Math.min(this.oldest, this.#heldFrom);
  }

  /** The bytes of a key, with room for what follows it in a row's. */
  protected keyWithRoom(key: K): Uint8Array {
    this.mustBeOpen();
    return this.bytesOf(this.keyWriter, key);
  }

  /** The time in a restored key. */
  protected timeIn(key: Uint8Array): number {
    const { suffixBytes } = this.chains;
    if (key.length < suffixBytes) {
      const what = `a key of ${key.length} bytes has no ${this.kind}`;
      throw new StateError('STATE_BYTES', `store ${this.name}: ${what}`);
    }
    const view = new DataView(key.buffer, key.byteOffset + key.length - suffixBytes, TIME_BYTES);
    return view.getInt32(0) * 2 ** 32 + view.getUint32(4);
  }

  /** Entries of the keys and within the times, by time, then as the store says. */
  protected entriesOfKeys<T>(
    keyFrom: K | null,
    keyTo: K | null,
    from: number,
    to: number,
    reverse: boolean,
    entryOf: EntryOf<T>,
    latestStart = Number.POSITIVE_INFINITY,
  ): Iterable<T> {
    this.mustBeOpen();
    // The writer's memory is that of the next key as well.
    const first = keyFrom === null ? null : Buffer.from(this.#chainKey(keyFrom));
    const last = keyTo === null ? null : Buffer.from(this.#chainKey(keyTo));
    const isEmpty =
      first !== null &&
      last !== null &&
      compareBytes(first, 0, first.length, last, 0, last.length) > 0;
    if (isEmpty) return [];
    const { filed, chains } = this;
    const oldest = Math.max(from, this.oldest);
    if (filed === undefined) {
      const rows = this.#byTime!.between(oldest, to, first, last);
      const early = rows.filter((row) => chains.minor(row) <= latestStart);
      return this.viewOf(early, reverse, entryOf);
    }
    const isWanted = (chunk: Buffer, keyStart: number, end: number) => {
      const keyEnd = end - chains.suffixBytes;
      const isEarly = chains.minorIn(chunk, keyEnd) <= latestStart;
      return isEarly && isKeyWithin(chunk, keyStart, keyEnd, first, last);
    };
    return filed.byTime(oldest, to, isWanted, reverse, entryOf);
  }

  /** Entries of rows in memory. */
  protected viewOf<T>(rows: Int32Array, reverse: boolean, entryOf: EntryOf<T>): Iterable<T> {
    const { table } = this;
    return new RowView(table, rows, reverse, (block, keyLength, valueLength) => {
      return entryIn(table, block, keyLength, valueLength, entryOf);
    });
  }

  #chainKey(key: K): Uint8Array {
    const bytes = this.keyWithRoom(key);
    return bytes.subarray(0, bytes.length - this.chains.suffixBytes);
  }

  /** What is held or seen now of all keys within the times, in the order of `entriesOfKeys`. */
  protected gradually<T>(from: number, to: number, entryOf: EntryOf<T>): GradualEntries<T> {
    this.mustBeOpen();
    const first = Math.max(from, this.oldestKept);
    if (this.filed === undefined) return this.#byTime!.gradually(first, to, entryOf);
    const entries = this.filed.byTime(first, to, () => true, false, entryOf);
    return { next: () => entries.next().value };
  }

  /** Numbers in an order of rows of one time that `compareOfOneTime` makes complete. */
  protected abstract numbersOfOneTime(rows: Int32Array): Float64Array;

  /** All that decides between rows of one time. */
  protected abstract compareOfOneTime(one: number, other: number): number;

  /** By the keys without what the chains are ordered by. */
  protected compareKeys(one: number, other: number): number {
    const { table } = this;
    const oneStart = table.keyStart(one);
    const otherStart = table.keyStart(other);
    return compareBytes(
      table.chunkOf(one),
      oneStart,
      oneStart + table.keyLength(one) - this.chains.suffixBytes,
      table.chunkOf(other),
      otherStart,
      otherStart + table.keyLength(other) - this.chains.suffixBytes,
    );
  }

  /**
   * Live rows of one key whose `major` is within from..to, in their order. `bytes` are the key with
   * the room behind it.
   */
  protected chainBetween(bytes: Uint8Array, from: number, to: number): RowList {
    const { chains, table } = this;
    const first = Math.max(from, this.oldest);
    if (this.filed !== undefined) this.#loadChain(this.filed, bytes, first, to);
    let row = chains.last(bytes, bytes.length - chains.suffixBytes);
    let start = -1;
    for (; row >= 0 && chains.major(row) >= first; row = chains.before(row)) start = row;
    const found = new RowList();
    for (row = start; row >= 0 && chains.major(row) <= to; row = chains.after(row)) {
      if (table.isLive(row)) found.push(row);
    }
    return found;
  }

  /** Brings the rows of a chain into memory. */
  #loadChain(filed: FiledRows, bytes: Uint8Array, from: number, to: number): void {
    if (from > to) return;
    const { suffixBytes } = this.chains;
    const first = Buffer.from(bytes);
    const last = Buffer.from(bytes);
    const times = bytes.length - suffixBytes;
    first.fill(0, times);
    last.fill(0xff, times);
    writeInt64(first, Math.max(from, 0), times);
    writeInt64(last, Math.min(to, Number.MAX_SAFE_INTEGER), times);
    filed.loadBetween(first, last);
  }

  /** What the row had when it last left the cache; null for nothing. */
  #flushedValue(row: number): V | null {
    const { table } = this;
    const length = table.flushedLength(row);
    if (length < 0 || this.chains.major(row) < this.oldest) return null;
    const block = table.flushedBlock(row);
    const start = table.valueStartIn(block, table.keyLength(row));
    return this.plainValue(table.arena.chunkOf(block), start, start + length);
  }

  protected valueIn(row: number): V {
    const start = this.table.valueStart(row);
    const end = start + this.table.valueLength(row);
    return this.plainValue(this.table.chunkOf(row), start, end);
  }

  /** Reads what stands in a row. */
  protected plainValue(chunk: Buffer, start: number, end: number): V {
    return this.readValue(chunk, this.form.valueStart(chunk, start, end), end, this.topic);
  }

  protected headersIn(row: number): RecordHeaders {
    const start = this.table.valueStart(row);
    const end = start + this.table.valueLength(row);
    return this.form.headers(this.table.chunkOf(row), start, end);
  }

  /**
   * A cached row goes to the changelog. Returns its time: that beside the value goes before the
   * record's.
   */
  #logFlushed(row: number, timestamp: number, headers: RecordHeaders): number {
    const { table } = this;
    const chunk = table.chunkOf(row);
    const keyStart = table.keyStart(row);
    const key = chunk.subarray(keyStart, keyStart + table.keyLength(row));
    if (!table.isLive(row)) {
      this.logUpdate(key, null, timestamp, headers);
      return timestamp;
    }
    const start = table.valueStart(row);
    const end = start + table.valueLength(row);
    const value = chunk.subarray(this.form.valueStart(chunk, start, end), end);
    const time = table.isStamped ? table.stampOf(row) : timestamp;
    this.logUpdate(key, value, time, this.headersIn(row));
    return time;
  }

  /** Drops old rows that no open transaction has touched. */
  #expire(rows: number): void {
    const before = Math.min(this.#committed - this.retentionMs + 1, this.#heldFrom);
    this.#byTime?.expire(before, rows);
  }
}
