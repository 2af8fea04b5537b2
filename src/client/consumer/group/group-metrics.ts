import { API } from '../../../protocol/api-keys.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import { heartbeatReads } from '../../metrics/heartbeat-reads.ts';
import { COORDINATOR_METRICS } from '../../metrics/metric-names.ts';
import type { ApiMeter } from '../../metrics/network-metrics.ts';
import { secondsSince } from '../../metrics/seconds-since.ts';
import type { Sensor } from '../../metrics/sensor.ts';
import type { RebalanceStage } from './membership.ts';

const HOUR_MS = 3_600_000;
/** Rebalances are rare: Kafka counts them over hours. */
const HOURLY = { samples: 2, windowMs: HOUR_MS } as const;
const COORDINATOR_GROUP = 'consumer-coordinator-metrics';

/** What a group's members say that they are there with, by its protocol. */
const HEARTBEATS = {
  classic: API.HEARTBEAT,
  consumer: API.CONSUMER_GROUP_HEARTBEAT,
  streams: API.STREAMS_GROUP_HEARTBEAT,
} as const;

export type GroupProtocolName = keyof typeof HEARTBEATS;

/** The metrics of a member of a group. Those of its requests are measured by its connections. */
export class GroupMetrics {
  readonly #link: ClusterLink;
  #heartbeats: ApiMeter;
  readonly #rebalances: Sensor;
  readonly #rebalancesHourly: Sensor;
  readonly #failed: Sensor;
  readonly #listened: {
    readonly assigned: Sensor;
    readonly revoked: Sensor;
    readonly lost: Sensor;
  };
  #begunMs = -1;
  #endedMs = -1;

  constructor(link: ClusterLink, protocol: GroupProtocolName, assigned: () => number) {
    const { metrics } = link;
    this.#heartbeats = link.traffic.meterOf(HEARTBEATS[protocol]);
    this.#link = link;
    this.#rebalances = metrics.sensor();
    this.#rebalancesHourly = metrics.sensor(HOURLY);
    this.#failed = metrics.sensor(HOURLY);
    this.#listened = {
      assigned: metrics.sensor(),
      revoked: metrics.sensor(),
      lost: metrics.sensor(),
    };
    const place = { scope: 'client', id: '', group: COORDINATOR_GROUP, tags: {} } as const;
    metrics.register(place, COORDINATOR_METRICS, {
      'assigned-partitions': assigned,
      ...this.#requestReads(),
      ...this.#rebalanceReads(),
      ...this.#listenerReads(),
    });
  }

  /** The group turned out to be of another protocol than the settings of the consumer say. */
  setProtocol(protocol: GroupProtocolName): void {
    this.#heartbeats = this.#link.traffic.meterOf(HEARTBEATS[protocol]);
  }

  /** An attempt that follows a failed one belongs to the same rebalance. */
  onRebalance(stage: RebalanceStage): void {
    const nowMs = this.#link.metrics.now();
    if (stage === 'failed') this.#failed.record(1, nowMs);
    else if (stage === 'begun') this.#begunMs = this.#begunMs < 0 ? nowMs : this.#begunMs;
    else if (this.#begunMs >= 0) {
      this.#rebalances.record(nowMs - this.#begunMs, nowMs);
      this.#rebalancesHourly.record(1, nowMs);
      this.#begunMs = -1;
      this.#endedMs = nowMs;
    }
  }

  onListened(what: 'assigned' | 'revoked' | 'lost', sinceMs: number): void {
    const nowMs = this.#link.metrics.now();
    this.#listened[what].record(nowMs - sinceMs, nowMs);
  }

  #requestReads() {
    const { traffic } = this.#link;
    const commit = traffic.meterOf(API.OFFSET_COMMIT).latency;
    const join = traffic.meterOf(API.JOIN_GROUP).latency;
    const sync = traffic.meterOf(API.SYNC_GROUP).latency;
    return {
      'commit-latency-avg': (nowMs: number) => commit.avg(nowMs),
      'commit-latency-max': (nowMs: number) => commit.max(nowMs),
      'commit-rate': (nowMs: number) => commit.countRate(nowMs),
      'commit-total': () => commit.count,
      ...heartbeatReads(() => this.#heartbeats),
      'join-time-avg': (nowMs: number) => join.avg(nowMs),
      'join-time-max': (nowMs: number) => join.max(nowMs),
      'join-rate': (nowMs: number) => join.countRate(nowMs),
      'join-total': () => join.count,
      'sync-time-avg': (nowMs: number) => sync.avg(nowMs),
      'sync-time-max': (nowMs: number) => sync.max(nowMs),
      'sync-rate': (nowMs: number) => sync.countRate(nowMs),
      'sync-total': () => sync.count,
    };
  }

  #rebalanceReads() {
    const rebalances = this.#rebalances;
    return {
      'rebalance-latency-avg': (nowMs: number) => rebalances.avg(nowMs),
      'rebalance-latency-max': (nowMs: number) => rebalances.max(nowMs),
      'rebalance-latency-total': () => rebalances.total,
      'rebalance-total': () => rebalances.count,
      'rebalance-rate-per-hour': (nowMs: number) => {
        return this.#rebalancesHourly.countRate(nowMs, HOUR_MS);
      },
      'failed-rebalance-total': () => this.#failed.count,
      'failed-rebalance-rate-per-hour': (nowMs: number) => this.#failed.countRate(nowMs, HOUR_MS),
      'last-rebalance-seconds-ago': (nowMs: number) => secondsSince(this.#endedMs, nowMs),
    };
  }

  #listenerReads() {
    const { assigned, revoked, lost } = this.#listened;
    return {
      'partition-assigned-latency-avg': (nowMs: number) => assigned.avg(nowMs),
      'partition-assigned-latency-max': (nowMs: number) => assigned.max(nowMs),
      'partition-revoked-latency-avg': (nowMs: number) => revoked.avg(nowMs),
      'partition-revoked-latency-max': (nowMs: number) => revoked.max(nowMs),
      'partition-lost-latency-avg': (nowMs: number) => lost.avg(nowMs),
      'partition-lost-latency-max': (nowMs: number) => lost.max(nowMs),
    };
  }
}
