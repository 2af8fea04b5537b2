import { isKafkaError, type KafkaError, toKafkaError } from '../../client/errors/kafka-error.ts';
import type { Producer } from '../../client/producer/producer.ts';
import type { BatchReport, TopicWriter } from '../../client/producer/topic-writer.ts';
import { topic } from '../../client/serde/topic.ts';
import type { Ending } from '../ending.ts';
import type { Progress } from '../progress.ts';

type Bytes = Uint8Array | null;
type Headers = readonly (readonly [string, Bytes])[];

/** Takes records no faster than the cluster does, and counts what became of them. */
export class RecordSink {
  delivered = 0;
  failed = 0;
  firstError: KafkaError | null = null;
  /** Records that were taken. */
  count = 0;
  readonly #writer: TopicWriter<Bytes, Bytes>;
  readonly #ending: Ending;
  readonly #progress: Progress;

  constructor(producer: Producer, name: string, ending: Ending, progress: Progress) {
    this.#writer = producer.to(topic(name), { onBatch: (report) => this.#onBatch(report) });
    this.#ending = ending;
    this.#progress = progress;
  }

  /** False asks the caller to await `ready()` before the next one. */
  put(key: Bytes, value: Bytes, headers: Headers | undefined): boolean {
    this.count++;
    this.#progress.records++;
    this.#progress.bytes += (key?.length ?? 0) + (value?.length ?? 0);
    try {
      return this.#writer.enqueue(key, value, headers);
    } catch (thrown) {
      this.#fail(toKafkaError(thrown), 1);
      return true;
    }
  }

  /** Resolves once there is room for more, or the command is to end. */
  async ready(): Promise<void> {
    try {
      await Promise.race([this.#writer.ready(), this.#ending.asked]);
    } catch (thrown) {
      // The records that wait are counted as each of them fails.
      this.firstError ??= toKafkaError(thrown);
      this.#ending.finish();
    }
  }

  /** What was sent in a transaction that did not commit did not arrive. */
  takeBack(): void {
    this.failed += this.delivered;
    this.delivered = 0;
    if (this.firstError === null) {
      this.firstError = toKafkaError(new Error('the transaction was aborted'));
    }
  }

  #onBatch({ count, error }: BatchReport): void {
    if (error === null) this.delivered += count;
    else this.#fail(error, count);
  }

  /** What is wrong with one record leaves the others their chance; anything else ends the work. */
  #fail(error: KafkaError, count: number): void {
    this.failed += count;
    this.firstError ??= error;
    const isOfRecord = isKafkaError(
      error,
      'MESSAGE_TOO_LARGE',
      'RECORD_LIST_TOO_LARGE',
      'INVALID_RECORD',
      'SERIALIZATION',
    );
    if (!isOfRecord) this.#ending.finish();
  }
}
