import { inBackground } from '../../base/in-background.ts';
import { type Named, readOptions } from '../config/option-names.ts';
import type { NullableBytes } from '../consumer/records/record-readers.ts';
import { Subscription } from '../consumer/subscription.ts';
import { abortedError, KafkaError, throwIfAborted, toKafkaError } from '../errors/kafka-error.ts';
import { ClientMetrics } from '../metrics/client-metrics.ts';
import type { ShareConsumerMetricNames } from '../metrics/names-of-clients.ts';
import { abortable } from '../net/abortable.ts';
import { onAbort } from '../net/on-abort.ts';
import { pause } from '../net/pause.ts';
import { within } from '../net/within.ts';
import type { TopicPartition } from '../topic-partition.ts';
import type { AcknowledgedPartition } from './acknowledged-partition.ts';
import { HandedRecords } from './handed-records.ts';
import { ShareCore } from './share-core.ts';
import { ShareLoop } from './share-loop.ts';
import {
  checkShareSettings,
  SHARE_DEFAULTS,
  type ShareConsumerOptions,
  type SharedTopic,
  type ShareSettings,
} from './share-options.ts';
import type { ShareRecord } from './share-record.ts';

/** How long `poll` waits for records. */
export interface PollOptions {
  /** After it the answer is no record; without it, `poll` waits until there is one. */
  readonly timeoutMs?: number;
  /** Ends the wait; `poll` throws its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Takes records of a queue (KIP-932). The members of a share group get different records, whatever
 * the partition. Each record is one member's for a time, and within it the member says whether it
 * is done, to be delivered again, or refused. What nobody says anything of is delivered again.
 */
export class ShareConsumer<K = NullableBytes, V = NullableBytes>
  implements AsyncIterable<ShareRecord<K, V>>, AsyncDisposable
{
  readonly #core: ShareCore<K, V>;
  readonly #settings: ShareSettings;
  readonly #subscription = new Subscription<K, V>();
  readonly #hand: HandedRecords<K, V>;
  #isPolling = false;
  #closing: Promise<void> | null = null;

  constructor(
    options: Named<Omit<ShareConsumerOptions, 'topics'>> & {
      readonly topics?: readonly SharedTopic<K, V>[];
    },
  ) {
    const settings = readOptions(options, SHARE_DEFAULTS);
    checkShareSettings(settings);
    this.#settings = settings;
    this.#hand = new HandedRecords(settings.shareAcknowledgementMode === 'explicit');
    this.#core = new ShareCore<K, V>(
      settings,
      () => this.subscription,
      (topic) => this.#subscription.readersOf(topic),
    );
    const { topics = [] } = options;
    if (topics.length > 0) this.subscribe(topics);
  }

  /** Joins the group for these topics, in place of those before. */
  subscribe(topics: readonly SharedTopic<K, V>[]): void {
    this.#requireOpen();
    this.#subscription.set(topics);
    this.#core.onTopics();
  }

  /** The names of the topics subscribed to. */
  get subscription(): string[] {
    return this.#subscription.topics(this.#core.link.metadata);
  }

  /** The partitions that this member fetches now. Others of the group may fetch them as well. */
  get assignment(): TopicPartition[] {
    return this.#core.assigned.map(({ topic, partition }) => ({ topic, partition }));
  }

  /** For how long a record is this member's; undefined before the first one came. */
  get acquisitionLockTimeoutMs(): number | undefined {
    const { lockTimeoutMs } = this.#core;
    return lockTimeoutMs < 0 ? undefined : lockTimeoutMs;
  }

