import { inBackground } from '../../base/in-background.ts';
import { KafkaError, throwIfAborted, toKafkaError } from '../errors/kafka-error.ts';
import { ClusterLink } from '../metadata/cluster-link.ts';
import { ClientMetrics } from '../metrics/client-metrics.ts';
import type { ProducerMetricNames } from '../metrics/names-of-clients.ts';
import { abortable } from '../net/abortable.ts';
import { within } from '../net/within.ts';
import type { Serde } from '../serde/serde.ts';
import type { Topic } from '../serde/topic.ts';
import { Accumulator } from './accumulator.ts';
import { announced, isListenedTo } from './announced-send.ts';
import type { Batch } from './batch.ts';
import type { BatchOutcome, RecordMetadata } from './batch-outcome.ts';
import { HeldRecords, type RecordPath } from './held-records.ts';
import { InterceptedWriter } from './intercepted-writer.ts';
import { ProducerIdentity } from './producer-identity.ts';
import { interceptorsOf, type ProducerInterceptors } from './producer-interceptors.ts';
import { ProducerMetrics } from './producer-metrics.ts';
import {
  type ProducerOptions,
  type ProducerSettings,
  readProducerOptions,
} from './producer-options.ts';
import type { CloseOptions, ProducerRecord, SendOptions } from './producer-record.ts';
import { Receipt } from './receipt.ts';
import { encodeHeaders } from './record-headers.ts';
import { encode, validation } from './record-parts.ts';
import { Sender } from './sender.ts';
import { TopicRoute } from './topic-route.ts';
import { TopicWriter, type WriterHost, type WriterOptions } from './topic-writer.ts';
import { type GroupMetadata, type TransactionOffset, Transactions } from './transactions.ts';

const CLOSE_TIMEOUT_MS = 30_000;
const NO_PARTITION = -1;

/** Sends records to a cluster, millrace's or Apache Kafka's. Connects with the first record. */
export class Producer implements WriterHost {
  readonly #settings: ProducerSettings;
  readonly #link: ClusterLink;
  readonly #accumulator: Accumulator;
  readonly #stats: ProducerMetrics;
  readonly #sender: Sender;
  readonly #transactions: Transactions | null;
  readonly #interceptors: ProducerInterceptors | null;
  readonly #paths = new Map<string, RecordPath>();
  #waiting: (() => void)[] = [];
  #flushes = 0;
  #closing: Promise<void> | null = null;
  #fatal: KafkaError | null = null;
  /** Null keeps V8 from making a number object of it with each read. */
  #wallMs: number | null = null;

