import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type {
  ShareFetchResponse,
  ShareFetchResponsePartitionData,
} from '../../protocol/schema/78-share-fetch.ts';
import { News } from '../consumer/news.ts';
import type { RecordReaders } from '../consumer/records/record-readers.ts';
import { answerError, type KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import { ClusterLink } from '../metadata/cluster-link.ts';
import { BackOff } from '../net/back-off.ts';
import { onAbort } from '../net/on-abort.ts';
import type { AcknowledgedPartition } from './acknowledged-partition.ts';
import { AcquiredRecords } from './acquired-records.ts';
import type { HeldRecords } from './held-records.ts';
import type { AcknowledgedPlace } from './pending-acknowledgements.ts';
import { ShareBroker, type SharePeer } from './share-broker.ts';
import { ShareExchange } from './share-exchange.ts';
import { ShareMembership } from './share-membership.ts';
import { ShareMetrics } from './share-metrics.ts';
import type { ShareSettings } from './share-options.ts';
import type { RecordHolder, ShareRecord } from './share-record.ts';
import { sharedName } from './share-session.ts';

/** What waits for fresh metadata, or for the broker. */
const PASSING: ReadonlySet<number> = new Set<number>([
  ERROR.NOT_LEADER_OR_FOLLOWER,
  ERROR.FENCED_LEADER_EPOCH,
  ERROR.UNKNOWN_TOPIC_OR_PARTITION,
  ERROR.UNKNOWN_TOPIC_ID,
  ERROR.INCONSISTENT_TOPIC_ID,
]);

interface FetchedPlace extends AcknowledgedPlace {
  /** After an error, not before this. */
  notBeforeMs: number;
}

interface Running {
  readonly broker: ShareBroker;
  readonly ended: Promise<void>;
}

/** The member of the share group, what it is to fetch, and what it has acquired. */
export class ShareCore<K, V> implements SharePeer {
  readonly link: ClusterLink;
  readonly settings: ShareSettings;
  readonly metrics: ShareMetrics;
  readonly #topics: () => readonly string[];
  readonly #readersOf: (topic: string) => RecordReaders<K, V>;
  readonly #closing = new AbortController();
  readonly #news = new News();
  readonly #brokers = new Map<number, Running>();
  #membership: ShareMembership | null = null;
  #assigned = new Map<string, FetchedPlace>();
  #acquired: ShareRecord<K, V>[] = [];
  #lockTimeoutMs = -1;
  /** How many wait for records. */
  #waiting = 0;
  /** Where one broker is asked at a time: which one is, and which one was before. */
  #asked = -1;
  #askedLast = -1;
  #timer: NodeJS.Timeout | null = null;
  #failure: KafkaError | null = null;
  #isFatal = false;

  constructor(
    settings: ShareSettings,
    topics: () => readonly string[],
    readersOf: (topic: string) => RecordReaders<K, V>,
  ) {
    this.settings = settings;
    this.#topics = topics;
    this.#readersOf = readersOf;
    this.link = new ClusterLink(settings, { allowAutoTopicCreation: false }, 'consumer');
    this.metrics = new ShareMetrics(this.link);
    this.link.metadata.onChange(() => this.#wake());
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  get isMember(): boolean {
    return this.#membership !== null;
  }

  get assigned(): readonly AcknowledgedPlace[] {
    return [...this.#assigned.values()];
  }

  /** How long a record is this member's alone, as the broker said last; -1 before it did. */
  get lockTimeoutMs(): number {
    return this.#lockTimeoutMs;
  }

  /** The topics are others now. */
  onTopics(): void {
    this.link.metadata.want(this.#topics());
    if (this.#membership !== null) {
      this.#membership.onTopics();
      return;
    }
    this.#membership = new ShareMembership(this.link, this.settings, {
      topics: this.#topics,
      onAssigned: (partitions) => this.#onAssigned(partitions),
      onError: (error) => this.#fail(error, true),
    });
  }

  /** Some of what was acquired and is still held; throws what went wrong meanwhile. */
  take(limit: number): ShareRecord<K, V>[] {
    this.#throwFailure();
    const nowMs = performance.now();
    const taken: ShareRecord<K, V>[] = [];
    let at = 0;
    for (; at < this.#acquired.length && taken.length < limit; at++) {
      const record = this.#acquired[at]!;
      if (record.isOpen && record.lockedUntilMs > nowMs) taken.push(record);
    }
    this.#acquired.splice(0, at);
    if (taken.length > 0) this.metrics.onTaken();
    return taken;
  }

  /** Until there may be something to take: without it nothing is fetched. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (this.#failure !== null || this.isClosed || signal?.aborted === true) return;
    const forget = onAbort(signal, () => this.#news.tell());
    this.#waiting++;
    this.#wake();
    const sinceMs = this.link.metrics.now();
    await this.#news.next();
    this.metrics.onWaited(sinceMs);
    this.#waiting--;
    forget();
  }

  /** Sends what was said to all brokers; resolves with what became of it. */
  async commit(): Promise<AcknowledgedPartition[]> {
    const brokers = [...this.#brokers.values()];
    return (await Promise.all(brokers.map(({ broker }) => broker.commit()))).flat();
  }

  commitSoon(): void {
    for (const { broker } of this.#brokers.values()) broker.hurry();
  }

  /** Says what there is left to say, has the brokers release the rest, and leaves the group. */
  async end(): Promise<void> {
    this.#closing.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#news.tell();
    for (const { broker } of this.#brokers.values()) broker.wake();
    await Promise.all([...this.#brokers.values()].map(({ ended }) => ended));
    await this.#membership?.close();
  }

  wantedOf(nodeId: number): readonly AcknowledgedPlace[] {
    if (this.#waiting === 0 || this.#acquired.length > 0 || this.isClosed) return [];
    if (this.settings.shareAcquireMode === 'batch_optimized') return this.#fetchableOf(nodeId);
    if (this.#asked >= 0 || this.#nextAsked() !== nodeId) return [];
    this.#asked = nodeId;
    this.#askedLast = nodeId;
    return this.#fetchableOf(nodeId);
  }

  onFetched(nodeId: number): void {
    if (this.#asked !== nodeId) return;
    this.#asked = -1;
    this.#wake();
  }

  onPartition(
    place: AcknowledgedPlace,
    data: ShareFetchResponsePartitionData,
    answer: ShareFetchResponse,
    held: { readonly records: HeldRecords; readonly holder: RecordHolder },
  ): number {
    if (answer.acquisitionLockTimeoutMs > 0) this.#lockTimeoutMs = answer.acquisitionLockTimeoutMs;
    if (data.errorCode !== ERROR.NONE) {
      this.#onPartitionError(place, data, answer);
      return 0;
    }
    if (data.acquiredRecords.length === 0) return 0;
    const { checkCrcs, maxBatchBytes } = this.settings;
    const read = new AcquiredRecords<K, V>(place, data.records, data.acquiredRecords, {
      readers: this.#readersOf(place.topic),
      checkCrcs,
      maxBatchBytes,
      holder: held.holder,
      lockedUntilMs: performance.now() + this.#lockTimeoutMs,
    });
    for (const range of read.marks) held.records.markRange(place, range);
    for (const record of read.records) {
      held.records.hold(record as ShareRecord<unknown, unknown>);
      this.#acquired.push(record);
    }
    if (read.error !== null) this.#fail(read.error);
    this.#news.tell();
    return read.records.length;
  }

  onAcquired(records: number, bytes: number): void {
    this.metrics.onAcquired(records, bytes);
  }

  onSaid(records: number): void {
    this.metrics.onSaid(records);
  }

  onMoved(
    place: AcknowledgedPlace,
    leader: { readonly leaderId: number; readonly leaderEpoch: number },
    endpoints: ShareFetchResponse['nodeEndpoints'],
  ): void {
    const { topic, partition } = place;
    const { metadata } = this.link;
    if (!metadata.learnLeader(topic, partition, leader, endpoints)) metadata.invalidate();
  }

  /** An application that listens is told all; else what failed and nobody waits for is reported. */
  onAcknowledged(partitions: readonly AcknowledgedPartition[], isAwaited: boolean): void {
    const { onAcknowledged, onError } = this.settings;
    for (const { error, offsets } of partitions) {
      if (error !== null) this.metrics.onSayingFailed(offsets.length);
    }
    if (onAcknowledged === null) {
      for (const { error } of partitions) if (error !== null && !isAwaited) onError(error);
      return;
    }
    try {
      onAcknowledged(partitions);
    } catch (thrown) {
      this.#fail(toKafkaError(thrown));
    }
  }

  onUnreachable(): void {
    this.link.metadata.invalidate();
  }

  onError(error: KafkaError): void {
    this.#fail(error);
  }

  #onAssigned(partitions: readonly AcknowledgedPlace[]): void {
    const before = this.#assigned;
    this.#assigned = new Map();
    for (const each of partitions) {
      const name = sharedName(each);
      this.#assigned.set(name, before.get(name) ?? { ...each, notBeforeMs: 0 });
    }
    const isSame = [...this.#assigned.keys()].every((name) => before.has(name));
    if (!isSame || before.size !== this.#assigned.size) this.metrics.onRebalance();
    this.#wake();
  }

  #onPartitionError(
    place: AcknowledgedPlace,
    data: ShareFetchResponsePartitionData,
    answer: ShareFetchResponse,
  ): void {
    const { topic, partition } = place;
    const { errorCode, errorMessage, currentLeader } = data;
    const { retryBackoffMs, retryBackoffMaxMs } = this.settings;
    const what = `partition ${topic}-${partition}`;
    const error = answerError(errorCode, errorMessage, what, { topic, partition });
    const isPassing = PASSING.has(errorCode) || error.retriable;
    const fetched = this.#assigned.get(sharedName(place));
    if (!isPassing) this.#fail(error);
    const { metadata } = this.link;
    if (metadata.learnLeader(topic, partition, currentLeader, answer.nodeEndpoints)) return;
    const pauseMs = isPassing ? retryBackoffMs : retryBackoffMaxMs;
    if (fetched !== undefined) fetched.notBeforeMs = performance.now() + pauseMs;
    if (PASSING.has(errorCode)) metadata.invalidate();
  }

  #fetchableOf(nodeId: number): readonly AcknowledgedPlace[] {
    const nowMs = performance.now();
    const fetchable: AcknowledgedPlace[] = [];
    for (const place of this.#assigned.values()) {
      if (this.#leaderOf(place) !== nodeId) continue;
      if (place.notBeforeMs <= nowMs) fetchable.push(place);
      else this.#wakeIn(place.notBeforeMs - nowMs);
    }
    return fetchable;
  }

  /** The brokers in turn: the one after that which was asked last. */
  #nextAsked(): number {
    const ids = [...this.#brokers.keys()].filter((id) => this.#fetchableOf(id).length > 0);
    ids.sort((one, other) => one - other);
    return ids.find((id) => id > this.#askedLast) ?? ids[0] ?? -1;
  }

  /** -1 where it is not known. A topic that was made anew is another. */
  #leaderOf({ topic, topicId, partition }: AcknowledgedPlace): number {
    const { metadata } = this.link;
    const image = metadata.topic(topic);
    if (image?.id !== topicId) return -1;
    const leader = image.partitions[partition]?.leader ?? -1;
    if (leader < 0) metadata.invalidate();
    return leader;
  }

  #wake(): void {
    if (this.isClosed) return;
    for (const place of this.#assigned.values()) {
      const nodeId = this.#leaderOf(place);
      if (nodeId >= 0 && !this.#brokers.has(nodeId)) this.#start(nodeId);
    }
    for (const { broker } of this.#brokers.values()) broker.wake();
  }

  #start(nodeId: number): void {
    const { retryBackoffMs, retryBackoffMaxMs } = this.settings;
    const { signal: closing } = this.#closing;
    const { memberId } = this.#membership!;
    const exchange = new ShareExchange(nodeId, this.link, this.settings, memberId, closing);
    const backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
    const broker = new ShareBroker(nodeId, exchange, this, { closing, backOff });
    const ended = inBackground(broker.run(), (thrown) => {
      this.#brokers.delete(nodeId);
      this.#fail(toKafkaError(thrown));
    });
    this.#brokers.set(nodeId, { broker, ended });
  }

  #wakeIn(ms: number): void {
    if (this.#timer !== null || this.isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#wake();
    }, ms);
  }

  /** The next call that takes records throws it; where the member cannot go on, each one. */
  #fail(error: KafkaError, isFatal = false): void {
    if (this.isClosed || this.#isFatal) return;
    this.#isFatal = isFatal;
    this.#failure = error;
    this.#news.tell();
  }

  #throwFailure(): void {
    const failure = this.#failure;
    if (!this.#isFatal) this.#failure = null;
    if (failure !== null) throw failure;
  }
}
