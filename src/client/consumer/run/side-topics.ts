import { isKafkaError, type KafkaError } from '../../errors/kafka-error.ts';
import { type Topic, topic as typedTopic } from '../../serde/topic.ts';
import type { ConsumerRecord } from '../records/consumer-record.ts';
import type { NullableBytes } from '../records/record-readers.ts';
import type { Headers } from './failure-headers.ts';

type Bytes = Uint8Array | null;

/** What is needed of a Producer to send records that nobody could handle. */
export interface DeadLetterProducer {
  send(
    topic: Topic<Bytes, Bytes, unknown, unknown>,
    record: {
      readonly key: Bytes;
      readonly value: Bytes;
      readonly headers: Headers;
      readonly partition?: number;
    },
  ): PromiseLike<unknown>;
}

/** Makes topics with so many partitions where they are not there yet. */
export type MakeTopics = (names: readonly string[], partitions: number) => Promise<void>;

/** The topics beside a topic that take the records which failed: for a retry, or for good. */
export class SideTopics {
  readonly #producer: DeadLetterProducer;
  readonly #make: MakeTopics | null;
  readonly #made = new Map<string, Promise<void>>();

  /** Without `make` the topics are there, or the broker makes them. */
  constructor(producer: DeadLetterProducer, make: MakeTopics | null) {
    this.#producer = producer;
    this.#make = make;
  }

  /** Asks once for each topic. */
  async require(name: string, partitions: number): Promise<void> {
    if (this.#make === null) return;
    let making = this.#made.get(name);
    if (making === undefined) {
      making = this.#make([name], partitions);
      this.#made.set(name, making);
    }
    try {
      await making;
    } catch (thrown) {
      this.#made.delete(name);
      throw thrown;
    }
  }

  /** Resolves once the record is stored, in the partition of the same number where there is one. */
  async send<K, V>(name: string, record: ConsumerRecord<K, V>, headers: Headers): Promise<void> {
    const topic = typedTopic<NullableBytes, NullableBytes>(name);
    const { keyBytes: key, valueBytes: value, partition } = record;
    try {
      await this.#producer.send(topic, { key, value, headers, partition });
    } catch (thrown) {
      if (!isMissingPartition(thrown)) throw thrown;
      await this.#producer.send(topic, { key, value, headers });
    }
  }
}

function isMissingPartition(thrown: unknown): boolean {
  return (
    isKafkaError(thrown, 'BAD_ARGUMENT') && (thrown as KafkaError).message.includes('partition')
  );
}
