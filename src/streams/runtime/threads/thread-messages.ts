import type { ErrorCategory, KafkaErrorCode } from '../../../client/errors/error-category.ts';
import type { MeasuredMetric } from '../../../client/metrics/client-metrics.ts';
import type { InstanceFigures } from '../../metrics/instance-figures.ts';
import type { HostInfo } from '../../queries/host-info.ts';
import type { WireQuery, WireRow } from '../../queries/query-codec.ts';
import type { QueryErrorCode } from '../../queries/query-error.ts';
import type { ApplicationLayout } from '../application-queries.ts';
import type { StoreLags } from '../local-store-lags.ts';
import type { StreamsOptions } from '../streams-options.ts';
import type { StreamsState } from '../streams-state.ts';
import type { ThreadMetadata } from '../thread-metadata.ts';
import type { ListenerCall, ListenerKind } from './listener-calls.ts';

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

/** What a thread does where it has failed: `replace` is done by whoever started it. */
export type ThreadVerdict = 'shutdown-client' | 'shutdown-application';

/** What a thread is told. */
export type ThreadCommand =
  | { readonly kind: 'pause' | 'resume' | 'shutdown-application' }
  | { readonly kind: 'listen'; readonly to: ListenerKind }
  | { readonly kind: 'close'; readonly timeoutMs: number }
  | { readonly kind: 'verdict'; readonly verdict: ThreadVerdict }
  | ThreadRequest;

/** What a thread can be asked, by name, and what it answers. */
export interface ThreadQuestions {
  /** Calls a method of a store. */
  readonly call: readonly [StoreCall, readonly StoreAnswer[]];
  /** As another instance asks by HTTP. */
  readonly query: readonly [WireQuery, readonly WireRow[]];
  readonly metrics: readonly [null, MeasuredMetric[]];
  readonly figures: readonly [null, InstanceFigures];
  readonly metadata: readonly [null, ThreadMetadata[]];
  readonly lags: readonly [null, StoreLags];
  /** It tells what it has before it answers. */
  readonly refresh: readonly [null, null];
}

/** A question that waits for its answer under a number. */
export interface ThreadRequest {
  readonly kind: 'ask';
  readonly number: number;
  readonly name: keyof ThreadQuestions;
  readonly question: unknown;
}

/** A call of a store that reads. */
export interface StoreCall {
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
export interface ThreadFigures extends ApplicationLayout {
  readonly state: StreamsState;
  readonly taskNames: readonly string[];
  readonly restoredRows: number;
  readonly droppedRecords: ReadonlyMap<string, number>;
}

/** Why a question has no answer. Errors lose their fields between threads. */
export interface ThreadRefusal {
  readonly reason: string;
  /** Of a `QueryError`; null of any other. */
  readonly code: QueryErrorCode | null;
  readonly host: HostInfo | null;
}

/** What went wrong where nobody waits for it. */
export interface ThreadError {
  readonly code: KafkaErrorCode;
  readonly category: ErrorCategory;
  readonly message: string;
}

/** What a thread tells. */
export type ThreadReport =
  | { readonly kind: 'figures'; readonly figures: ThreadFigures }
  | { readonly kind: 'listener'; readonly call: ListenerCall }
  | { readonly kind: 'error'; readonly error: ThreadError }
  /** It waits for a verdict. */
  | { readonly kind: 'uncaught'; readonly error: Error }
  /** `isAsked`: whether there was a verdict on it, or none is wanted. */
  | { readonly kind: 'failed'; readonly error: Error; readonly isAsked: boolean }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly number: number; readonly refusal: ThreadRefusal };
