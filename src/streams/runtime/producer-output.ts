import { nextTurn } from '../../base/next-turn.ts';
import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import { isKafkaError, KafkaError, toKafkaError } from '../../client/errors/kafka-error.ts';
import type { Producer } from '../../client/producer/producer.ts';
import type { BatchReport, TopicWriter } from '../../client/producer/topic-writer.ts';
import type { Encoded } from '../../client/serde/serde.ts';
import { topic as rawTopic, type Topic } from '../../client/serde/topic.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { DeadLetter } from '../tasks/error-handlers.ts';
import { BY_KEY, type RecordSource, type TaskOutput } from '../tasks/task-output.ts';
import type { RefusedRecords, SentRecord } from './refused-records.ts';

/** The writer of one topic. */
interface Writer {
  readonly topic: RawTopic;
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
  /** Where a handler asks what becomes of it. */
  readonly sent: SentRecord | undefined;
}

const AS_IS = { isIdentity: true, serialize: (part: Encoded) => part, deserialize: () => null };

type RawTopic = Topic<Encoded, Encoded, unknown, unknown>;

/** What may wait for the next transaction before tasks wait too. */
const HELD_BYTES_MAX = 8 << 20;
/** Of a record that waits, beside its key and value. */
const HELD_BYTES = 200;

/** What is wrong with one record, be the producer as it may. */
const OF_RECORD = ['MESSAGE_TOO_LARGE', 'SERIALIZATION', 'BAD_ARGUMENT'] as const;

/** Writes what tasks give it through the producer of the application. */
export class ProducerOutput implements TaskOutput {
  /** What cannot be gone on with; nothing that was written since counts. */
  #failure: unknown = null;
  #producer: Producer;
  readonly #openProducer: () => Producer;
  readonly #countOf: (topic: string) => number;
  /** Behind what arrived last, by partition. */
  readonly #ends = new Map<string, number>();
  readonly #writers = new Map<string, Writer>();
  /** The last two of them: a task mostly writes to a changelog and to an output in turn. */
  #recent: Writer | null = null;
  #other: Writer | null = null;
  /** One record may lead to more than the producer has memory for, or wait for a transaction. */
  #held: Held[] = [];
  #heldBytes = 0;
  /** Whether the transaction ends, and the next one is not open yet. */
  #isHolding = false;
  #onRelease: (() => void) | null = null;
  #waitsFor: Writer | null = null;
  /** Null where no handler asks about refused records. */
  readonly #refused: RefusedRecords | null;
  /** Records whose outcome a handler may ask about. */
  #pending = 0;
  /** Since when `flush` waits, by `Date.now()`; infinite where it does not. */
  waitsSinceMs = Number.POSITIVE_INFINITY;

  constructor(
    openProducer: () => Producer,
    countOf: (topic: string) => number,
    refused: RefusedRecords | null,
  ) {
    this.#openProducer = openProducer;
    this.#producer = openProducer();
    this.#countOf = countOf;
    this.#refused = refused;
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
    this.#recent = null;
    this.#other = null;
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
    if (this.#failure !== null) return true;
    if (this.#isHolding) return this.#heldBytes >= HELD_BYTES_MAX;
    return this.#waitsFor !== null || this.#held.length > 0;
  }

  /** Resolves when there is room for more. Throws where there is no sense in more. */
  async ready(): Promise<void> {
    for (;;) {
      this.throwFailure();
      if (!this.isFull) return;
      if (this.#isHolding) {
        await new Promise<void>((resolve) => {
          this.#onRelease = resolve;
        });
        continue;
      }
      const waiting = this.#waitsFor ?? this.#held[0]!.writer;
      await waiting.to.ready();
      waiting.isKnown = true;
      this.#waitsFor = null;
      this.#writeHeld();
    }
  }

  /** What comes from now on belongs to the next transaction. */
  hold(): void {
    this.#isHolding = true;
  }

  /** The next transaction is open. */
  release(): void {
    this.#isHolding = false;
    this.#writeHeld();
    this.#wakeReady();
  }

  /** Nothing can be gone on with. */
  fail(thrown: unknown): void {
    this.#failure ??= thrown;
    this.#wakeReady();
  }

  send(
    topic: string,
    partition: number,
    key: Encoded,
    value: Encoded,
    timestamp: number,
    headers: RecordHeaders,
    source?: RecordSource,
  ): void {
    const writer = this.#writerOf(topic);
    const refused = this.#refused;
    if (refused !== null && source !== undefined) {
      const record = { topic, key: copyOf(key), value: copyOf(value) };
      const sent = refused.sent(source, record);
      const letters = refused.leftOut(sent);
      if (letters !== undefined) this.#sendLetters(letters);
      else if (this.#mustHold) this.#hold(writer, partition, key, value, timestamp, headers, sent);
      else this.#sendWatched(writer, sent, partition, timestamp, headers);
    } else if (this.#mustHold) {
      this.#hold(writer, partition, key, value, timestamp, headers);
    } else {
      this.#write(writer, partition, key, value, timestamp, headers);
    }
  }

  /** Records keep their order. */
  get #mustHold(): boolean {
    return this.#isHolding || this.#held.length > 0;
  }

  /** Resolves when all that was written has arrived; throws where some of it did not. */
  async flush(): Promise<void> {
    this.waitsSinceMs = Date.now();
    try {
      await this.ready();
      await this.#producer.flush();
      await this.known();
    } finally {
      this.waitsSinceMs = Number.POSITIVE_INFINITY;
    }
  }

  /** Resolves when the outcome of all that was written is known to the handlers too. */
  async known(): Promise<void> {
    while (this.#pending > 0) await nextTurn();
    this.throwFailure();
  }

  throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** What was written belongs to a transaction that is over. */
  forget(): void {
    this.#failure = null;
    this.#isHolding = false;
    this.#held = [];
    this.#heldBytes = 0;
    this.#waitsFor = null;
    this.#refused?.begin();
  }

  /** What was written is committed. */
  committed(): void {
    this.#refused?.committed();
  }

  #write(
    writer: Writer,
    partition: number,
    key: Encoded,
    value: Encoded,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const given = headers.size === 0 ? undefined : headers;
    const chosen = partition === BY_KEY ? undefined : partition;
    try {
      if (!writer.isKnown) {
        this.#writeFirst(writer, copyOf(key), copyOf(value), given, timestamp, chosen);
      } else if (!writer.to.enqueue(key, value, given, timestamp, chosen)) this.#waitsFor = writer;
    } catch (thrown) {
      if (!isKafkaError(thrown, 'BUFFER_FULL')) this.#refuse(thrown);
      else this.#hold(writer, partition, key, value, timestamp, headers);
    }
  }

  #writeHeld(): void {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const { writer, partition, key, value, timestamp, headers, sent } of held) {
      try {
        if (this.#held.length > 0) {
          this.#hold(writer, partition, key, value, timestamp, headers, sent);
        } else if (sent === undefined) {
          this.#write(writer, partition, key, value, timestamp, headers);
        } else {
          this.#sendWatched(writer, sent, partition, timestamp, headers);
        }
      } catch (thrown) {
        // Its task has gone on: only the handler of what is refused later can be asked.
        if (sent === undefined) this.#failure ??= thrown;
        else this.#onRefused(sent, toKafkaError(thrown));
      }
    }
  }

