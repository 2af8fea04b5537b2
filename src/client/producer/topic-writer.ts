import { KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { Encoded, Serde } from '../serde/serde.ts';
import type { Topic } from '../serde/topic.ts';
import type { Batch } from './batch.ts';
import type { BatchOutcome } from './batch-outcome.ts';
import type { HeldRecords } from './held-records.ts';
import type { SendOptions } from './producer-record.ts';
import { encodeHeaders, type RecordHeaders } from './record-headers.ts';
import type { TopicRoute } from './topic-route.ts';

/** What became of a batch of enqueued records. */
export interface BatchReport {
  readonly topic: string;
  readonly partition: number;
  /** How many records, those of others who wrote to the same batch included. */
  readonly count: number;
  /** Null where all of them were appended. */
  readonly error: KafkaError | null;
  /** -1 with an error, with acks=0, and where the broker had the batch already. */
  readonly baseOffset: number;
}

/** What a writer tells, and to whom. */
export interface WriterOptions {
  /** Called once a batch; without it, failures go to the producer's `onError`. */
  readonly onBatch?: (report: BatchReport) => void;
}

/** What a writer has of its producer. */
export interface WriterHost {
  /** The time in the records that have none, read once a turn of the event loop. */
  wallMs(): number;
  /** Throws where nothing may be written now. */
  requireWritable(): void;
  readonly hasRoom: boolean;
  readonly isFull: boolean;
  ready(topic: string, options: SendOptions): Promise<void>;
  onError(error: KafkaError): void;
}

const NO_PARTITION = -1;

/**
 * Writes to one topic without an object, closure or promise a record. Serializers and partitioner
 * are bound once.
 */
export class TopicWriter<Key, Value> {
  readonly #topic: Topic<Key, Value, unknown, unknown>;
  readonly #route: TopicRoute;
  readonly #held: HeldRecords;
  readonly #host: WriterHost;
  readonly #keySerde: Serde<Key, unknown> | null;
  readonly #valueSerde: Serde<Value, unknown> | null;
  readonly #onBatch: ((report: BatchReport) => void) | null;
  /** The batch of each partition that this writer has reported its interest in. */
  readonly #seen: (Batch | undefined)[] = [];
  /** The same for all batches, so that none needs a closure of its own. */
  readonly #onDone = ({ topic, partition, count, error, baseOffset }: BatchOutcome): void => {
    this.#report({ topic, partition, count, error, baseOffset: error === null ? baseOffset : -1 });
  };

  constructor(
    topic: Topic<Key, Value, unknown, unknown>,
    route: TopicRoute,
    held: HeldRecords,
    host: WriterHost,
    options: WriterOptions,
  ) {
    this.#topic = topic;
    this.#route = route;
    this.#held = held;
    this.#host = host;
    this.#keySerde = topic.key.isIdentity === true ? null : topic.key;
    this.#valueSerde = topic.value.isIdentity === true ? null : topic.value;
    this.#onBatch = options.onBatch ?? null;
  }

  /**
   * Puts a record into the batch of its partition. False asks the caller to await `ready()` before
   * the next one. Throws BUFFER_FULL where the caller did not, and the memory is used up. Without a
   * partition, the partitioner chooses.
   */
  enqueue(
    key: Key,
    value: Value,
    headers?: RecordHeaders,
    timestamp?: number,
    partition: number = NO_PARTITION,
  ): boolean {
    const { name } = this.#topic;
    this.#host.requireWritable();
    const keySerde = this.#keySerde;
    const valueSerde = this.#valueSerde;
    // Null is a tombstone in every type.
    const keyBytes = keySerde === null || key === null ? key : keySerde.serialize(key, name);
    const valueBytes =
      valueSerde === null || value === null ? value : valueSerde.serialize(value, name);
    const encodedKey = checked(keyBytes);
    const encodedValue = checked(valueBytes);
    const encoded = headers === undefined ? null : encodeHeaders(headers);
    const time = timestamp === undefined ? this.#host.wallMs() : timestamp;
    if (this.#held.count > 0 || !this.#route.isKnown) {
      return this.#hold(encodedKey, encodedValue, encoded, time, partition);
    }
    const batch = this.#route.append(encodedKey, encodedValue, encoded, time, partition);
    const { partition: chosen } = batch.outcome;
    if (this.#seen[chosen] !== batch) this.#watch(chosen, batch);
    return this.#host.hasRoom;
  }

  /** Resolves once there is room for more. Rejects where the topic does not exist. */
  ready(options: SendOptions = {}): Promise<void> {
    return this.#host.ready(this.#topic.name, options);
  }

  #hold(
    key: Encoded,
    value: Encoded,
    headers: Uint8Array | null,
    timestamp: number,
    partition: number,
  ): boolean {
    if (this.#held.count >= HELD_MAX || this.#host.isFull) {
      const topic = this.#topic.name;
      const what = `topic ${topic}: ready() must be awaited where enqueue has returned false`;
      throw new KafkaError('BUFFER_FULL', what, { topic });
    }
    this.#held.hold({
      key,
      value,
      headers,
      timestamp,
      partition,
      onTaken: (batch) => this.#watch(batch.outcome.partition, batch),
      onFailed: (error) => this.#reportHeld(error),
    });
    return false;
  }

  #reportHeld(error: KafkaError): void {
    if (this.#onBatch === null) {
      this.#host.onError(error);
      return;
    }
    const { name: topic } = this.#topic;
    this.#report({ topic, partition: NO_PARTITION, count: 1, error, baseOffset: -1 });
  }

  #watch(partition: number, batch: Batch): void {
    if (this.#seen[partition] === batch) return;
    this.#seen[partition] = batch;
    if (this.#onBatch === null) return;
    batch.outcome.isWatched = true;
    batch.outcome.whenDone(this.#onDone);
  }

  #report(report: BatchReport): void {
    try {
      this.#onBatch!(report);
    } catch (thrown) {
      this.#host.onError(toKafkaError(thrown));
    }
  }
}

/** Records that may wait for a topic whose metadata is not there yet. */
const HELD_MAX = 10_000;

/** Serializers and callers without types may bring anything. */
function checked(part: unknown): Encoded {
  if (typeof part === 'string' || part instanceof Uint8Array) return part;
  if (part === null || part === undefined) return null;
  throw new KafkaError('SERIALIZATION', `expected text, bytes or null, got ${typeof part}`);
}
