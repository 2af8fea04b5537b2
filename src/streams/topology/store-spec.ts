import type { Serde } from '../../client/serde/serde.ts';
import type { StateStore } from './state-store.ts';
import type { StoreType } from './store-type.ts';

/** What a streams serde is inside: of whatever type. */
// biome-ignore lint/suspicious/noExplicitAny: a serde takes what it gives, and more.
export type AnySerde<T = any> = Serde<any, T>;

/** What every store is described by. */
export interface StoreSettings {
  readonly name: string;
  /** Whether it has a changelog topic. */
  readonly logging: boolean;
  /** Of the changelog topic, beside what the kind of store asks for. */
  readonly logConfig: Readonly<Record<string, string>>;
  /** Whether the changelog's records carry the headers of the record in hand. */
  readonly logsHeaders?: boolean | undefined;
  /** Whether updates may be held back in the record cache. */
  readonly caching: boolean;
  /** False keeps it in memory even where the task has a directory. */
  readonly persistent: boolean;
  /** Where it keeps its rows, if not in memory; the application may say so for all. */
  readonly storeType?: StoreType | undefined;
}

/** `timestamped` stores keep the timestamp beside each value, as all tables do. */
export interface KeyValueSpec extends StoreSettings {
  readonly kind: 'key-value';
  readonly timestamped: boolean;
  readonly key: AnySerde;
  readonly value: AnySerde;
  /** Rows not written for so long are deleted, with a tombstone in the changelog. */
  readonly ttlMs?: number | undefined;
  /**
   * Whether rows and their changelog records keep the headers of records (KIP-1271).
   */
  readonly headers?: boolean | undefined;
}

/** Rows with their history (KIP-889). */
export interface VersionedSpec extends StoreSettings {
  readonly kind: 'versioned';
  readonly key: AnySerde;
  readonly value: AnySerde;
  readonly historyMs: number;
  readonly segmentMs: number;
}

/** Rows by windows. */
export interface WindowSpec extends StoreSettings {
  readonly kind: 'window';
  readonly timestamped: boolean;
  readonly key: AnySerde;
  readonly value: AnySerde;
  readonly windowMs: number;
  readonly retentionMs: number;
  readonly retainDuplicates: boolean;
  /** Whether `fetchAll` must go by time: results are emitted when windows close. */
  readonly timeOrdered: boolean;
  /** As in `KeyValueSpec`. */
  readonly headers?: boolean | undefined;
}

/** Aggregates by sessions. */
export interface SessionSpec extends StoreSettings {
  readonly kind: 'session';
  readonly key: AnySerde;
  readonly value: AnySerde;
  readonly retentionMs: number;
  /** Whether `findSessionsByEnd` must go by time: results are emitted when sessions close. */
  readonly timeOrdered: boolean;
  /** As in `KeyValueSpec`. */
  readonly headers?: boolean | undefined;
}

export interface SuppressSpec extends StoreSettings {
  readonly kind: 'suppress';
  readonly key: AnySerde;
  readonly value: AnySerde;
}

export interface OuterJoinSpec extends StoreSettings {
  readonly kind: 'outer-join';
  readonly key: AnySerde;
  readonly left: AnySerde;
  readonly right: AnySerde;
  readonly windowMs: number;
}

export interface JoinBufferSpec extends StoreSettings {
  readonly kind: 'join-buffer';
  readonly key: AnySerde;
  readonly value: AnySerde;
  readonly graceMs: number;
}

/** A store that the program brings. */
export interface CustomSpec extends StoreSettings {
  readonly kind: 'custom';
  /** A new store at each call. */
  build(): StateStore;
}

/**
 * A store as the topology names it: data, of which the state room makes the store of a task. So the
 * topology can be described and compared without any state.
 */
export type StoreSpec =
  | KeyValueSpec
  | VersionedSpec
  | WindowSpec
  | SessionSpec
  | SuppressSpec
  | OuterJoinSpec
  | JoinBufferSpec
  | CustomSpec;
