import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { Cancellable, PunctuationClock } from './node-context.ts';
import type { StateStore } from './state-store.ts';
import type { StoreSpec } from './store-spec.ts';
import type { StreamRecord } from './stream-record.ts';
import type { TaskId } from './task-id.ts';

/**
 * What a processor may leave out of a record that it sends on: it is taken from the one in hand.
 */
export interface ForwardedRecord<K, V> {
  readonly key: K;
  readonly value: V;
  /** By default that of the record in hand. */
  readonly timestamp?: number | undefined;
  /** By default those of the record in hand. */
  readonly headers?: RecordHeaders | undefined;
}

/** What every processor of the program sees of its task. */
export interface TaskView {
  readonly taskId: TaskId;
  readonly applicationId: string;
  /** Of the record in hand; undefined in a punctuation. */
  readonly recordMetadata:
    | { readonly topic: string; readonly partition: number; readonly offset: number }
    | undefined;
  /** The highest timestamp of the task so far; -1 before the first record. */
  readonly currentStreamTime: number;
  /** The task's clock. */
  readonly currentSystemTime: number;
  /** A store that the processor is connected to, or a global one. */
  store<S extends StateStore>(name: string): S;
  /** Calls `punctuate` every interval until it is cancelled. */
  schedule(
    intervalMs: number,
    clock: PunctuationClock,
    punctuate: (timestamp: number) => void,
  ): Cancellable;
  /** Asks for a commit soon. */
  commit(): void;
}

/** What a processor sees of its task. */
export interface ProcessorContext<KOut, VOut> extends TaskView {
  /** To every child, or to the one named. */
  forward(record: ForwardedRecord<KOut, VOut>, child?: string): void;
}

/** One task's processor. A promise from any of its methods is refused. */
export interface Processor<KIn, VIn, KOut = KIn, VOut = VIn> {
  /** Called once before the first record. */
  init?(context: ProcessorContext<KOut, VOut>): void;
  /** Called for each record, in the task's order. */
  process(record: StreamRecord<KIn, VIn>): void;
  /** Called once after the last record. */
  close?(): void;
}

/** Makes a processor for each task, and may bring the stores that it needs. */
export interface ProcessorSupplier<KIn, VIn, KOut = KIn, VOut = VIn> {
  /** A new processor at each call. */
  get(): Processor<KIn, VIn, KOut, VOut>;
  /** Added and connected with the processor. */
  readonly stores?: readonly StoreSpec[] | undefined;
}

/** A supplier, or only the function that makes a processor. */
export type ProcessorSource<KIn, VIn, KOut = KIn, VOut = VIn> =
  | ProcessorSupplier<KIn, VIn, KOut, VOut>
  | (() => Processor<KIn, VIn, KOut, VOut>);