  constructor(options: ProducerOptions) {
    const settings = readProducerOptions(options);
    this.#settings = settings;
    this.#interceptors = interceptorsOf(settings);
    const { allowAutoCreateTopics: may } = settings;
    this.#link = new ClusterLink(settings, { allowAutoTopicCreation: may }, 'producer');
    this.#stats = this.#newMetrics();
    this.#accumulator = new Accumulator(settings, {
      onReady: (queue) => this.#sender.onReady(queue),
      onMemory: () => this.#onMemory(),
      onExhausted: () => this.#stats.onExhausted(),
      onFailed: (queue, batch, error) => this.#sender.fail(queue, batch, error),
      onDone: (outcome) => this.#onDone(outcome),
    });
    const identity = settings.enableIdempotence
      ? new ProducerIdentity(
          this.#link,
          () => this.#sender.wake(),
          (error) => this.#onFatal(error),
        )
      : null;
    this.#transactions =
      settings.transactionalId === '' ? null : this.#newTransactions(settings, identity!);
    this.#accumulator.isTransactional = this.#transactions !== null;
    const gate = this.#transactions;
    this.#sender = new Sender(this.#link, settings, this.#accumulator, identity, gate, this.#stats);
  }

  /**
   * Sends one record. The receipt can be awaited for its offset, or left: a failure then goes to
   * `onError`. Throws what is wrong with the record itself.
   */
  send<Key, Value>(
    topic: Topic<Key, Value, unknown, unknown>,
    record: ProducerRecord<Key, Value>,
    options: SendOptions = {},
  ): Receipt {
    if (!isListenedTo()) return this.#send(topic, record, options);
    const { clientId } = this.#settings;
    return announced(clientId, topic.name, record, (told) => this.#send(topic, told, options));
  }

  #send<Key, Value>(
    topic: Topic<Key, Value, unknown, unknown>,
    record: ProducerRecord<Key, Value>,
    options: SendOptions,
  ): Receipt {
    this.requireWritable();
    const { signal } = options;
    throwIfAborted(signal, `a record for topic ${topic.name}`);
    const interceptors = this.#interceptors;
    const taken = interceptors === null ? record : interceptors.onSend(record, topic.name);
    const checking = validation(topic, taken);
    if (checking === null && signal === undefined) return this.#append(topic, taken, signal);
    const work = this.#sendLater(topic, taken, checking, signal);
    return Receipt.later(work, (thrown) => this.#reportUnseen(thrown));
  }

  /** A writer that is bound to a topic, for many records. */
  to<Key, Value>(
    topic: Topic<Key, Value, unknown, unknown>,
    options: WriterOptions = {},
  ): TopicWriter<Key, Value> {
    const { route, held } = this.#pathOf(topic.name);
    const interceptors = this.#interceptors;
    if (interceptors === null) return new TopicWriter(topic, route, held, this, options);
    return new InterceptedWriter(interceptors, topic, route, held, this, options);
  }

  /** Resolves when all records that were given before have their outcome, whatever it is. */
  async flush(options: SendOptions = {}): Promise<void> {
    const { signal } = options;
    throwIfAborted(signal, 'flush');
    this.#flushes++;
    this.#accumulator.flushes = true;
    try {
      await abortable(this.#stats.timed('flush', this.#flushAll()), signal, 'flush');
    } finally {
      this.#flushes--;
      if (this.#flushes === 0) this.#accumulator.flushes = false;
    }
  }

  /** Opens a transaction. All records until its end belong to it. */
  async beginTransaction(options: SendOptions = {}): Promise<void> {
    this.#requireOpen();
    await this.#stats.timed('txn-begin', this.#transactional().begin(options.signal));
  }

  /** Makes the records and offsets of the transaction visible, all at once. */
  async commitTransaction(options: SendOptions = {}): Promise<void> {
    await this.#stats.timed('txn-commit', this.#transactional().commit(options.signal));
  }

  /** Takes them back. Readers of committed records never see them. */
  async abortTransaction(options: SendOptions = {}): Promise<void> {
    await this.#stats.timed('txn-abort', this.#transactional().abort(options.signal));
  }

  /** Commits what a group has consumed together with the transaction. */
  async sendOffsetsToTransaction(
    offsets: readonly TransactionOffset[],
    group: GroupMetadata,
    options: SendOptions = {},
  ): Promise<void> {
    const sent = this.#transactional().sendOffsets(offsets, group, options.signal);
    await this.#stats.timed('txn-send-offsets', sent);
  }

  /** Runs `work` in a transaction: commits what it leaves, aborts where it throws. */
  async transaction<T>(work: () => Promise<T>, options: SendOptions = {}): Promise<T> {
    await this.beginTransaction(options);
    try {
      const result = await work();
      await this.commitTransaction(options);
      return result;
    } catch (thrown) {
      if (this.#transactional().isOpen) await this.abortTransaction();
      throw thrown;
    }
  }

  /** Sends what is there, within a bound, and ends. What did not arrive in time fails. */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? CLOSE_TIMEOUT_MS);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The metrics of this producer under Kafka's names: `metrics.snapshot()`, `.prometheus()`. */
  get metrics(): ClientMetrics<ProducerMetricNames> {
    return new ClientMetrics(this.#link.metrics);
  }

  /** The id that the broker gave this client, for its logs (KIP-714). */
  clientInstanceId({ signal }: SendOptions = {}): Promise<string> {
    return abortable(this.#link.telemetry.instanceId(), signal, 'clientInstanceId');
  }

  /** Whether `enqueue` may go on; where it is false, await `ready`. */
  get hasRoom(): boolean {
    return this.#accumulator.hasRoom;
  }

  /** Whether all of `buffer.memory` is in use. */
  get isFull(): boolean {
    return this.#accumulator.isFull;
  }

  /** The time for records without one, read once a turn of the event loop. */
  wallMs(): number {
    if (this.#wallMs !== null) return this.#wallMs;
    this.#wallMs = Date.now();
    setImmediate(forgetTime, this);
    return this.#wallMs;
  }

  /** For writers: the next `wallMs` reads the clock again. */
  forgetTime(): void {
    this.#wallMs = null;
  }

  /** Resolves when the topic is known and there is memory for more. */
  async ready(topic: string, { signal }: SendOptions = {}): Promise<void> {
    const { route, held } = this.#pathOf(topic);
    const what = `the wait for room for topic ${topic}`;
    if (!route.isKnown) {
      await abortable(route.require(), signal, what);
      held.pump();
    }
    while (!this.#accumulator.hasRoom || held.count > 0) {
      if (this.#fatal !== null) throw this.#fatal;
      const sinceMs = performance.now();
      const told = new Promise<void>((resolve) => this.#waiting.push(resolve));
      await abortable(told, signal, what);
      this.#stats.onWaited(sinceMs);
    }
  }

  /** Tells `onError` of the options. */
  onError(error: KafkaError): void {
    this.#settings.onError(error);
  }

  /** Throws where nothing may be sent now: closed, fenced, no transaction. */
  requireWritable(): void {
    this.#requireOpen();
    if (this.#transactions !== null) this.#transactions.requireWritable();
  }

  #requireOpen(): void {
    if (this.#fatal !== null) throw this.#fatal;
    if (this.#closing !== null) throw new KafkaError('CLOSED', 'the producer is closed');
  }

  #append<Key, Value>(
    topic: Topic<Key, Value, unknown, unknown>,
    record: ProducerRecord<Key, Value>,
    signal: AbortSignal | undefined,
  ): Receipt {
    const { name } = topic;
    const key = encode(topic.key as Serde<unknown, unknown>, record.key, name);
    const value = encode(topic.value as Serde<unknown, unknown>, record.value, name);
    const headers = record.headers === undefined ? null : encodeHeaders(record.headers);
    const timestamp = record.timestamp ?? this.wallMs();
    const partition = record.partition ?? NO_PARTITION;
    const { route, held } = this.#pathOf(name);
    if (held.count === 0 && route.isKnown && !this.#accumulator.isFull) {
      return receiptOf(route.append(key, value, headers, timestamp, partition));
    }
    const later = new Promise<RecordMetadata>((resolve, reject) => {
      const onTaken = (batch: Batch) => resolve(receiptOf(batch));
      held.hold({ key, value, headers, timestamp, partition, onTaken, onFailed: reject }, signal);
    });
    return Receipt.later(later, (thrown) => this.#reportUnseen(thrown));
  }

  async #sendLater<Key, Value>(
    topic: Topic<Key, Value, unknown, unknown>,
    record: ProducerRecord<Key, Value>,
    checking: Promise<unknown> | null,
    signal: AbortSignal | undefined,
  ): Promise<RecordMetadata> {
    await checking;
    const sent = this.#append(topic, record, signal);
    return abortable(sent, signal, `a record for topic ${topic.name}`);
  }

  #reportUnseen(thrown: unknown): void {
    this.onError(toKafkaError(thrown));
  }

  #pathOf(topic: string): RecordPath {
    let path = this.#paths.get(topic);
    if (path === undefined) {
      const route = new TopicRoute(topic, this.#link.metadata, this.#settings, this.#accumulator);
      const { clock } = this.#link.network;
      const { maxBlockMs } = this.#settings;
      path = { route, held: new HeldRecords(route, clock, maxBlockMs, this.#interceptors) };
      this.#paths.set(topic, path);
    }
    return path;
  }

  async #flushAll(): Promise<void> {
    for (const [topic, { held }] of this.#paths) if (held.count > 0) await this.ready(topic);
    this.#accumulator.closeAll();
    const open = this.#accumulator.openOutcomes();
    await Promise.all(open.map((each) => new Promise<void>((done) => each.whenDone(() => done()))));
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#accumulator.flushes = true;
    const open = this.#transactions?.isOpen === true ? this.#transactions : null;
    const work = open === null ? this.#flushAll() : open.abort();
    await within(
      inBackground(work, () => undefined),
      timeoutMs,
    );
    const error = new KafkaError('CLOSED', 'the producer was closed before the record arrived');
    for (const { held } of this.#paths.values()) held.failAll(error);
    this.#sender.failUnsent(error);
    this.#sender.close();
    this.#accumulator.stop();
    await this.#link.end();
    this.#onMemory();
  }

  #newMetrics(): ProducerMetrics {
    const heldBytes = () => this.#accumulator.heldBytes;
    const waiting = () => this.#waiting.length;
    const { bufferMemory: totalBytes } = this.#settings;
    return new ProducerMetrics(this.#link, { totalBytes, heldBytes, waiting });
  }

  #transactional(): Transactions {
    if (this.#transactions !== null) return this.#transactions;
    throw new KafkaError('BAD_ARGUMENT', 'the producer has no transactional.id');
  }

  #newTransactions(settings: ProducerSettings, identity: ProducerIdentity): Transactions {
    return new Transactions(this.#link, settings, identity, {
      timedInit: (work) => this.#stats.timed('txn-init', work),
      wake: () => this.#sender.wake(),
      drained: () => this.#drained(),
      landed: () => this.#sender.landed(),
      failUnsent: (error) => this.#failUnsent(error),
      resetSequences: () => {
        for (const queue of this.#accumulator.allQueues()) queue.resetSequence();
      },
      resetMembership: () => {
        for (const queue of this.#accumulator.allQueues()) queue.isInTransaction = false;
      },
    });
  }

  /** Everything that was written leaves now; resolves when all of it has its outcome and landed. */
  async #drained(): Promise<void> {
    this.#accumulator.flushes = true;
    await this.#flushAll();
    if (this.#flushes === 0) this.#accumulator.flushes = false;
    await this.#sender.landed();
  }

  #failUnsent(error: KafkaError): void {
    for (const { held } of this.#paths.values()) held.failAll(error);
    this.#sender.failUnsent(error);
  }

  #onMemory(): void {
    for (const { held } of this.#paths.values()) if (held.count > 0) held.pump();
    if (this.#waiting.length === 0) return;
    if (!this.#accumulator.isDrained && this.#closing === null && this.#fatal === null) return;
    for (const each of this.#waiting.splice(0)) each();
  }

  /** Tells of failures that nobody else hears of. */
  #onDone(outcome: BatchOutcome): void {
    this.#interceptors?.onDone(outcome);
    const { error } = outcome;
    if (error === null) return;
    const isEnqueued = outcome.count > outcome.receipts;
    if (isEnqueued && !outcome.isWatched) this.onError(error);
    // A receipt may be awaited in the turn in which its batch fails.
    else if (outcome.receipts > outcome.looked) setImmediate(reportUnseen, this, outcome);
  }

  #onFatal(error: KafkaError): void {
    this.#fatal = error;
    this.#failUnsent(error);
    this.#onMemory();
  }
}

function forgetTime(producer: Producer): void {
  producer.forgetTime();
}

function reportUnseen(producer: Producer, outcome: BatchOutcome): void {
  if (outcome.receipts > outcome.looked) producer.onError(outcome.error!);
}

function receiptOf(batch: Batch): Receipt {
  return Receipt.of(batch.outcome, batch.count - 1);
}
