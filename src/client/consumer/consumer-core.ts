import { isCorrupt } from '../../base/errors.ts';
import { KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import { ClusterLink } from '../metadata/cluster-link.ts';
import { onAbort } from '../net/on-abort.ts';
import { partitionName, type TopicPartition } from '../topic-partition.ts';
import { type ConsumerInterceptors, consumerInterceptorsOf } from './consumer-interceptors.ts';
import { ConsumerMetrics } from './consumer-metrics.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import { Fetcher } from './fetch/fetcher.ts';
import { NEEDS, PartitionState } from './fetch/partition-state.ts';
import { News } from './news.ts';
import { type GroupIdentity, GroupOffsets } from './offsets/group-offsets.ts';
import { OffsetFinder } from './offsets/offset-finder.ts';
import { Positions } from './offsets/positions.ts';
import { resetPolicy } from './offsets/reset-policy.ts';
import type { RecordBatch } from './records/record-batch.ts';
import type { RecordReaders } from './records/record-readers.ts';
import { TopicWatch } from './topic-watch.ts';

/** A batch and the partition that it was taken from. */
export interface Taken<K, V> {
  readonly state: PartitionState<K, V>;
  readonly batch: RecordBatch<K, V>;
  /** Of the state when it was taken: a seek makes the rest of the batch void. */
  readonly turn: number;
}

/** The assigned partitions, kept filled, and what is taken of them. */
export class ConsumerCore<K, V> {
  readonly link: ClusterLink;
  readonly settings: ConsumerSettings;
  readonly states = new Map<string, PartitionState<K, V>>();
  readonly offsets: GroupOffsets | null;
  readonly finder: OffsetFinder;
  /** Null without interceptors. */
  readonly interceptors: ConsumerInterceptors | null;
  /** Called before partitions are given up, and awaited, where records of them are worked on. */
  onGiveUp: ((names: ReadonlySet<string>) => Promise<void>) | null = null;
  /** Whether transactions commit the offsets, so that nobody else does. */
  commitsInTransactions = false;
  readonly metrics: ConsumerMetrics<K, V>;
  readonly #fetcher: Fetcher<K, V>;
  readonly #positions: Positions<K, V>;
  readonly #news = new News();
  readonly #topicWatch: TopicWatch;
  #order: PartitionState<K, V>[] = [];
  #turn = 0;
  #failure: KafkaError | null = null;
  #isFatal = false;
  #isClosed = false;

  constructor(
    settings: ConsumerSettings,
    readersOf: (topic: string) => RecordReaders<K, V>,
    identity: () => GroupIdentity,
    policy = resetPolicy(settings.autoOffsetReset),
  ) {
    const { groupId, allowAutoCreateTopics: allowAutoTopicCreation } = settings;
    const readsCommitted = settings.isolationLevel === 'read_committed';
    this.settings = settings;
    this.interceptors = consumerInterceptorsOf(settings);
    this.link = new ClusterLink(settings, { allowAutoTopicCreation }, 'consumer');
    this.metrics = new ConsumerMetrics(this.link, this.states, settings);
    this.offsets = groupId === null ? null : new GroupOffsets(this.link, groupId);
    this.finder = new OffsetFinder(this.link, readsCommitted);
    this.#fetcher = new Fetcher(this.link, settings, this.states, readersOf, {
      onData: () => this.#news.tell(),
      onOutOfRange: (state) => this.#positions.reset(state, 'has no such offset'),
      onTruncated: (state, endOffset) => this.#onTruncated(state, endOffset),
      onError: (error) => this.fail(error),
    });
    this.#positions = new Positions({
      link: this.link,
      states: this.states,
      finder: this.finder,
      policy,
      committed: this.offsets,
      identity,
      onReady: () => this.#fetcher.wake(),
      onError: (error) => this.fail(error),
    });
    this.#topicWatch = new TopicWatch(this.link.metadata, settings, (error) => this.fail(error));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Partitions that were not assigned before. */
  add(partitions: readonly TopicPartition[]): void {
    this.link.metadata.want(partitions.map(({ topic }) => topic));
    for (const { topic, partition } of partitions) {
      const state = new PartitionState<K, V>(topic, partition);
      if (!this.states.has(state.name)) this.states.set(state.name, state);
    }
    this.#order = [...this.states.values()];
    this.#positions.wake();
    this.#news.tell();
  }

  remove(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) {
      const name = partitionName(each);
      const state = this.states.get(name);
      if (state !== undefined) state.isRevoked = true;
      this.states.delete(name);
    }
    this.#order = [...this.states.values()];
    this.#news.tell();
  }

  state(at: TopicPartition): PartitionState<K, V> {
    const state = this.states.get(partitionName(at));
    if (state !== undefined) return state;
    const { topic, partition } = at;
    const text = `partition ${partitionName(at)} is not assigned to this consumer`;
    throw new KafkaError('BAD_ARGUMENT', text, { topic, partition });
  }

  /** The next batch of the next partition that has one. Throws what went wrong meanwhile. */
  take(): Taken<K, V> | null {
    this.throwFailure();
    const order = this.#order;
    for (let left = order.length; left > 0; left--) {
      const state = order[this.#turn++ % order.length]!;
      const batch = this.takeOf(state);
      if (batch !== null) return { state, batch, turn: state.turn };
    }
    return null;
  }

  takeOf(state: PartitionState<K, V>): RecordBatch<K, V> | null {
    if (state.isPaused || state.isLeaving || !state.hasBuffered) return null;
    const before = state.bufferedBytes;
    const wasHeld = state.hasHeld;
    try {
      const batch = state.take();
      if (batch !== null) this.metrics.onTaken(state, batch);
      if (batch !== null && !wasHeld) this.interceptors?.onConsume(batch);
      return batch;
    } catch (thrown) {
      const { topic, partition } = state;
      if (!isCorrupt(thrown)) throw toKafkaError(thrown);
      const { message } = toKafkaError(thrown);
      throw new KafkaError('CORRUPT_MESSAGE', message, { topic, partition, cause: thrown });
    } finally {
      const drained = before - state.bufferedBytes;
      if (drained > 0) {
        this.metrics.onDrained(state, drained);
        this.#fetcher.wake();
      }
    }
  }

  /** Until there may be something to take. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (this.#failure !== null || this.#isClosed || signal?.aborted === true) return;
    const forget = onAbort(signal, () => this.#news.tell());
    const sinceMs = performance.now();
    await this.#news.next();
    this.metrics.onWaited(sinceMs);
    forget();
  }

  /** Until anything happens, whatever went wrong before. */
  async nextNews(): Promise<void> {
    if (!this.#isClosed) await this.#news.next();
  }

  seek(state: PartitionState<K, V>, offset: number, epoch = -1): void {
    state.seek(offset, epoch);
    this.#fetcher.wake();
  }

  seekToTime(state: PartitionState<K, V>, time: number): void {
    state.resetAt(time);
    this.#positions.wake();
  }

  setPaused(state: PartitionState<K, V>, isPaused: boolean): void {
    state.isPaused = isPaused;
    if (isPaused) return;
    this.#fetcher.wake();
    this.#news.tell();
  }

  /** The next call that takes records throws it; where the consumer cannot go on, each one. */
  fail(error: KafkaError, isFatal = false): void {
    if (this.#isClosed || this.#isFatal) return;
    this.#isFatal = isFatal;
    this.#failure = error;
    this.#news.tell();
  }

  /** What went wrong since the last call. */
  throwFailure(): void {
    const failure = this.#failure;
    if (!this.#isFatal) this.#failure = null;
    if (failure !== null) throw failure;
  }

  wake(): void {
    this.#news.tell();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#topicWatch.close();
    this.#positions.close();
    this.#fetcher.close();
    this.link.close();
    this.#news.tell();
  }

  #onTruncated(state: PartitionState<K, V>, endOffset: number): void {
    const { topic, partition, fetchOffset } = state;
    if (this.settings.autoOffsetReset !== 'none') {
      state.seek(endOffset);
      this.#fetcher.wake();
      return;
    }
    state.needs = NEEDS.SEEK;
    const text = `partition ${state.name}: the log was cut at ${endOffset}, before ${fetchOffset}`;
    const category = 'application-recoverable';
    this.fail(new KafkaError('OFFSET_OUT_OF_RANGE', text, { topic, partition, category }));
  }
}
