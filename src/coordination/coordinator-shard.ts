import type { Effects } from './effects.ts';
import type { MarkerWrite } from './end-marker.ts';

/** What a coordinator knows of the connection that a request came over. */
export interface RequestContext {
  clientId: string;
  clientHost: string;
  principal?: string;
}

/** A decoded request. Its answer is given under `ticket`, now or in a later step. */
export interface CoordinatorCall {
  readonly ticket: number;
  readonly apiKey: number;
  readonly version: number;
  readonly request: object;
  readonly context: RequestContext;
  /** With what a verified transaction may be written into, for the runtime. */
  readonly guard?: number;
}

/**
 * The state that one partition of a coordinator's topic holds. A shard is a pure state machine:
 * time, topics and configuration are arguments, records and answers are returned as `Effects`.
 *
 * Its life: `replay` and `endTransaction` for everything in the log, `onLoaded` once, then the
 * other methods in any order. `unload` is the last call where the partition leaves this broker.
 * A shard whose step throws, or whose records cannot be appended, is dropped without a call.
 */
export interface CoordinatorShard {
  handle(call: CoordinatorCall, nowMs: number, wallMs: number): Effects;

  /** Does everything that is due by now. */
  tick(nowMs: number, wallMs: number): Effects;

  /** The monotonic time at which `tick` next has something to do, or Infinity. */
  nextDeadlineMs(): number;

  /** The client of this request is gone: the shard must not answer it. */
  drop(ticket: number): void;

  /** Applies one record of the log; `producerId` is -1 outside of a transaction. */
  replay(key: Buffer, value: Buffer | null, producerId: number): void;

  /** Applies a marker of the log: what the producer wrote is committed or void. */
  endTransaction(producerId: number, isCommit: boolean): void;

  /** The whole log is replayed. Deadlines start to run, and unfinished work starts again. */
  onLoaded(nowMs: number, wallMs: number): Effects;

  /** The partition leaves this broker: tells parked clients to look for the coordinator again. */
  unload(): Effects;

  /**
   * The outcome of a write that `Effects.markers` asked for; 0 where the marker is in that
   * partition. Only a shard that asks for markers has this method. The outcome is lost where the
   * shard was loaded anew meanwhile: `onLoaded` has to ask again for what may be missing.
   */
  onMarkerWritten?(write: MarkerWrite, errorCode: number, nowMs: number, wallMs: number): Effects;
}
