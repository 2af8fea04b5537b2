import type { ConsumerRecord } from '../records/consumer-record.ts';
import { attemptOf, deadLetterHeaders, type Headers, retryHeaders } from './failure-headers.ts';
import { backOffOf, deadLetterTopic, retryTopic } from './retry-names.ts';
import type { RetrySettings } from './run-options.ts';
import type { SideTopics } from './side-topics.ts';

export interface FailedRecordsOptions {
  readonly retry: RetrySettings;
  /** Null where records that fail end the run. */
  readonly side: SideTopics | null;
  readonly hasDeadLetters: boolean;
  readonly groupId: string | null;
  /** What the names of the topics that are read end with, after the name of the main topic. */
  readonly suffix: string;
  /** How many partitions a main topic has, for those that are made beside it. */
  readonly partitionsOf: (topic: string) => number;
}

/** Sends records that failed to where they wait for another attempt, or for somebody to look. */
export class FailedRecords {
  readonly #options: FailedRecordsOptions;

  constructor(options: FailedRecordsOptions) {
    this.#options = options;
  }

  /** Whether attempts after the first one take place in topics of their own. */
  get usesTopics(): boolean {
    return this.#options.retry.topics;
  }

  get hasDeadLetters(): boolean {
    return this.#options.hasDeadLetters;
  }

  attemptOf<K, V>(record: ConsumerRecord<K, V>): number {
    return this.usesTopics ? attemptOf(record) : 1;
  }

  /** False where its attempts are used up. */
  async retryLater<K, V>(record: ConsumerRecord<K, V>, thrown: unknown): Promise<boolean> {
    const { retry, groupId } = this.#options;
    const attempt = attemptOf(record);
    if (!retry.topics || attempt >= retry.attempts) return false;
    const main = this.#mainOf(record);
    const dueMs = Date.now() + backOffOf(retry, attempt - 1);
    const headers = retryHeaders(record, groupId, thrown, dueMs);
    await this.#send(main, retryTopic(main, attempt - 1), record, headers);
    return true;
  }

  async sendDeadLetter<K, V>(record: ConsumerRecord<K, V>, thrown: unknown): Promise<void> {
    const { groupId } = this.#options;
    const main = this.#mainOf(record);
    const headers = this.usesTopics
      ? retryHeaders(record, groupId, thrown, Date.now())
      : deadLetterHeaders(record, groupId, thrown);
    await this.#send(main, deadLetterTopic(main), record, headers);
  }

  #mainOf<K, V>({ topic }: ConsumerRecord<K, V>): string {
    const { suffix } = this.#options;
    return topic.slice(0, topic.length - suffix.length);
  }

  async #send<K, V>(
    main: string,
    name: string,
    record: ConsumerRecord<K, V>,
    headers: Headers,
  ): Promise<void> {
    const side = this.#options.side!;
    await side.require(name, this.#options.partitionsOf(main));
    await side.send(name, record, headers);
  }
}