  #wakeReady(): void {
    const resolve = this.#onRelease;
    this.#onRelease = null;
    resolve?.();
  }

  /** Throws what is wrong with the record. What is wrong with the producer is for the loop. */
  #refuse(thrown: unknown): void {
    const isAbortable = thrown instanceof KafkaError && thrown.category === 'abortable';
    if (!isAbortable && isKafkaError(thrown, ...OF_RECORD)) throw thrown;
    this.#failure ??= thrown;
  }

  #sendWatched(
    { topic, to }: Writer,
    sent: SentRecord,
    partition: number,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const { key, value } = sent.record as { key: Encoded; value: Encoded };
    const chosen = partition === BY_KEY ? {} : { partition };
    const given = headers.size === 0 ? {} : { headers };
    try {
      const receipt = this.#producer.send(topic, { key, value, timestamp, ...chosen, ...given });
      this.#pending++;
      receipt.toldElsewhere().whenKnown(
        () => {
          this.#pending--;
        },
        (thrown) => {
          this.#pending--;
          this.#onRefused(sent, toKafkaError(thrown));
        },
      );
      if (!this.#producer.hasRoom) this.#waitsFor = { topic, to, isKnown: true };
    } catch (thrown) {
      this.#refuse(thrown);
    }
  }

  #onRefused(sent: SentRecord, error: KafkaError): void {
    try {
      const { failure, deadLetters } = this.#refused!.refused(sent, error);
      this.#sendLetters(deadLetters);
      this.#failure ??= failure;
    } catch (thrown) {
      // The handler itself failed.
      this.#failure ??= thrown;
    }
  }

  #sendLetters(letters: readonly DeadLetter[]): void {
    for (const { topic, key, value, timestamp, headers } of letters) {
      this.send(topic, BY_KEY, key, value, timestamp, headers);
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
    sent?: SentRecord,
  ): void {
    const kept = { key: copyOf(key), value: copyOf(value) };
    this.#held.push({ writer, partition, ...kept, timestamp, headers, sent });
    this.#heldBytes += HELD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  }

  #writerOf(name: string): Writer {
    const recent = this.#recent;
    if (recent !== null && recent.topic.name === name) return recent;
    const other = this.#other;
    if (other !== null && other.topic.name === name) return other;
    const writer = this.#writers.get(name) ?? this.#open(name);
    this.#other = recent;
    this.#recent = writer;
    return writer;
  }

  #open(name: string): Writer {
    const onBatch = (report: BatchReport) => {
      const { count, error, baseOffset } = report;
      if (error !== null) this.#failure ??= error;
      else if (baseOffset >= 0) this.#ends.set(partitionName(report), baseOffset + count);
    };
    const topic = rawTopic(name, { key: AS_IS, value: AS_IS });
    const to = this.#producer.to(topic, { onBatch });
    const writer = { topic, to, isKnown: false };
    this.#writers.set(name, writer);
    return writer;
  }
}

function copyOf(part: Encoded): Encoded {
  return part instanceof Uint8Array ? new Uint8Array(part) : part;
}
