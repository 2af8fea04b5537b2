import { inBackground } from '../../base/in-background.ts';
import { type KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { Producer } from '../producer/producer.ts';
import type { ProducerRecord } from '../producer/producer-record.ts';
import type { Topic } from '../serde/topic.ts';

/** Takes the records of a stream to a topic, as fast as the producer has room for them. */
export class StreamSink<Key, Value> {
  readonly #producer: Producer;
  readonly #topic: Topic<Key, Value, unknown, unknown>;
  readonly #onFailure: (error: KafkaError) => void;
  #failure: KafkaError | null = null;

  constructor(
    producer: Producer,
    topic: Topic<Key, Value, unknown, unknown>,
    onFailure: (error: KafkaError) => void,
  ) {
    this.#producer = producer;
    this.#topic = topic;
    this.#onFailure = onFailure;
  }

  /** Resolves once there is room for another record, not once this one has arrived. */
  async write(record: ProducerRecord<Key, Value>): Promise<void> {
    const receipt = this.#producer.send(this.#topic, record);
    inBackground(receipt.promise(), (thrown) => this.#fail(thrown));
    if (!this.#producer.hasRoom) await this.#producer.ready(this.#topic.name);
  }

  /** Resolves once all have arrived. Throws where one has not. */
  async end(): Promise<void> {
    await this.#producer.flush();
    // The receipts of the last batches are told after the flush that waited for them.
    await new Promise(setImmediate);
    if (this.#failure !== null) throw this.#failure;
  }

  #fail(thrown: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = toKafkaError(thrown);
    this.#onFailure(this.#failure);
  }
}
