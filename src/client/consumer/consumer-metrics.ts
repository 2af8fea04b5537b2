import { API } from '../../protocol/api-keys.ts';
import { CHANNELS } from '../diagnostics/client-channels.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import { fetchReads } from '../metrics/fetch-reads.ts';
import {
  CONSUMER_METRICS,
  FETCH_METRICS,
  FETCH_PARTITION_METRICS,
  FETCH_TOPIC_METRICS,
} from '../metrics/metric-names.ts';
import { PollMeter } from '../metrics/poll-meter.ts';
import type { Sensor } from '../metrics/sensor.ts';
import type { TopicPartition } from '../topic-partition.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import type { PartitionState } from './fetch/partition-state.ts';
import { GroupMetrics, type GroupProtocolName } from './group/group-metrics.ts';
import type { RebalanceStage } from './group/membership.ts';
import type { RecordBatch } from './records/record-batch.ts';

export type PartitionsChange = 'assigned' | 'revoked' | 'lost';

interface TopicMeter {
  readonly records: Sensor;
  readonly bytes: Sensor;
}

interface PartitionMeter {
  readonly state: { readonly name: string };
  readonly lag: Sensor;
  readonly lead: Sensor;
}

const NS_PER_MS = 1e6;
const FETCH_GROUP = 'consumer-fetch-manager-metrics';

/** The metrics of a consumer. It is told of batches and requests, never of single records. */
export class ConsumerMetrics<K, V> {
  readonly #link: ClusterLink;
  readonly #states: ReadonlyMap<string, PartitionState<K, V>>;
  readonly #groupId: string | null;
  readonly #readsCommitted: boolean;
  readonly #group: GroupMetrics;
  readonly #records: Sensor;
  readonly #bytes: Sensor;
  readonly #lag: Sensor;
  readonly #lead: Sensor;
  readonly #polls: PollMeter;
  readonly #commits: Sensor;
  readonly #committedReads: Sensor;
  readonly #topics = new Map<string, TopicMeter>();
  readonly #partitions = new Map<string, PartitionMeter>();

  constructor(
    link: ClusterLink,
    states: ReadonlyMap<string, PartitionState<K, V>>,
    { isolationLevel, groupProtocol, groupId }: ConsumerSettings,
  ) {
    const { metrics } = link;
    this.#link = link;
    this.#states = states;
    this.#groupId = groupId;
    this.#readsCommitted = isolationLevel === 'read_committed';
    this.#records = metrics.sensor();
    this.#bytes = metrics.sensor();
    this.#lag = metrics.sensor();
    this.#lead = metrics.sensor();
    this.#polls = new PollMeter(metrics);
    this.#commits = metrics.sensor();
    this.#committedReads = metrics.sensor();
    this.#registerPolls();
    this.#registerFetches();
    this.#group = new GroupMetrics(link, groupProtocol, () => states.size);
  }

  /** The application gets this batch. */
  onTaken(state: PartitionState<K, V>, batch: RecordBatch<K, V>): void {
    if (CHANNELS.poll.hasSubscribers) this.#tellPoll(batch);
    const nowMs = this.#link.metrics.now();
    const records = batch.length;
    this.#records.record(records, nowMs);
    this.#topicOf(state.topic).records.record(records, nowMs);
    this.#recordLag(state, nowMs);
    this.#polls.onTaken(nowMs);
  }

  /** All that one fetch brought of the partition is handed out. */
  onDrained({ topic }: PartitionState<K, V>, bytes: number): void {
    const nowMs = this.#link.metrics.now();
    this.#bytes.record(bytes, nowMs);
    this.#topicOf(topic).bytes.record(bytes, nowMs);
  }

  /** The application has waited for records since that time. */
  onWaited(sinceMs: number): void {
    this.#polls.onWaited(this.#link.metrics.now() - sinceMs);
  }

  onCommitCall(sinceMs: number): void {
    const nowMs = this.#link.metrics.now();
    this.#commits.record(nowMs - sinceMs, nowMs);
  }

  onCommittedCall(sinceMs: number): void {
    const nowMs = this.#link.metrics.now();
    this.#committedReads.record(nowMs - sinceMs, nowMs);
  }

  /** Of the group, where it is not the one that the settings say. */
  setGroupProtocol(protocol: GroupProtocolName): void {
    this.#group.setProtocol(protocol);
  }

  onRebalance(stage: RebalanceStage): void {
    this.#group.onRebalance(stage);
  }

