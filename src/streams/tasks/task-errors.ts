import { reasonOf } from '../../base/errors.ts';
import { toKafkaError } from '../../client/errors/kafka-error.ts';
import { isDamagedState } from '../state/is-damaged-state.ts';
import { type TaskId, taskIdText } from '../topology/task-id.ts';
import type { DeadLetter, ErrorContext, ErrorResponse } from './error-handlers.ts';
import type { RecordChunk } from './record-chunk.ts';
import type { RecordInHand } from './record-in-hand.ts';
import type { RecordQueue } from './record-queue.ts';
import { StreamsError } from './streams-error.ts';
import type { TaskEnvironment } from './task-environment.ts';
import { BY_KEY, type OutgoingRecord } from './task-output.ts';

/** What the application says of a record that was refused. */
export interface ProductionVerdict {
  /** `retry` begins again from the last commit. */
  readonly result: 'fail' | 'resume' | 'retry';
  readonly deadLetters: readonly DeadLetter[];
  /** What to end with where the result is `fail`. */
  readonly failure: StreamsError;
}

/** Asks the handlers of the application what becomes of a record that failed. */
export class TaskErrors {
  readonly #id: TaskId;
  readonly #environment: TaskEnvironment;
  readonly #hand: RecordInHand;

  constructor(id: TaskId, environment: TaskEnvironment, hand: RecordInHand) {
    this.#id = id;
    this.#environment = environment;
    this.#hand = hand;
  }

  /** Of a record whose bytes cannot be read. Throws where the task must end. */
  unreadable(queue: RecordQueue, chunk: RecordChunk, i: number, error: unknown): void {
    const { topic, partition, source } = queue;
    const node = source.name;
    const offset = chunk.offset(i);
    const at = { task: this.#task, node, topic, partition, offset };
    const context = {
      ...at,
      timestamp: chunk.timestamp(i),
      headers: chunk.headers(i),
      keyBytes: chunk.keyBytes(i),
      valueBytes: chunk.valueBytes(i),
    };
    const response = this.#ask('deserialization', node, () => {
      return this.#environment.handlers.deserialization(context, error);
    });
    this.#report(response);
    if (response.result !== 'resume') {
      const what = `record ${offset} of ${topic}-${partition} cannot be read`;
      throw new StreamsError(`${what}: ${reasonOf(error)}`, at, error);
    }
    this.#environment.onDropped(this.#id, node, 'deserialization');
  }

  /** Of a record that a node threw at. Throws where the task must end. */
  unprocessed(node: string, key: unknown, value: unknown, error: unknown): void {
    // It was asked about already, or it ends the task in any case.
    if (error instanceof StreamsError) throw error;
    // The task begins anew with another store.
    if (isDamagedState(error)) throw this.#failure(node, error);
    const context = this.contextOf(node);
    const response = this.#ask('processing', node, () => {
      return this.#environment.handlers.processing(context, { key, value }, error);
    });
    this.#report(response);
    if (response.result !== 'resume') throw this.#failure(node, error);
    this.#environment.onDropped(this.#id, node, 'error');
  }

  /** Of a record that a sink cannot write. Throws where the task must end. */
  unwritable(node: string, record: OutgoingRecord, error: unknown): void {
    const verdict = this.refused(this.contextOf(node), record, error);
    this.#report(verdict);
    if (verdict.result !== 'resume') throw verdict.failure;
  }

  /** Of a record that was refused. Only faults that may pass can be tried again. */
  refused(context: ErrorContext, record: OutgoingRecord, error: unknown): ProductionVerdict {
    const { node, task, topic, partition, offset } = context;
    const response = this.#ask('production', node, () => {
      return this.#environment.handlers.production(context, record, error);
    });
    const isFinal = response.result === 'retry' && !toKafkaError(error).retriable;
    const result = isFinal ? 'fail' : response.result;
    if (result === 'resume') this.#environment.onDropped(this.#id, node, 'error');
    const what = `sink ${node} cannot write a record for topic ${record.topic}`;
    const place = { task, node, topic, partition, offset };
    const failure = new StreamsError(`${what}: ${reasonOf(error)}`, place, error);
    return { result, deadLetters: response.deadLetters ?? [], failure };
  }

  /** What ends the task, with the place where it came up. */
  #failure(node: string, error: unknown): StreamsError {
    const { topic, partition, offset } = this.#hand;
    const where = `taskId=${this.#task}, processor=${node}`;
    const record = topic === '' ? '' : `, topic=${topic}, partition=${partition}, offset=${offset}`;
    return new StreamsError(`${where}${record}: ${reasonOf(error)}`, this.#place(node), error);
  }

  get #task(): string {
    return taskIdText(this.#id);
  }

  #place(node: string) {
    const { topic, partition, offset } = this.#hand;
    return { task: this.#task, node, topic, partition, offset };
  }

  /** Where the record in hand came from. */
  contextOf(node: string): ErrorContext {
    const { timestamp, headers, chunk, index } = this.#hand;
    const keyBytes = chunk?.keyBytes(index) ?? null;
    const valueBytes = chunk?.valueBytes(index) ?? null;
    return { ...this.#place(node), timestamp, headers, keyBytes, valueBytes };
  }

  #ask(kind: string, node: string, ask: () => ErrorResponse): ErrorResponse {
    try {
      return ask();
    } catch (thrown) {
      const what = `the ${kind} handler failed: ${reasonOf(thrown)}`;
      throw new StreamsError(what, this.#place(node), thrown);
    }
  }

  #report({ deadLetters = [] }: Pick<ErrorResponse, 'deadLetters'>): void {
    for (const { topic, key, value, timestamp, headers } of deadLetters) {
      this.#environment.output.send(topic, BY_KEY, key, value, timestamp, headers);
    }
  }
}