  /** The metrics of this consumer under Kafka's names: `metrics.snapshot()`, `.prometheus()`. */
  get metrics(): ClientMetrics<ShareConsumerMetricNames> {
    return new ClientMetrics(this.#core.link.metrics);
  }

  /** The id that the broker gave this client, for its logs (KIP-714). */
  clientInstanceId(options: { readonly signal?: AbortSignal } = {}): Promise<string> {
    const { signal } = options;
    return abortable(this.#core.link.telemetry.instanceId(), signal, 'clientInstanceId');
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#core.isClosed;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ShareRecord<K, V>> {
    return this.records();
  }

  /** The records one after the other, until the consumer closes or the signal fires. */
  records(options: { readonly signal?: AbortSignal } = {}): ShareLoop<K, V> {
    this.#requireSubscription();
    return new ShareLoop(this.#core, this.#hand, options.signal);
  }

  /**
   * Some records, at most `maxPollRecords`. With implicit acknowledgement it accepts those of the
   * last poll of which nothing else was said; with explicit, they must have been acknowledged.
   */
  async poll({ timeoutMs, signal }: PollOptions = {}): Promise<ShareRecord<K, V>[]> {
    this.#requireOpen();
    this.#requireSubscription();
    if (this.#isPolling) throw new KafkaError('BAD_ARGUMENT', 'another poll has not ended');
    this.#hand.leave();
    if (this.#hand.isExplicit) this.#hand.requireNone();
    throwIfAborted(signal, 'poll');
    const ending = new AbortController();
    const end = () => ending.abort();
    const timer = timeoutMs === undefined ? null : setTimeout(end, timeoutMs);
    const forget = onAbort(signal, end);
    this.#isPolling = true;
    try {
      return await this.#take(ending.signal, signal);
    } finally {
      this.#isPolling = false;
      forget();
      if (timer !== null) clearTimeout(timer);
    }
  }

  /**
   * Sends what was said of records, and resolves with what became of it: a refusal is no exception,
   * it is the error of its partition. With implicit acknowledgement, all that was handed out is
   * accepted first.
   */
  async commit(
    options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<AcknowledgedPartition[]> {
    const { timeoutMs = this.#settings.defaultApiTimeoutMs, signal } = options;
    this.#requireOpen();
    this.#hand.leave();
    throwIfAborted(signal, 'commit');
    const ending = new AbortController();
    const end = () => ending.abort();
    const forget = onAbort(signal, end);
    const late = pause(timeoutMs, ending.signal).then(() => null);
    const partitions = await Promise.race([this.#core.commit(), late]);
    forget();
    end();
    if (partitions !== null) return partitions;
    if (signal?.aborted === true) throw abortedError(signal, 'commit');
    const text = `acknowledgements were not settled within ${timeoutMs} ms`;
    throw new KafkaError('REQUEST_TIMED_OUT', text);
  }

  /** The same without waiting: `onAcknowledged` is told, or else `onError` of what failed. */
  commitAsync(): void {
    this.#requireOpen();
    this.#hand.leave();
    this.#core.commitSoon();
  }

  /**
   * Sends what was said, releases all else, leaves the group and closes, within a time. Records in
   * hand of which nothing was said are delivered again.
   */
  close({ timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    const work = inBackground(this.#core.end(), (thrown) => {
      this.#settings.onError(toKafkaError(thrown));
    });
    await within(work, timeoutMs);
    await this.#core.link.end();
  }

  async #take(ending: AbortSignal, signal?: AbortSignal): Promise<ShareRecord<K, V>[]> {
    for (;;) {
      this.#requireOpen();
      const records = this.#core.take(this.#settings.maxPollRecords);
      if (records.length > 0) {
        this.#hand.hand(records);
        return records;
      }
      if (signal?.aborted === true) throw abortedError(signal, 'poll');
      if (ending.aborted) return [];
      await this.#core.wait(ending);
    }
  }

  #requireOpen(): void {
    if (this.isClosed) throw new KafkaError('CLOSED', 'the client is closed');
  }

  #requireSubscription(): void {
    if (this.#core.isMember) return;
    throw new KafkaError('BAD_ARGUMENT', 'the share consumer has not subscribed to any topic');
  }
}
