import type { DropReason } from '../topology/node-context.ts';
import type { StateStore } from '../topology/state-store.ts';
import type { AnySerde, StoreSpec } from '../topology/store-spec.ts';
import type { TaskId } from '../topology/task-id.ts';
import type { TimestampExtractor } from '../topology/topology-plan.ts';
import type { ErrorHandlers } from './error-handlers.ts';
import type { TaskOutput } from './task-output.ts';

/** What all tasks of an application have in common. */
export interface TaskEnvironment {
  readonly applicationId: string;
  readonly output: TaskOutput;
  /** Of sources and sinks that name no serde of their own. */
  readonly defaultKey: AnySerde | undefined;
  readonly defaultValue: AnySerde | undefined;
  /** Undefined takes the timestamps of the records, and a negative one ends the task. */
  readonly defaultExtractor: TimestampExtractor | undefined;
  readonly handlers: ErrorHandlers;
  /** The least time between two emissions of closed windows; see `NodeContext`. */
  readonly emitIntervalMs: number;
  /** Milliseconds of the wall clock, which may be a virtual one. */
  now(): number;
  makeStore(spec: StoreSpec): StateStore;
  /** Under their names; they are open already. */
  readonly globalStores: ReadonlyMap<string, StateStore>;
  /** Of a task that is being made; undefined keeps its state in memory only. */
  directoryOf(task: TaskId): string | undefined;
  /** The task has closed its files, and another thread may open them. */
  leaveDirectory?(task: TaskId): void;
  /** Asks whoever owns the tasks to call `settle` soon. */
  wake(): void;
  /** Told of each record that is left out. */
  onDropped(task: TaskId, node: string, reason: DropReason | 'deserialization' | 'error'): void;
}
