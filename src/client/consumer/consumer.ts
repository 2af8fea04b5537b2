import { inBackground } from '../../base/in-background.ts';
import { type Named, readOptions } from '../config/option-names.ts';
import { KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import { ClientMetrics } from '../metrics/client-metrics.ts';
import type { ConsumerMetricNames } from '../metrics/names-of-clients.ts';
import { abortable } from '../net/abortable.ts';
import { SideClients } from '../side-clients.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { BatchLoop } from './batch-loop.ts';
import { ConsumerCore } from './consumer-core.ts';
import {
  CONSUMER_DEFAULTS,
  type ConsumerOptions,
  type ConsumerSettings,
  checkConsumerSettings,
  type TopicChoice,
} from './consumer-options.ts';
import { GroupLife } from './group/group-life.ts';
import type { CommittedOffset, OffsetToCommit } from './offsets/group-offsets.ts';
import { NO_MEMBER } from './offsets/group-offsets.ts';
import type { FoundOffset } from './offsets/offset-finder.ts';
import { END } from './offsets/reset-policy.ts';
import { PartitionStream } from './partition-stream.ts';
import { RecordLoop } from './record-loop.ts';
import { ConsumerRecord } from './records/consumer-record.ts';
import { RecordBatch } from './records/record-batch.ts';
import type { NullableBytes } from './records/record-readers.ts';
import type { FailedRecords } from './run/failed-records.ts';
import { type RunOptions, type RunSettings, runSettings } from './run/run-options.ts';
import { type RunHost, type RunReader, runWithSideTopics } from './run/run-with-side-topics.ts';
import { Runner } from './run/runner.ts';
import { Subscription } from './subscription.ts';
import type { TransactSettings } from './transact/transact-options.ts';
import { Transactor } from './transact/transactor.ts';

const LAST_PUSH_MS = 1_000;

export interface WaitOptions {
  /** By default `defaultApiTimeoutMs`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface CloseOptions {
  readonly timeoutMs?: number;
  /** Whether the member leaves its group. A static member stays unless told to leave. */
  readonly leaves?: boolean;
}

/** What one names to commit: a record or batch that is done, or offsets to go on at. */
export type Committable<K, V> =
  | ConsumerRecord<K, V>
  | RecordBatch<K, V>
  | readonly OffsetToCommit[];

/**
 * Reads topics, alone or as a member of a group. Records come in one loop at a time: `for await`
 * over the consumer, over `batches()` or over `partitions()`. The group lives on while the body of
 * a loop awaits.
 */
export class Consumer<K = NullableBytes, V = NullableBytes>
  implements AsyncIterable<ConsumerRecord<K, V>>, AsyncDisposable
{
  readonly #core: ConsumerCore<K, V>;
  readonly #settings: ConsumerSettings;
  readonly #subscription: Subscription<K, V>;
  readonly #group: GroupLife<K, V> | null;
  #closing: Promise<void> | null = null;

  constructor(
    options: Named<Omit<ConsumerOptions, 'topics'>> & {
      readonly topics?: readonly TopicChoice<K, V>[];
    },
  ) {
    const settings = readOptions(options, CONSUMER_DEFAULTS);
    checkConsumerSettings(settings);
    this.#settings = settings;
    this.#subscription = new Subscription<K, V>();
    this.#core = new ConsumerCore<K, V>(
      settings,
      (topic) => this.#subscription.readersOf(topic),
      () => this.#group?.identity ?? NO_MEMBER,
    );
    const isMember = settings.groupId !== null;
    this.#group = isMember ? new GroupLife(this.#core, this.#subscription) : null;
    const { topics = [] } = options;
    if (topics.length > 0) this.subscribe(topics);
  }

  /** Joins the group for these topics, in place of those before. */
  subscribe(topics: readonly TopicChoice<K, V>[]): void {
    this.#requireGroup().subscribe(topics);
  }

  /** Takes exactly these partitions, without the group's say. */
  assign(partitions: readonly TopicPartition[], topics: readonly TopicChoice<K, V>[] = []): void {
    if (this.#group?.isMember === true) {
      throw new KafkaError('BAD_ARGUMENT', 'the consumer has subscribed; it cannot assign too');
    }
    this.#subscription.addTypes(topics);
    const wanted = new Set(partitions.map(({ topic, partition }) => `${topic}-${partition}`));
    this.#core.remove([...this.#core.states.values()].filter(({ name }) => !wanted.has(name)));
    this.#core.add(partitions);
    this.#group?.startCommitting();
  }

  /** The partitions that are read now. */
  get assignment(): TopicPartition[] {
    return [...this.#core.states.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** The metrics of this consumer under Kafka's names: `metrics.snapshot()`, `.prometheus()`. */
  get metrics(): ClientMetrics<ConsumerMetricNames> {
    return new ClientMetrics(this.#core.link.metrics, () => this.#core.metrics.refresh());
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

  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumerRecord<K, V>> {
    return this.records();
  }

  /** The records one after the other, until the consumer closes or the signal fires. */
  records(options: { readonly signal?: AbortSignal } = {}): RecordLoop<K, V> {
    return new RecordLoop(this.#core, options.signal);
  }

  /** The batches as producers made them. */
  batches(options: { readonly signal?: AbortSignal } = {}): BatchLoop<K, V> {
    return new BatchLoop(this.#core, options.signal);
  }

  /** A stream for each partition as it is assigned. Each holds up only itself. */
  partitions(options: { readonly signal?: AbortSignal } = {}): PartitionStream<K, V> {
    return new PartitionStream(this.#core, options.signal);
  }

  /**
   * Calls `eachRecord` for each record, many at once, and commits what is finished. What is
   * committed never passes a record that is not finished. Finished ones beyond it are kept in the
   * metadata of the commit, and the next run leaves them out. Resolves once the signal fires or the
   * consumer closes; rejects where a record fails for good.
   */
  async run(options: RunOptions<K, V>): Promise<void> {
    const { metadata } = this.#core.link;
    const subscription = this.#subscription;
    const partitionsOf = (topic: string) => metadata.topic(topic)?.partitions.length ?? 0;
    const settings = runSettings(options);
    subscription.leavesOutSideTopics = settings.retry.topics || settings.deadLetter !== null;
    const host: RunHost<K, V> = {
      main: { runAlone: (...args) => this.#runAlone(...args) },
      groupId: this.#settings.groupId,
      topics: () => subscription.topics(metadata).filter((topic) => partitionsOf(topic) > 0),
      partitionsOf,
      like: (topic, name) => subscription.like(topic, name),
      onTopics: (listener) => metadata.onChange(listener),
      openClients: () => new SideClients(this.#settings),
      openReader: (suffix) => this.#retryReader(suffix),
      onError: (thrown) => this.#settings.onError(toKafkaError(thrown)),
    };
    if (settings.retry.topics) this.#requireGroup();
    await runWithSideTopics(settings, host, options.signal);
  }

  /** What `transact` does, which is the function to call. */
  async runInTransactions(settings: TransactSettings<K, V>, signal?: AbortSignal): Promise<void> {
    const group = this.#requireGroup();
    const transactor = new Transactor(this.#core, settings, {
      identity: () => group.identity,
      committed: (partitions) => group.committed(partitions, this.#wait({})),
    });
    await transactor.run(signal);
  }

  /** Hands out nothing of these partitions, of all where none are named, until `resume`. */
  pause(partitions: readonly TopicPartition[] = this.assignment): void {
    for (const each of partitions) this.#core.setPaused(this.#core.state(each), true);
  }

  /** Hands out again what `pause` held. */
  resume(partitions: readonly TopicPartition[] = this.assignment): void {
    for (const each of partitions) this.#core.setPaused(this.#core.state(each), false);
  }

  /** The partitions that `pause` holds. */
  get paused(): TopicPartition[] {
    return this.assignment.filter((each) => this.#core.state(each).isPaused);
  }

  /** The next record comes from this offset, whatever is committed. */
  seek(at: TopicPartition, offset: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw new KafkaError('BAD_ARGUMENT', `cannot seek to offset ${offset}`);
    }
    this.#core.seek(this.#core.state(at), offset);
  }

  /** The next record is the first that is still there. */
  seekToBeginning(partitions: readonly TopicPartition[] = this.assignment): void {
    for (const each of partitions) this.#core.seekToTime(this.#core.state(each), END.EARLIEST);
  }

  /** The next record is the first that comes after this call. */
  seekToEnd(partitions: readonly TopicPartition[] = this.assignment): void {
    for (const each of partitions) this.#core.seekToTime(this.#core.state(each), END.LATEST);
  }

  /** The next record comes from the first one that is as new as the time, or from the end. */
  seekToTime(timestampMs: number, partitions: readonly TopicPartition[] = this.assignment): void {
    for (const each of partitions) this.#core.seekToTime(this.#core.state(each), timestampMs);
  }

  /** The offset that is handed out next; undefined while it is not known. */
  position(at: TopicPartition): number | undefined {
    const { position } = this.#core.state(at);
    return position < 0 ? undefined : position;
  }

  /** How many offsets lie between the position and the end; undefined before the first fetch. */
  lag(at: TopicPartition): number | undefined {
    const readsCommitted = this.#settings.isolationLevel === 'read_committed';
    const lag = this.#core.state(at).lag(readsCommitted);
    return lag < 0 ? undefined : lag;
  }

  /** Commits what is named; without a name, all that was handed out so far. */
  commit(what?: Committable<K, V>, options: WaitOptions = {}): Promise<void> {
    return this.#requireGroup().commit(offsetsOf(what), this.#wait(options));
  }

  /** What the group has committed of each partition. */
  committed(
    partitions: readonly TopicPartition[] = this.assignment,
    options: WaitOptions = {},
  ): Promise<CommittedOffset[]> {
    return this.#requireGroup().committed(partitions, this.#wait(options));
  }

  /** The first offset whose record is as new as the time; -1 where there is none. */
  offsetsForTimes(
    wanted: readonly (TopicPartition & { readonly timestamp: number })[],
    options: WaitOptions = {},
  ): Promise<FoundOffset[]> {
    const { timeoutMs, signal } = this.#wait(options);
    const times = wanted.map(({ timestamp: time, ...at }) => ({ ...at, time }));
    return this.#core.finder.find(times, timeoutMs, signal);
  }

  /** The first offset of each partition that is still there. */
  beginningOffsets(partitions: readonly TopicPartition[], options: WaitOptions = {}) {
    return this.#ends(partitions, END.EARLIEST, options);
  }

  /** The offset that the next record of each partition will have. */
  endOffsets(partitions: readonly TopicPartition[], options: WaitOptions = {}) {
    return this.#ends(partitions, END.LATEST, options);
  }

  /** Commits what was left behind, leaves the group and closes, within a time. */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close({ timeoutMs = 30_000, leaves = true }: CloseOptions): Promise<void> {
    const ending = this.#group?.close(leaves, timeoutMs) ?? Promise.resolve();
    await inBackground(ending, (thrown) => this.#settings.onError(toKafkaError(thrown)));
    await this.#core.link.telemetry.end(LAST_PUSH_MS);
    this.#core.close();
  }

  async #ends(partitions: readonly TopicPartition[], time: number, options: WaitOptions) {
    const { timeoutMs, signal } = this.#wait(options);
    const wanted = partitions.map(({ topic, partition }) => ({ topic, partition, time }));
    return this.#core.finder.find(wanted, timeoutMs, signal);
  }

  async #runAlone(
    settings: RunSettings<K, V>,
    failed: FailedRecords,
    waits: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const runner = new Runner(this.#core, settings, failed, waits);
    try {
      await runner.run(signal);
    } finally {
      await this.#group?.commitAtEnd();
      runner.release();
    }
  }

  /** Reads retry topics, as a group of their own, as Spring has it. */
  #retryReader(suffix: string): RunReader<K, V> {
    const { groupId, groupInstanceId } = this.#settings;
    const reader = new Consumer<K, V>({
      ...this.#settings,
      groupId: `${groupId}${suffix}`,
      groupInstanceId: groupInstanceId === null ? null : `${groupInstanceId}${suffix}`,
      autoOffsetReset: 'earliest',
      enableAutoCommit: true,
      listener: null,
      topics: [],
    });
    return {
      subscribe: (topics) => reader.subscribe(topics),
      runAlone: (...args) => reader.#runAlone(...args),
      close: () => reader.close(),
    };
  }

  #wait({ timeoutMs = this.#settings.defaultApiTimeoutMs, signal }: WaitOptions) {
    return { timeoutMs, signal };
  }

  #requireGroup(): GroupLife<K, V> {
    if (this.#group !== null) return this.#group;
    throw new KafkaError('BAD_ARGUMENT', 'this needs a group: give the consumer a groupId');
  }
}

function offsetsOf<K, V>(what?: Committable<K, V>): readonly OffsetToCommit[] | null {
  if (what === undefined) return null;
  if (what instanceof ConsumerRecord) {
    const { topic, partition, offset, leaderEpoch, batch, index } = what;
    const isLast = index === batch.length - 1;
    const next = isLast && batch.lastOffset === offset ? batch.nextOffset : offset + 1;
    return [{ topic, partition, offset: next, leaderEpoch }];
  }
  if (what instanceof RecordBatch) {
    const { topic, partition, nextOffset: offset, origin } = what;
    return [{ topic, partition, offset, leaderEpoch: origin.leaderEpoch }];
  }
  return what;
}
