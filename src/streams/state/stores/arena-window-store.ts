/**
 * A window store. The key of a row, which is the key of its changelog record too:
 *
 *   key   start of the window (int64)   sequence (int32), 0 but with `retainDuplicates`
 */
import { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import { readInt64, writeInt64 } from '../../serde/int64-bytes.ts';
import type { GradualEntries } from '../../topology/gradual-entries.ts';
import type { WindowSpec } from '../../topology/store-spec.ts';
import type {
  WindowEntry,
  WindowedEntry,
  WindowStore,
  WindowVisitor,
} from '../../topology/window-store.ts';
import type { WindowedKey } from '../../topology/windowed-key.ts';
import type { ChainForm } from '../engine/row-chains.ts';
import type { RowList } from '../engine/row-list.ts';
import { keyPrefixes } from '../engine/sort-rows.ts';
import type { EntryOf } from '../filed/entry-of.ts';
import type { StoreEnvironment } from './store-environment.ts';
import { TimedStore } from './timed-store.ts';

const START_BYTES = 8;
const SUFFIX_BYTES = START_BYTES + 4;
const SEQUENCE_MASK = 0x7fffffff;
/** A store has so many slices of time at most, unless its windows are longer than its retention. */
const SLICES = 1024;
const ABSENT = -1;
const NO_START = Number.NaN;

const FORM: ChainForm = {
  suffixBytes: SUFFIX_BYTES,
  timesBytes: START_BYTES,
  major: (chunk, keyEnd) => readInt64(chunk, keyEnd),
  minor: (chunk, keyEnd) => chunk.readInt32BE(keyEnd + START_BYTES),
};

export class ArenaWindowStore<K, V> extends TimedStore<K, V> implements WindowStore<K, V> {
  readonly #isTimestamped: boolean;
  readonly #retainDuplicates: boolean;
  readonly #windowMs: number;
  #sequence = 0;
  /** A write mostly follows the read of its window. */
  #lastKey: unknown;
  #lastStart = NO_START;
  #lastBytes: Uint8Array = new Uint8Array(0);
  #lastRow = ABSENT;
  #lastRemovals = -1;
  foundTimestamp = -1;
  foundHeaders: RecordHeaders = RecordHeaders.NONE;

  constructor(spec: WindowSpec, environment: StoreEnvironment) {
    const sliceMs = Math.max(spec.windowMs, spec.retentionMs / SLICES);
    const settings = spec.retainDuplicates ? { ...spec, caching: false } : spec;
    super(settings, environment, spec.timestamped, FORM, sliceMs);
    this.#isTimestamped = spec.timestamped;
    this.#retainDuplicates = spec.retainDuplicates;
    this.#windowMs = spec.windowMs;
  }

  get(key: K, windowStart: number): V | null {
    this.reads++;
    const row = this.#rowOf(key, windowStart);
    if (row < 0 || windowStart < this.oldest || !this.table.isLive(row)) {
      this.foundTimestamp = -1;
      this.foundHeaders = RecordHeaders.NONE;
      return null;
    }
    this.foundTimestamp = this.table.stampOf(row);
    if (this.form.hasHeaders) this.foundHeaders = this.headersIn(row);
    return this.valueIn(row);
  }

  put(
    key: K,
    value: V | null,
    windowStart: number,
    timestamp?: number,
    headers: RecordHeaders = this.context.headers,
  ): boolean {
    this.writes++;
    const { context } = this;
    const given = value === null || value === undefined ? null : value;
    const bytes = given === null ? null : this.valueWriter.write(given, this.topic);
    const isKept = this.observe(windowStart);
    const row = this.#retainDuplicates
      ? this.#nextRow(key, windowStart)
      : this.#rowOf(key, windowStart);
    const time =
      this.#isTimestamped && bytes !== null ? (timestamp ?? context.timestamp) : context.timestamp;
    if (this.cache === undefined) {
      if (isKept) this.#write(row, bytes, time, headers);
      this.logUpdate(this.#lastBytes, bytes, time, headers);
      return isKept;
    }
    // As in Kafka, a cached update goes on and is logged even where it is too old to be read.
    const written = this.#write(row, bytes, time, headers);
    if (written >= 0 && this.table.isTouched(written)) {
      this.cache.add(written, context.timestamp, context);
    }
    return isKept;
  }

  scan(key: K, from: number, to: number, visit: WindowVisitor<V>): void {
    const rows = this.#chainOf(key, from, to);
    this.filed?.pin();
    try {
      for (let at = 0; at < rows.length; at++) {
        if (!this.#visit(key, rows.at(at), visit)) return;
      }
    } finally {
      this.filed?.unpin();
    }
  }

  backwardScan(key: K, from: number, to: number, visit: WindowVisitor<V>): void {
    const rows = this.#chainOf(key, from, to);
    this.filed?.pin();
    try {
      for (let at = rows.length - 1; at >= 0; at--) {
        if (!this.#visit(key, rows.at(at), visit)) return;
      }
    } finally {
      this.filed?.unpin();
    }
  }

  fetch(key: K, from: number, to: number): Iterable<WindowEntry<V>> {
    return this.#entries(key, from, to, false);
  }

  backwardFetch(key: K, from: number, to: number): Iterable<WindowEntry<V>> {
    return this.#entries(key, from, to, true);
  }

  fetchRange(
    keyFrom: K | null,
    keyTo: K | null,
    from: number,
    to: number,
  ): Iterable<WindowedEntry<K, V>> {
    return this.#windowed(keyFrom, keyTo, from, to, false);
  }

  backwardFetchRange(
    keyFrom: K | null,
    keyTo: K | null,
    from: number,
    to: number,
  ): Iterable<WindowedEntry<K, V>> {
    return this.#windowed(keyFrom, keyTo, from, to, true);
  }

  fetchAll(from: number, to: number): Iterable<WindowedEntry<K, V>> {
    return this.#windowed(null, null, from, to, false);
  }

  backwardFetchAll(from: number, to: number): Iterable<WindowedEntry<K, V>> {
    return this.#windowed(null, null, from, to, true);
  }

  graduallyFetchAll(from: number, to: number): GradualEntries<WindowedEntry<K, V>> {
    return this.gradually(from, to, this.#windowedEntryOf);
  }

  all(): Iterable<WindowedEntry<K, V>> {
    return this.#windowed(null, null, 0, Number.MAX_SAFE_INTEGER, false);
  }

  backwardAll(): Iterable<WindowedEntry<K, V>> {
    return this.#windowed(null, null, 0, Number.MAX_SAFE_INTEGER, true);
  }

  restore(
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers: RecordHeaders = RecordHeaders.NONE,
  ): void {
    // As in the key-value store.
    this.#lastKey = undefined;
    const start = this.timeIn(key);
    if (this.#retainDuplicates) {
      this.#sequence = Math.max(this.#sequence, sequenceIn(key));
      if (value === null) return;
    }
    if (!this.observeRestored(start, timestamp)) return;
    this.restoreRow(key, value === null ? null : this.form.wrap(value, headers), timestamp);
  }

  override clear(): void {
    this.#lastKey = undefined;
    this.#sequence = 0;
    super.clear();
  }

  protected flushedTime(_key: WindowedKey<K>, logged: number): number {
    return logged;
  }

  /** Returns the row that the last key now has; -1 for none. */
  #write(row: number, value: Uint8Array | null, time: number, headers: RecordHeaders): number {
    let written = row;
    if (value === null) {
      if (row >= 0) this.table.unset(row);
    } else {
      const wrapped = this.form.wrap(value, headers);
      if (row >= 0) this.table.set(row, wrapped, time);
      else written = this.table.put(this.#lastBytes, wrapped, time);
    }
    this.#lastRow = written;
    return written;
  }

  protected numbersOfOneTime(rows: Int32Array): Float64Array {
    return keyPrefixes(this.table, rows, SUFFIX_BYTES);
  }

  /** By key and sequence. */
  protected compareOfOneTime(one: number, other: number): number {
    const order = this.compareKeys(one, other);
    return order !== 0 ? order : this.chains.minor(one) - this.chains.minor(other);
  }

  #rowOf(key: K, start: number): number {
    if (
      start === this.#lastStart &&
      Object.is(key, this.#lastKey) &&
      this.#lastRemovals === this.table.removals
    ) {
      return this.#lastRow;
    }
    this.mustBeOpen();
    const bytes = this.bytesOf(this.keyWriter, key) as Buffer;
    this.#remember(key, bytes, start);
    this.#lastRow = this.findRow(bytes);
    return this.#lastRow;
  }

  /** Makes `bytes`, which begin with the key, those of its row of this start. */
  #remember(key: K, bytes: Buffer, start: number): void {
    const at = bytes.length - SUFFIX_BYTES;
    writeInt64(bytes, start, at);
    bytes.writeInt32BE(0, at + START_BYTES);
    // The bytes of an object may change while it stays the same object.
    this.#lastKey = typeof key === 'object' ? undefined : key;
    this.#lastStart = start;
    this.#lastBytes = bytes;
    this.#lastRemovals = this.table.removals;
  }

  /** A row of its own for each put: there is none yet. */
  #nextRow(key: K, start: number): number {
    this.filed?.boundOpen();
    const bytes = this.bytesOf(this.keyWriter, key) as Buffer;
    const at = bytes.length - SUFFIX_BYTES;
    this.#sequence = (this.#sequence + 1) & SEQUENCE_MASK;
    writeInt64(bytes, start, at);
    bytes.writeInt32BE(this.#sequence, at + START_BYTES);
    this.#lastKey = undefined;
    this.#lastBytes = bytes;
    return ABSENT;
  }

  protected override keyWithRoom(key: K): Uint8Array {
    this.#lastKey = undefined;
    return super.keyWithRoom(key);
  }

  /** The rows to visit. The bytes of the key are kept with no start yet. */
  #chainOf(key: K, from: number, to: number): RowList {
    const bytes = this.keyWithRoom(key);
    const rows = this.chainBetween(bytes, from, to);
    this.#lastKey = typeof key === 'object' ? undefined : key;
    this.#lastStart = NO_START;
    this.#lastBytes = bytes;
    return rows;
  }

  /** Who visits a window may write it next: its row is known then. */
  #visit(key: K, row: number, visit: WindowVisitor<V>): boolean {
    const start = this.chains.major(row);
    // The bytes are another key's where a visitor has asked for one since.
    if (!this.#retainDuplicates && Object.is(key, this.#lastKey)) {
      this.#remember(key, this.#lastBytes as Buffer, start);
      this.#lastRow = row;
    }
    return visit(this.valueIn(row), start, this.table.stampOf(row)) !== false;
  }

  #entries(key: K, from: number, to: number, reverse: boolean): Iterable<WindowEntry<V>> {
    const { rows } = this.chainBetween(this.keyWithRoom(key), from, to);
    return this.viewOf(rows, reverse, this.#entryOf);
  }

  #windowed(
    keyFrom: K | null,
    keyTo: K | null,
    from: number,
    to: number,
    reverse: boolean,
  ): Iterable<WindowedEntry<K, V>> {
    return this.entriesOfKeys(keyFrom, keyTo, from, to, reverse, this.#windowedEntryOf);
  }

  readonly #entryOf: EntryOf<WindowEntry<V>> = (
    keyChunk,
    _keyStart,
    keyEnd,
    valueChunk,
    valueStart,
    valueEnd,
    timestamp,
  ) => ({
    windowStart: readInt64(keyChunk, keyEnd - SUFFIX_BYTES),
    value: this.plainValue(valueChunk, valueStart, valueEnd),
    timestamp,
  });

  readonly #windowedEntryOf: EntryOf<WindowedEntry<K, V>> = (
    keyChunk,
    keyStart,
    keyEnd,
    valueChunk,
    valueStart,
    valueEnd,
    timestamp,
  ) => ({
    key: this.windowedKey(keyChunk, keyStart, keyEnd),
    value: this.plainValue(valueChunk, valueStart, valueEnd),
    timestamp,
  });

  protected windowedKey(chunk: Buffer, keyStart: number, keyEnd: number): WindowedKey<K> {
    const start = readInt64(chunk, keyEnd - SUFFIX_BYTES);
    const end = Math.min(start + this.#windowMs, Number.MAX_SAFE_INTEGER);
    const key = this.readKey(chunk, keyStart, keyEnd - SUFFIX_BYTES, this.topic);
    return { key, window: { start, end } };
  }
}

function sequenceIn(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset + key.length - 4, 4).getInt32(0);
}
