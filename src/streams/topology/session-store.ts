import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { GradualEntries, GradualStore } from './gradual-entries.ts';
import type { CachedStore } from './state-store.ts';
import type { WindowedKey } from './windowed-key.ts';

/** One session with its value. */
export interface SessionEntry<K, V> {
  readonly key: WindowedKey<K>;
  readonly value: V;
}

/** What of a session store reads. */
export interface ReadOnlySessionStore<K, V> {
  /** The value of exactly this session; null without it. */
  get(key: K, start: number, end: number): V | null;
  /** Of the value that the last `get` gave, in stores that keep headers. */
  readonly foundHeaders?: RecordHeaders;
  /** Sessions that end at `earliestEnd` or later and start at `latestStart` or earlier, by end. */
  findSessions(key: K, earliestEnd: number, latestStart: number): Iterable<SessionEntry<K, V>>;
  /** As `findSessions`, from the last one on. */
  backwardFindSessions(
    key: K,
    earliestEnd: number,
    latestStart: number,
  ): Iterable<SessionEntry<K, V>>;
  /** Sessions of all keys that end within from..to; in a time-ordered store by end, then key. */
  findSessionsByEnd(from: number, to: number): Iterable<SessionEntry<K, V>>;
  /** All sessions of the key. */
  fetch(key: K): Iterable<SessionEntry<K, V>>;
  /** All sessions of all keys from..to; null is open. */
  fetchRange(keyFrom: K | null, keyTo: K | null): Iterable<SessionEntry<K, V>>;
}

/**
 * Values by key, start and end of session. Sessions whose end is older than the retention, counted
 * from the highest end put so far, are gone for every reader.
 * An iteration sees the store as it was when it began, though rows are put meanwhile.
 */
export interface SessionStore<K, V>
  extends ReadOnlySessionStore<K, V>,
    CachedStore<WindowedKey<K>, V>,
    GradualStore {
  /** A null value deletes. Returns false where the session is older than the retention. */
  put(
    key: K,
    start: number,
    end: number,
    value: V | null,
    timestamp?: number,
    headers?: RecordHeaders,
  ): boolean;
  /** As `findSessionsByEnd` in a time-ordered store, bit by bit, while nothing of it is put. */
  graduallyFindByEnd(from: number, to: number): GradualEntries<SessionEntry<K, V>>;
  /** Deletes a session. */
  remove(key: K, start: number, end: number): void;
}
