import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import { isKafkaError, type KafkaError } from '../../client/errors/kafka-error.ts';
import type { Producer } from '../../client/producer/producer.ts';
import type { BatchReport, TopicWriter } from '../../client/producer/topic-writer.ts';
import type { Encoded } from '../../client/serde/serde.ts';
import { topic as rawTopic } from '../../client/serde/topic.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import { BY_KEY, type TaskOutput } from '../tasks/task-output.ts';

/** The writer of one topic. */
interface Writer {
  readonly to: TopicWriter<Encoded, Encoded>;
  /** Until the topic is known, what the writer takes is kept, so it must be copied. */
  isKnown: boolean;
}

/** A record that found no memory. */
interface Held {
  readonly writer: Writer;
  readonly partition: number;
  readonly key: Encoded;
  readonly value: Encoded;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
}

const AS_IS = { isIdentity: true, serialize: (part: Encoded) => part, deserialize: () => null };

/** Writes what tasks give it through the producer of the application. */
export class ProducerOutput implements TaskOutput {
  /** What a broker refused; nothing that was written since counts. */
  #failure: KafkaError | null = null;
  #producer: Producer;
  readonly #openProducer: () => Producer;
  readonly #countOf: (topic: string) => number;
  /** Behind what arrived last, by partition. */
  readonly #ends = new Map<string, number>();
  readonly #writers = new Map<string, Writer>();
  /** One record may lead to more than the producer has memory for. */
  #held: Held[] = [];
  #waitsFor: Writer | null = null;

  constructor(openProducer: () => Producer, countOf: (topic: string) => number) {
    this.#openProducer = openProducer;
    this.#producer = openProducer();
    this.#countOf = countOf;
  }

  /** Replaced by another where it cannot go on. */
  get producer(): Producer {
    return this.#producer;
  }

  /** Goes on with a new producer: the old one was fenced, or its outcome is not known. */
  async replace(): Promise<void> {
    await this.#producer.close({ timeoutMs: 0 });
    this.#producer = this.#openProducer();
    this.#writers.clear();
    this.forget();
  }

  async close(timeoutMs: number): Promise<void> {
    await this.#producer.close({ timeoutMs });
  }

  partitionCount(topic: string): number {
    return this.#countOf(topic);
  }

  /** The offset behind what was written to a partition last; undefined where nothing was. */
  endOf(at: TopicPartition): number | undefined {
    return this.#ends.get(partitionName(at));
  }

  /** Whether no more records should be processed before `ready`. */
  get isFull(): boolean {
    return this.#waitsFor !== null || this.#held.length > 0;
  }

  /** Resolves when there is room for more. */
  async ready(): Promise<void> {
    while (this.isFull) {
      const waiting = this.#waitsFor ?? this.#held[0]!.writer;
      await waiting.to.ready();
      waiting.isKnown = true;
      this.#waitsFor = null;
      const held = this.#held;
      this.#held = [];
      for (const { writer, partition, key, value, timestamp, headers } of held) {
        this.#write(writer, partition, key, value, timestamp, headers);
      }
    }
  }

  send(
    topic: string,
    partition: number,
    key: Encoded,
    value: Encoded,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const writer = this.#writers.get(topic) ?? this.#open(topic);
    this.#write(writer, partition, key, value, timestamp, headers);
  }

  /** Resolves when all that was written has arrived; throws where some of it did not. */
  async flush(): Promise<void> {
    await this.ready();
    await this.#producer.flush();
    this.throwFailure();
  }

  throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** What was written belongs to a transaction that is over. */
  forget(): void {
    this.#failure = null;
    this.#held = [];
    this.#waitsFor = null;
  }

  #write(
    writer: Writer,
    partition: number,
    key: Encoded,
    value: Encoded,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    if (this.#held.length > 0) {
      this.#hold(writer, partition, key, value, timestamp, headers);
      return;
    }
    const given = headers.size === 0 ? undefined : headers;
    const chosen = partition === BY_KEY ? undefined : partition;
    try {
      if (!writer.isKnown) {
        this.#writeFirst(writer, copyOf(key), copyOf(value), given, timestamp, chosen);
      } else if (!writer.to.enqueue(key, value, given, timestamp, chosen)) this.#waitsFor = writer;
    } catch (thrown) {
      if (!isKafkaError(thrown, 'BUFFER_FULL')) throw thrown;
      this.#hold(writer, partition, key, value, timestamp, headers);
    }
  }

  #writeFirst(
    writer: Writer,
    key: Encoded,
    value: Encoded,
    headers: RecordHeaders | undefined,
    timestamp: number,
    partition: number | undefined,
  ): void {
    writer.isKnown = writer.to.enqueue(key, value, headers, timestamp, partition);
    if (!writer.isKnown) this.#waitsFor = writer;
  }

  #hold(
    writer: Writer,
    partition: number,
    key: Encoded,
    value: Encoded,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const kept = { key: copyOf(key), value: copyOf(value) };
    this.#held.push({ writer, partition, ...kept, timestamp, headers });
  }

  #open(name: string): Writer {
    const onBatch = (report: BatchReport) => {
      const { count, error, baseOffset } = report;
      if (error !== null) this.#failure ??= error;
      else if (baseOffset >= 0) this.#ends.set(partitionName(report), baseOffset + count);
    };
    const to = this.#producer.to(rawTopic(name, { key: AS_IS, value: AS_IS }), { onBatch });
    const writer = { to, isKnown: false };
    this.#writers.set(name, writer);
    return writer;
  }
}

function copyOf(part: Encoded): Encoded {
  return part instanceof Uint8Array ? new Uint8Array(part) : part;
}
