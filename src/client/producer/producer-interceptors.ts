import { KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { BatchOutcome, RecordMetadata } from './batch-outcome.ts';
import type { RecordHeaders } from './record-headers.ts';

/** A record on its way, before its key and value are serialized. */
export interface InterceptedRecord {
  readonly key?: unknown;
  readonly value: unknown;
  readonly headers?: RecordHeaders;
  readonly timestamp?: number;
  readonly partition?: number;
}

/** Sees each record of a producer. What it throws is told to `onError`; the record goes on. */
export interface ProducerInterceptor {
  /** May return another record in place of this one. */
  onSend?(record: InterceptedRecord, topic: string): InterceptedRecord | undefined;
  /** Called once for each record, as soon as it is known what became of it. */
  onAcknowledgement?(metadata: RecordMetadata, error: KafkaError | null): void;
}

const NOWHERE = -1;

/** The interceptors of one producer in their order. */
export class ProducerInterceptors {
  readonly #interceptors: readonly ProducerInterceptor[];
  readonly #onError: (error: KafkaError) => void;

  constructor(interceptors: readonly ProducerInterceptor[], onError: (error: KafkaError) => void) {
    this.#interceptors = interceptors;
    this.#onError = onError;
  }

  /** Each gets what the one before it has returned. */
  onSend<R extends InterceptedRecord>(record: R, topic: string): R {
    let current: InterceptedRecord = record;
    for (const each of this.#interceptors) {
      try {
        current = each.onSend?.(current, topic) ?? current;
      } catch (thrown) {
        this.#report('onSend', thrown);
      }
    }
    return current as R;
  }

  onDone(outcome: BatchOutcome): void {
    // A batch that went in parts is told by its parts.
    if (outcome.hasParts) return;
    for (let i = 0; i < outcome.count; i++) this.#tell(outcome.metadataOf(i), outcome.errorOf(i));
  }

  /** A record that never came into a batch. */
  onUnsent(topic: string, partition: number, error: KafkaError): void {
    const nowhere = { offset: NOWHERE, timestamp: NOWHERE, logStartOffset: NOWHERE };
    this.#tell({ topic, partition, ...nowhere }, error);
  }

  #tell(metadata: RecordMetadata, error: KafkaError | null): void {
    for (const each of this.#interceptors) {
      try {
        each.onAcknowledgement?.(metadata, error);
      } catch (thrown) {
        this.#report('onAcknowledgement', thrown);
      }
    }
  }

  #report(what: string, thrown: unknown): void {
    const { code, message } = toKafkaError(thrown);
    this.#onError(new KafkaError(code, `an interceptor's ${what}: ${message}`, { cause: thrown }));
  }
}

/** Null without interceptors, so that records cost no call. */
export function interceptorsOf(settings: {
  readonly interceptors: readonly ProducerInterceptor[];
  readonly onError: (error: KafkaError) => void;
}): ProducerInterceptors | null {
  const { interceptors, onError } = settings;
  return interceptors.length === 0 ? null : new ProducerInterceptors(interceptors, onError);
}
