import type { StoreMeter } from './store-meter.ts';
import type { TaskMeter } from './task-meter.ts';

/** A store as it is measured. */
export interface MeteredStore {
  readonly name: string;
  readonly kind: string;
  readonly rows: number;
  /** Since the store was made. */
  readonly reads: number;
  readonly writes: number;
  /** Of a suppression buffer: the bytes that it holds back. */
  readonly bufferBytes: number | null;
  /** Writes to the record cache, and how many of them met a row that waited there already. */
  readonly cached: CachedUpdates | null;
  /** What its calls took; null where the level of metrics does not ask. */
  readonly meter: StoreMeter | null;
}

/** What the record cache of a store has and has done. */
export interface CachedUpdates {
  readonly writes: number;
  readonly hits: number;
  /** Of the updates that wait in it. */
  readonly bytes: number;
}

/** How far a source is behind the ends of its partitions. */
export interface SourceLag {
  readonly node: string;
  readonly lag: number;
}

/** What was read from changelogs for a task, and what is yet to come. */
export interface RestoreProgress {
  readonly rows: number;
  readonly remaining: number;
}

/** A task as it is measured. */
export interface MeteredTask {
  /** Such as `0_3`. */
  readonly name: string;
  readonly isStandby: boolean;
  /** Null where it does not process records: a standby. */
  readonly meter: TaskMeter | null;
  readonly isRunning: boolean;
  /** Records that wait in it. */
  readonly buffered: number;
  /** How often it went on without waiting any longer for partitions that are at their end. */
  readonly enforced: number;
  /** How many records each of its sources is behind; -1 where that is not known. */
  readonly lags: readonly SourceLag[];
  readonly stores: readonly MeteredStore[];
  readonly restored: RestoreProgress;
}
