import { inBackground } from '../../../base/in-background.ts';
import { ERROR } from '../../../base/kafka-errors.ts';
import type {
  FetchResponse,
  FetchResponsePartitionData,
} from '../../../protocol/schema/01-fetch.ts';
import { answerError, KafkaError, toKafkaError } from '../../errors/kafka-error.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import type { PartitionImage, TopicImage } from '../../metadata/topic-image.ts';
import type { ConsumerSettings } from '../consumer-options.ts';
import { AbortedTransactions } from '../records/aborted-transactions.ts';
import { endOfBatches } from '../records/batch-reader.ts';
import type { RecordReaders } from '../records/record-readers.ts';
import { BrokerFetch, type FetchPeer, type Wanted } from './broker-fetch.ts';
import type { FetchSession, FetchTarget } from './fetch-session.ts';
import { NEEDS, type PartitionState } from './partition-state.ts';

export interface FetcherEvents<K, V> {
  /** There is something to read. */
  onData(): void;
  /** The partition has no such offset. */
  onOutOfRange(state: PartitionState<K, V>): void;
  /** The log ends before the position: a leader was elected that lacks what was read. */
  onTruncated(state: PartitionState<K, V>, endOffset: number): void;
  onError(error: KafkaError): void;
}

type States<K, V> = ReadonlyMap<string, PartitionState<K, V>>;

/** One is read while the next is on its way. */
const FETCHES_AHEAD = 2;

/** What waits for fresh metadata, or for the broker. */
const PASSING: ReadonlySet<number> = new Set<number>([
  ERROR.NOT_LEADER_OR_FOLLOWER,
  ERROR.FENCED_LEADER_EPOCH,
  ERROR.UNKNOWN_LEADER_EPOCH,
  ERROR.UNKNOWN_TOPIC_OR_PARTITION,
  ERROR.UNKNOWN_TOPIC_ID,
  ERROR.INCONSISTENT_TOPIC_ID,
  ERROR.LEADER_NOT_AVAILABLE,
  ERROR.REPLICA_NOT_AVAILABLE,
  ERROR.KAFKA_STORAGE_ERROR,
  ERROR.OFFSET_NOT_AVAILABLE,
]);

