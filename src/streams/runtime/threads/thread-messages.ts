import type { MeasuredMetric } from '../../../client/metrics/client-metrics.ts';
import type { StreamsOptions } from '../streams-options.ts';
import type { StreamsState } from '../streams-state.ts';

/** What a thread is made with. */
export interface ThreadSetup {
  /** Of the module that gives the topology. */
  readonly module: string;
  readonly options: StreamsOptions;
  readonly thread: number;
  readonly processId: string;
  /** Of the tasks that have files open; see `TaskLocks`. */
  readonly locks: SharedArrayBuffer;
}

/** What a thread is told. */
export type ThreadCommand =
  | { readonly kind: 'pause' | 'resume' }
  | { readonly kind: 'close'; readonly timeoutMs: number }
  | { readonly kind: 'ask'; readonly number: number; readonly question: StoreQuestion }
  | { readonly kind: 'measure'; readonly number: number };

/** A call of a store that reads. */
export interface StoreQuestion {
  readonly store: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What one task's store says. */
export interface StoreAnswer {
  readonly partition: number;
  readonly result: unknown;
}

/** What a thread has and has done. */
export interface ThreadFigures {
  readonly state: StreamsState;
  readonly taskNames: readonly string[];
  readonly restoredRows: number;
  readonly droppedRecords: ReadonlyMap<string, number>;
}

/** What a thread tells. */
export type ThreadReport =
  | { readonly kind: 'figures'; readonly figures: ThreadFigures }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'answers'; readonly number: number; readonly answers: readonly StoreAnswer[] }
  | { readonly kind: 'measured'; readonly number: number; readonly metrics: MeasuredMetric[] }
  | { readonly kind: 'refused'; readonly number: number; readonly reason: string };
