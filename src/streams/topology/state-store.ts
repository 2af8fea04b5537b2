import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { TaskId } from './task-id.ts';

/** Where a store lives and where its changes go. The task makes it. */
export interface StoreContext {
  readonly taskId: TaskId;
  readonly applicationId: string;
  /** Of the task, made and locked; undefined where state is kept in memory only. */
  readonly directory: string | undefined;
  /** Passed to serdes: the full name of the store's changelog. */
  changelogTopic(store: string): string;
  /** To the changelog, if the store has one. The bytes are copied before it returns. */
  log(
    store: string,
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers?: RecordHeaders,
  ): void;
  /** Of the task, see `NodeContext`. */
  readonly streamTime: number;
  /** Of the record in hand, as it was forwarded to the node that calls the store. */
  readonly timestamp: number;
  readonly headers: RecordHeaders;
  /** Where the record in hand came from; '', -1 and -1 in a punctuation. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Runs as if the record in hand came from there: an update that was held back goes on. */
  atOrigin(topic: string, partition: number, offset: number, run: () => void): void;
  /** The task's clock. */
  systemTime(): number;
  /** Asks for a commit soon: the open transaction takes more memory than the store may hold. */
  requestCommit(): void;
}

/** Every store, whatever it keeps. All of its calls are synchronous. */
export interface StateStore {
  readonly name: string;
  /** Called once before anything else. */
  open(context: StoreContext): void;
  /** Called at each commit, before offsets are taken. Cached updates go to the listener here. */
  flush(): void;
  /** Called once after the last call; whatever is not flushed is lost. */
  close(): void;
  /** A record of the changelog, in its order; only between `open` and the first record. */
  restore(
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers: RecordHeaders,
  ): void;
}

/**
 * Takes the updates of a cached store when they leave the cache: one per key, with the value from
 * before the first of them. Window and session stores give a `WindowedKey`.
 */
export type FlushListener<K, V> = (
  key: K,
  newValue: V | null,
  oldValue: V | null,
  timestamp: number,
  headers: RecordHeaders,
) => void;

/** A store whose updates may be held back in the record cache. */
export interface CachedStore<K, V> extends StateStore {
  /**
   * True where updates are cached: then the listener tells of them, and the operator must not
   * forward by itself. False where the store does not cache, and the listener is never called.
   * Without `sendOldValues` the listener's old value is always null.
   */
  onFlush(listener: FlushListener<K, V>, sendOldValues: boolean): boolean;
}
