import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { RecordOrigin } from './record-origin.ts';
import type { StateStore } from './state-store.ts';
import type { TaskId } from './task-id.ts';

/** `stream-time` follows the records, `wall-clock` the clock of the task. */
export type PunctuationClock = 'stream-time' | 'wall-clock';

/** A punctuation that can be ended. */
export interface Cancellable {
  /** No call comes after this one. */
  cancel(): void;
}

/** Why a record is dropped. Each reason counts into Kafka's `dropped-records` metric. */
export type DropReason =
  | 'null-key'
  | 'null-key-or-value'
  | 'null-join-key'
  | 'null-foreign-key'
  | 'late-window'
  | 'late-session'
  | 'late-table-version'
  | 'stale-response'
  | 'negative-timestamp';

/**
 * What an operator sees of its task. The task makes one for each node. While a record is processed,
 * the context says where it came from; in a punctuation topic is '' and partition and offset are
 * -1.
 */
export interface NodeContext {
  readonly taskId: TaskId;
  readonly applicationId: string;
  /** The name of this node. */
  readonly node: string;
  /** To every child, in the order in which they were added. */
  forward(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void;
  /** To the child of this name; an unknown name throws. */
  forwardTo(
    child: string,
    key: unknown,
    value: unknown,
    timestamp: number,
    headers: RecordHeaders,
  ): void;
  /** A store that this node is connected to, or a global one. Others throw. */
  store<S extends StateStore>(name: string): S;
  /** Of the record in hand: it changes with each record. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Of the record in hand, as the node above forwarded it. */
  readonly timestamp: number;
  readonly headers: RecordHeaders;
  /** The highest timestamp that the task has taken, the record in hand included; -1 before. */
  readonly streamTime: number;
  /** The task's clock: virtual in the test driver. */
  systemTime(): number;
  /** Calls again and again until it is cancelled or the task is closed. */
  schedule(
    intervalMs: number,
    clock: PunctuationClock,
    punctuate: (timestamp: number) => void,
  ): Cancellable;
  /** Asks for a commit soon. */
  commit(): void;
  /** Runs with another record in hand: one that was held back, and its origin with it. */
  withOrigin(origin: RecordOrigin, run: () => void): void;
  /**
   * Calls `step` until it says false. Where there is no room for more results the rest follows in
   * later turns, before the task takes its next record. So one record may lead to millions.
   */
  spread(step: () => boolean): void;
  /** A number that the task keeps with its committed offsets, so that it moves with the task. */
  processorMetadata(key: string): number | undefined;
  setProcessorMetadata(key: string, value: number): void;
  /**
   * The least time between two emissions of closed windows or of unmatched join results, by the
   * task's clock: 1000 as in Kafka, whose own tests set it to 0.
   */
  readonly emitIntervalMs: number;
  /** Counts the record in hand as dropped, and logs the first ones of each reason. */
  dropped(reason: DropReason): void;
  /** Counts a result that was held back, by a suppression or an open window, and goes on now. */
  emitted(what: 'suppressed' | 'closed'): void;
  /** Measures how long it took to let results go whose windows closed together. */
  closingTook(ms: number): void;
}
