import { KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { OffsetToCommit } from './offsets/group-offsets.ts';
import type { RecordBatch } from './records/record-batch.ts';

/** Sees what a consumer reads and commits. What it throws is told to `onError`, and that is all. */
export interface ConsumerInterceptor {
  /** Called before a batch is handed out, once each time that it is fetched. */
  onConsume?(batch: RecordBatch<unknown, unknown>): void;
  /** Called once the group has the offsets. */
  onCommit?(offsets: readonly OffsetToCommit[]): void;
}

/** The interceptors of one consumer in their order. */
export class ConsumerInterceptors {
  readonly #interceptors: readonly ConsumerInterceptor[];
  readonly #onError: (error: KafkaError) => void;

  constructor(interceptors: readonly ConsumerInterceptor[], onError: (error: KafkaError) => void) {
    this.#interceptors = interceptors;
    this.#onError = onError;
  }

  onConsume(batch: RecordBatch<unknown, unknown>): void {
    for (const each of this.#interceptors) {
      try {
        each.onConsume?.(batch);
      } catch (thrown) {
        this.#report('onConsume', thrown);
      }
    }
  }

  onCommit(offsets: readonly OffsetToCommit[]): void {
    for (const each of this.#interceptors) {
      try {
        each.onCommit?.(offsets);
      } catch (thrown) {
        this.#report('onCommit', thrown);
      }
    }
  }

  #report(what: string, thrown: unknown): void {
    const { code, message } = toKafkaError(thrown);
    this.#onError(new KafkaError(code, `an interceptor's ${what}: ${message}`, { cause: thrown }));
  }
}

export function consumerInterceptorsOf(settings: {
  readonly interceptors: readonly ConsumerInterceptor[];
  readonly onError: (error: KafkaError) => void;
}): ConsumerInterceptors | null {
  const { interceptors, onError } = settings;
  return interceptors.length === 0 ? null : new ConsumerInterceptors(interceptors, onError);
}
