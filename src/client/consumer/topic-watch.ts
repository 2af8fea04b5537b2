import { every } from '../../base/every.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { unref } from '../../base/unref.ts';
import { answerError, type KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { Metadata } from '../metadata/metadata.ts';
import type { ConsumerSettings } from './consumer-options.ts';

/** What asking again does not help against. */
const REFUSALS: readonly number[] = [
  ERROR.TOPIC_AUTHORIZATION_FAILED,
  ERROR.INVALID_TOPIC_EXCEPTION,
];
/** A topic that is made by the question about it is there a moment later. */
const MISSING: readonly number[] = [ERROR.UNKNOWN_TOPIC_OR_PARTITION, ERROR.LEADER_NOT_AVAILABLE];

/** Looks at what the brokers say of the topics that a consumer wants. */
export class TopicWatch {
  readonly #metadata: Metadata;
  readonly #settings: ConsumerSettings;
  readonly #onRefused: (error: KafkaError) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    metadata: Metadata,
    settings: ConsumerSettings,
    onRefused: (error: KafkaError) => void,
  ) {
    this.#metadata = metadata;
    this.#settings = settings;
    this.#onRefused = onRefused;
    metadata.onChange(() => this.#look());
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    let isMissing = false;
    for (const { name: topic, errorCode } of this.#metadata.topics()) {
      if (MISSING.includes(errorCode)) isMissing = true;
      if (!REFUSALS.includes(errorCode)) continue;
      this.#onRefused(answerError(errorCode, null, `topic ${topic}`, { topic }));
    }
    if (isMissing) this.#askAgain();
    else this.close();
  }

  /** Without it a topic that comes would be heard of at the age of the metadata, minutes later. */
  #askAgain(): void {
    const { retryBackoffMaxMs, onError } = this.#settings;
    if (this.#timer !== null) return;
    const timer = every(
      Math.max(1, retryBackoffMaxMs),
      () => this.#metadata.invalidate(),
      (thrown) => onError(toKafkaError(thrown)),
    );
    this.#timer = unref(timer);
  }
}