  onListened(
    change: PartitionsChange,
    partitions: readonly TopicPartition[],
    memberId: string,
    sinceMs: number,
  ): void {
    this.#group.onListened(change, sinceMs);
    if (!CHANNELS.rebalance.hasSubscribers) return;
    const { clientId } = this.#link.metrics;
    const durationMs = performance.now() - sinceMs;
    const member = { clientId, groupId: this.#groupId ?? '', memberId };
    CHANNELS.rebalance.publish({ ...member, change, partitions, durationMs });
  }

  /** Drops what is about partitions that are no longer assigned. */
  refresh(): void {
    for (const [name, { state }] of this.#partitions) {
      if (this.#states.get(name) === state) continue;
      this.#partitions.delete(name);
      this.#link.metrics.remove('partition', name);
    }
    for (const state of this.#states.values()) this.#partitionOf(state);
  }

  #tellPoll(batch: RecordBatch<K, V>): void {
    const { clientId } = this.#link.metrics;
    const { topic, partition } = batch;
    const at = { topic, partition, durationMs: this.#polls.waitedMs };
    CHANNELS.poll.publish({ clientId, groupId: this.#groupId, ...at, batch });
  }

  #recordLag(state: PartitionState<K, V>, nowMs: number): void {
    const meter = this.#partitionOf(state);
    const lag = state.lag(this.#readsCommitted);
    if (lag >= 0) {
      this.#lag.record(lag, nowMs);
      meter.lag.record(lag, nowMs);
    }
    if (state.position < 0 || state.logStartOffset < 0) return;
    const lead = state.position - state.logStartOffset;
    this.#lead.record(lead, nowMs);
    meter.lead.record(lead, nowMs);
  }

  #registerPolls(): void {
    const place = { scope: 'client', id: '', group: 'consumer-metrics', tags: {} } as const;
    this.#link.metrics.register(place, CONSUMER_METRICS, {
      ...this.#polls.reads(),
      'commit-sync-time-ns-total': () => this.#commits.total * NS_PER_MS,
      'committed-time-ns-total': () => this.#committedReads.total * NS_PER_MS,
    });
  }

  #registerFetches(): void {
    const { metrics, traffic } = this.#link;
    const place = { scope: 'client', id: '', group: FETCH_GROUP, tags: {} } as const;
    metrics.register(place, FETCH_METRICS, {
      'records-consumed-rate': (nowMs) => this.#records.rate(nowMs),
      'records-consumed-total': () => this.#records.total,
      'bytes-consumed-rate': (nowMs) => this.#bytes.rate(nowMs),
      'bytes-consumed-total': () => this.#bytes.total,
      'records-per-request-avg': (nowMs) => {
        return this.#records.rate(nowMs) / this.#bytes.countRate(nowMs);
      },
      ...fetchReads(traffic.meterOf(API.FETCH), traffic.throttle),
      'records-lag-max': (nowMs) => this.#lag.max(nowMs),
      'records-lead-min': (nowMs) => this.#lead.min(nowMs),
    });
  }

  #topicOf(topic: string): TopicMeter {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const { metrics } = this.#link;
    const records = metrics.sensor();
    const bytes = metrics.sensor();
    const meter = { records, bytes };
    this.#topics.set(topic, meter);
    const place = { scope: 'topic', id: topic, group: FETCH_GROUP, tags: { topic } } as const;
    metrics.register(place, FETCH_TOPIC_METRICS, {
      'records-consumed-rate': (nowMs) => records.rate(nowMs),
      'records-consumed-total': () => records.total,
      'bytes-consumed-rate': (nowMs) => bytes.rate(nowMs),
      'bytes-consumed-total': () => bytes.total,
      'fetch-size-avg': (nowMs) => bytes.avg(nowMs),
      'fetch-size-max': (nowMs) => bytes.max(nowMs),
    });
    return meter;
  }

  #partitionOf(state: PartitionState<K, V>): PartitionMeter {
    const { name, topic, partition } = state;
    const known = this.#partitions.get(name);
    if (known !== undefined && known.state === state) return known;
    const { metrics } = this.#link;
    if (known !== undefined) metrics.remove('partition', name);
    const lag = metrics.sensor();
    const lead = metrics.sensor();
    const meter = { state, lag, lead };
    this.#partitions.set(name, meter);
    const tags = { topic, partition: String(partition) };
    const place = { scope: 'partition', id: name, group: FETCH_GROUP, tags } as const;
    metrics.register(place, FETCH_PARTITION_METRICS, {
      'records-lag': () => orNothing(state.lag(this.#readsCommitted)),
      'records-lag-avg': (nowMs) => lag.avg(nowMs),
      'records-lag-max': (nowMs) => lag.max(nowMs),
      'records-lead': () => {
        const isKnown = state.position >= 0 && state.logStartOffset >= 0;
        return isKnown ? state.position - state.logStartOffset : Number.NaN;
      },
      'records-lead-avg': (nowMs) => lead.avg(nowMs),
      'records-lead-min': (nowMs) => lead.min(nowMs),
      'preferred-read-replica': () => state.preferredReplica,
    });
    return meter;
  }
}

function orNothing(value: number): number {
  return value < 0 ? Number.NaN : value;
}