/** Keeps the assigned partitions filled from their leaders, or from replicas that are nearer. */
export class Fetcher<K, V> implements FetchPeer {
  readonly #link: ClusterLink;
  readonly #settings: ConsumerSettings;
  readonly #states: States<K, V>;
  readonly #readersOf: (topic: string) => RecordReaders<K, V>;
  readonly #events: FetcherEvents<K, V>;
  readonly #brokers = new Map<number, BrokerFetch>();
  readonly #closing = new AbortController();
  #hasNews = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    link: ClusterLink,
    settings: ConsumerSettings,
    states: States<K, V>,
    readersOf: (topic: string) => RecordReaders<K, V>,
    events: FetcherEvents<K, V>,
  ) {
    this.#link = link;
    this.#settings = settings;
    this.#states = states;
    this.#readersOf = readersOf;
    this.#events = events;
    link.metadata.onChange(() => this.wake());
  }

  /** Call it where a partition may be fetched now that could not be before. */
  wake(): void {
    if (this.#closing.signal.aborted) return;
    for (const state of this.#states.values()) {
      const nodeId = this.#nodeOf(state);
      if (nodeId >= 0 && !this.#brokers.has(nodeId)) this.#start(nodeId);
    }
    for (const broker of this.#brokers.values()) broker.wake();
  }

  close(): void {
    this.#closing.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const broker of this.#brokers.values()) broker.wake();
  }

  wantedOf(nodeId: number): Wanted {
    const targets: FetchTarget[] = [];
    const nowMs = performance.now();
    const { maxPartitionFetchBytes: maxBytes, prefetchMaxBytes } = this.#settings;
    const isFull = this.#bufferedBytes() >= prefetchMaxBytes;
    // Others may be paused or slow and leave no room. A share is then kept for each partition.
    const share = isFull ? prefetchMaxBytes / this.#states.size : prefetchMaxBytes;
    const aheadMax = Math.min(FETCHES_AHEAD * maxBytes, share);
    let hasLeftOut = false;
    for (const state of this.#states.values()) {
      if (state.needs !== NEEDS.NOTHING || state.isPaused) continue;
      if (this.#nodeOf(state) !== nodeId) continue;
      if (state.notBeforeMs > nowMs) {
        this.#wakeIn(state.notBeforeMs - nowMs);
        continue;
      }
      if (state.bufferedBytes >= aheadMax) {
        hasLeftOut = true;
        continue;
      }
      const { topic, partition, fetchOffset: offset, fetchEpoch } = state;
      const image = this.#link.metadata.topic(topic)!;
      const { leaderEpoch } = image.partitions[partition]!;
      const epochs = { lastFetchedEpoch: fetchEpoch, currentLeaderEpoch: leaderEpoch };
      targets.push({ topic, topicId: image.id, partition, offset, ...epochs, maxBytes });
    }
    return { targets, hasLeftOut };
  }

  onAnswer(answer: FetchResponse, session: FetchSession): void {
    for (const { topicId, topic, partitions } of answer.responses) {
      const image = topic === '' ? this.#link.metadata.topicById(topicId) : undefined;
      const name = image?.name ?? topic;
      const id = this.#link.metadata.topic(name)?.id ?? topicId;
      for (const data of partitions) {
        const target = session.asked(id, name, data.partitionIndex);
        const state = this.#states.get(`${name}-${data.partitionIndex}`);
        // An answer for another place: the partition was revoked, moved or sought meanwhile.
        if (target === undefined || state?.fetchOffset !== target.offset) continue;
        if (state.needs === NEEDS.NOTHING) this.#onPartition(state, data, answer);
      }
    }
  }

  onDelivered(): void {
    if (!this.#hasNews) return;
    this.#hasNews = false;
    this.#events.onData();
  }

  /** Replicas that are gone are not preferred, and leaders may have moved. */
  onUnreachable(nodeId: number): void {
    for (const state of this.#states.values()) {
      if (state.preferredReplica === nodeId) state.preferredReplica = -1;
    }
    this.#link.metadata.invalidate();
  }

  #onPartition(
    state: PartitionState<K, V>,
    data: FetchResponsePartitionData,
    answer: FetchResponse,
  ): void {
    if (data.errorCode !== ERROR.NONE) {
      this.#onPartitionError(state, data, answer);
      return;
    }
    state.highWatermark = data.highWatermark;
    state.lastStableOffset = data.lastStableOffset;
    state.logStartOffset = data.logStartOffset;
    if (data.divergingEpoch.endOffset >= 0) {
      this.#events.onTruncated(state, data.divergingEpoch.endOffset);
      return;
    }
    if (data.preferredReadReplica >= 0) {
      state.preferredReplica = data.preferredReadReplica;
      state.preferredUntilMs = performance.now() + this.#settings.metadataMaxAgeMs;
      this.wake();
    }
    if (data.records === null || data.records.length === 0) return;
    this.#push(state, data.records, data);
  }

  #push(state: PartitionState<K, V>, bytes: Buffer, data: FetchResponsePartitionData): void {
    const end = endOfBatches(bytes, state.fetchOffset);
    if (end.epoch < 0 && end.offset === state.fetchOffset) {
      const where = `partition ${state.name}: what stands at offset ${state.fetchOffset}`;
      this.#stop(state, new KafkaError('CORRUPT_MESSAGE', `${where} is no batch`, state));
      return;
    }
    const isCommittedOnly = this.#settings.isolationLevel === 'read_committed';
    state.push(bytes, end, {
      readers: this.#readersOf(state.topic),
      checkCrcs: this.#settings.checkCrcs,
      maxBatchBytes: this.#settings.maxBatchBytes,
      aborted: isCommittedOnly ? new AbortedTransactions(data.abortedTransactions ?? []) : null,
    });
    this.#hasNews = true;
  }

  #onPartitionError(
    state: PartitionState<K, V>,
    data: FetchResponsePartitionData,
    answer: FetchResponse,
  ): void {
    const { errorCode, currentLeader } = data;
    const { topic, partition } = state;
    if (errorCode === ERROR.OFFSET_OUT_OF_RANGE) {
      // A replica may lag behind; only the leader says that there is no such offset.
      if (state.preferredReplica < 0) this.#events.onOutOfRange(state);
      else this.#backToLeader(state);
      return;
    }
    this.#backToLeader(state);
    const error = answerError(errorCode, null, `partition ${state.name}`, { topic, partition });
    if (!PASSING.has(errorCode) && !error.retriable) {
      this.#stop(state, error);
      return;
    }
    const { metadata } = this.#link;
    const isNews = metadata.learnLeader(topic, partition, currentLeader, answer.nodeEndpoints);
    if (isNews) return;
    state.notBeforeMs = performance.now() + this.#settings.retryBackoffMs;
    metadata.invalidate();
  }

  /** The fetches of the leader may be at rest, having nothing to fetch. */
  #backToLeader(state: PartitionState<K, V>): void {
    if (state.preferredReplica < 0) return;
    state.preferredReplica = -1;
    this.wake();
  }

  /** The application decides how to go on: it seeks, or it pauses or gives up the partition. */
  #stop(state: PartitionState<K, V>, error: KafkaError): void {
    state.notBeforeMs = performance.now() + this.#settings.retryBackoffMaxMs;
    this.#events.onError(error);
  }

  /** The broker to fetch from, -1 where none is known. */
  #nodeOf(state: PartitionState<K, V>): number {
    const { metadata } = this.#link;
    const preferred = state.preferredReplica;
    if (preferred >= 0) {
      const isFresh = state.preferredUntilMs > performance.now();
      if (isFresh && metadata.nodes.has(preferred)) return preferred;
      state.preferredReplica = -1;
    }
    const leader = partitionOf(metadata.topic(state.topic), state.partition)?.leader ?? -1;
    if (leader < 0) metadata.invalidate();
    return leader;
  }

  #start(nodeId: number): void {
    const { signal } = this.#closing;
    const broker = new BrokerFetch(nodeId, this.#link, this.#settings, this, signal);
    this.#brokers.set(nodeId, broker);
    inBackground(broker.run(), (thrown) => {
      this.#brokers.delete(nodeId);
      this.#events.onError(toKafkaError(thrown));
    });
  }

  #bufferedBytes(): number {
    let bytes = 0;
    for (const state of this.#states.values()) bytes += state.bufferedBytes;
    return bytes;
  }

  #wakeIn(ms: number): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.wake();
    }, ms);
  }
}

function partitionOf(topic: TopicImage | undefined, partition: number): PartitionImage | undefined {
  return topic?.partitions[partition];
}
