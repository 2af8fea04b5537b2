/**
 * A session store. The key of a row, which is the key of its changelog record too:
 *
 *   key   end of the session (int64)   start of the session (int64)
 */
import { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import { readInt64, writeInt64 } from '../../serde/int64-bytes.ts';
import type { GradualEntries } from '../../topology/gradual-entries.ts';
import type { SessionEntry, SessionStore } from '../../topology/session-store.ts';
import type { SessionSpec } from '../../topology/store-spec.ts';
import type { WindowedKey } from '../../topology/windowed-key.ts';
import type { ChainForm } from '../engine/row-chains.ts';
import type { EntryOf } from '../filed/entry-of.ts';
import type { StoreEnvironment } from './store-environment.ts';
import { TimedStore } from './timed-store.ts';

const TIME_BYTES = 8;
const SUFFIX_BYTES = 2 * TIME_BYTES;
/** Sessions have no size, so the retention is cut into so many slices. */
const SLICES = 64;
const FOREVER = Number.MAX_SAFE_INTEGER;

const FORM: ChainForm = {
  suffixBytes: SUFFIX_BYTES,
  timesBytes: SUFFIX_BYTES,
  major: (chunk, keyEnd) => readInt64(chunk, keyEnd),
  minor: (chunk, keyEnd) => readInt64(chunk, keyEnd + TIME_BYTES),
};

export class ArenaSessionStore<K, V> extends TimedStore<K, V> implements SessionStore<K, V> {
  foundHeaders: RecordHeaders = RecordHeaders.NONE;

  constructor(spec: SessionSpec, environment: StoreEnvironment) {
    super(spec, environment, false, FORM, spec.retentionMs / SLICES);
  }

  get(key: K, start: number, end: number): V | null {
    this.reads++;
    const row = this.findRow(this.#keyOf(key, start, end));
    const isFound = row >= 0 && end >= this.oldest && this.table.isLive(row);
    if (this.form.hasHeaders)
      this.foundHeaders = isFound ? this.headersIn(row) : RecordHeaders.NONE;
    return isFound ? this.valueIn(row) : null;
  }

  put(
    key: K,
    start: number,
    end: number,
    value: V | null,
    timestamp: number = this.context.timestamp,
    headers: RecordHeaders = this.context.headers,
  ): boolean {
    this.writes++;
    const given = value === null || value === undefined ? null : value;
    const bytes = given === null ? null : this.valueWriter.write(given, this.topic);
    const isKept = this.observe(end);
    this.#write(this.#keyOf(key, start, end), bytes, isKept, timestamp, headers);
    return isKept;
  }

  remove(key: K, start: number, end: number): void {
    const { timestamp, headers } = this.context;
    this.#write(this.#keyOf(key, start, end), null, true, timestamp, headers);
  }

  findSessions(key: K, earliestEnd: number, latestStart: number): Iterable<SessionEntry<K, V>> {
    return this.#ofKey(key, earliestEnd, latestStart, false);
  }

  backwardFindSessions(
    key: K,
    earliestEnd: number,
    latestStart: number,
  ): Iterable<SessionEntry<K, V>> {
    return this.#ofKey(key, earliestEnd, latestStart, true);
  }

  findSessionsInRange(
    keyFrom: K | null,
    keyTo: K | null,
    earliestEnd: number,
    latestStart: number,
  ): Iterable<SessionEntry<K, V>> {
    return this.#ofRange(keyFrom, keyTo, earliestEnd, latestStart, false);
  }

  backwardFindSessionsInRange(
    keyFrom: K | null,
    keyTo: K | null,
    earliestEnd: number,
    latestStart: number,
  ): Iterable<SessionEntry<K, V>> {
    return this.#ofRange(keyFrom, keyTo, earliestEnd, latestStart, true);
  }

  findSessionsByEnd(from: number, to: number): Iterable<SessionEntry<K, V>> {
    return this.entriesOfKeys(null, null, from, to, false, this.#entryOf);
  }

  graduallyFindByEnd(from: number, to: number): GradualEntries<SessionEntry<K, V>> {
    return this.gradually(from, to, this.#entryOf);
  }

  fetch(key: K): Iterable<SessionEntry<K, V>> {
    return this.#ofKey(key, 0, FOREVER, false);
  }

  backwardFetch(key: K): Iterable<SessionEntry<K, V>> {
    return this.#ofKey(key, 0, FOREVER, true);
  }

  fetchRange(keyFrom: K | null, keyTo: K | null): Iterable<SessionEntry<K, V>> {
    return this.#ofRange(keyFrom, keyTo, 0, FOREVER, false);
  }

  backwardFetchRange(keyFrom: K | null, keyTo: K | null): Iterable<SessionEntry<K, V>> {
    return this.#ofRange(keyFrom, keyTo, 0, FOREVER, true);
  }

  restore(
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers: RecordHeaders = RecordHeaders.NONE,
  ): void {
    if (!this.observeRestored(this.timeIn(key), timestamp)) return;
    this.restoreRow(key, value === null ? null : this.form.wrap(value, headers), timestamp);
  }

  /** As in Kafka, a cached session goes on with its end. */
  protected flushedTime(key: WindowedKey<K>): number {
    return key.window.end;
  }

  #write(
    key: Uint8Array,
    value: Uint8Array | null,
    isKept: boolean,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const { cache, table } = this;
    // As in Kafka, a cached update goes on and is logged even where it is too old to be read.
    const isWritten = isKept || cache !== undefined;
    let row = this.findRow(key);
    if (isWritten && value !== null)
      row = table.put(key, this.form.wrap(value, headers), timestamp);
    else if (isWritten && row >= 0) table.unset(row);
    if (cache === undefined) this.logUpdate(key, value, timestamp, headers);
    else if (row >= 0 && table.isTouched(row)) cache.add(row, timestamp, this.context);
  }

  #keyOf(key: K, start: number, end: number): Buffer {
    const bytes = this.keyWithRoom(key) as Buffer;
    writeInt64(bytes, end, bytes.length - SUFFIX_BYTES);
    writeInt64(bytes, start, bytes.length - TIME_BYTES);
    return bytes;
  }

  #ofKey(
    key: K,
    earliestEnd: number,
    latestStart: number,
    reverse: boolean,
  ): Iterable<SessionEntry<K, V>> {
    const { rows } = this.chainBetween(this.keyWithRoom(key), earliestEnd, FOREVER);
    const found = rows.filter((row) => this.chains.minor(row) <= latestStart);
    return this.viewOf(found, reverse, this.#entryOf);
  }

  #ofRange(
    keyFrom: K | null,
    keyTo: K | null,
    earliestEnd: number,
    latestStart: number,
    reverse: boolean,
  ): Iterable<SessionEntry<K, V>> {
    const entryOf = this.#entryOf;
    return this.entriesOfKeys(keyFrom, keyTo, earliestEnd, FOREVER, reverse, entryOf, latestStart);
  }

  protected numbersOfOneTime(rows: Int32Array): Float64Array {
    return Float64Array.from(rows, (row) => this.chains.minor(row));
  }

  /** By start, then key: with the end before, the order of Kafka's time-ordered session store. */
  protected compareOfOneTime(one: number, other: number): number {
    const order = this.chains.minor(one) - this.chains.minor(other);
    return order !== 0 ? order : this.compareKeys(one, other);
  }

  readonly #entryOf: EntryOf<SessionEntry<K, V>> = (
    keyChunk,
    keyStart,
    keyEnd,
    valueChunk,
    valueStart,
    valueEnd,
  ) => ({
    key: this.windowedKey(keyChunk, keyStart, keyEnd),
    value: this.plainValue(valueChunk, valueStart, valueEnd),
  });

  protected windowedKey(chunk: Buffer, keyStart: number, keyEnd: number): WindowedKey<K> {
    const end = readInt64(chunk, keyEnd - SUFFIX_BYTES);
    const start = readInt64(chunk, keyEnd - TIME_BYTES);
    const key = this.readKey(chunk, keyStart, keyEnd - SUFFIX_BYTES, this.topic);
    return { key, window: { start, end } };
  }
}
