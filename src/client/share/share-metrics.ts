import { API } from '../../protocol/api-keys.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import { fetchReads } from '../metrics/fetch-reads.ts';
import { heartbeatReads } from '../metrics/heartbeat-reads.ts';
import {
  SHARE_COORDINATOR_METRICS,
  SHARE_FETCH_METRICS,
  SHARE_METRICS,
} from '../metrics/metric-names.ts';
import type { MetricPlace, MetricsRegistry } from '../metrics/metrics-registry.ts';
import { PollMeter } from '../metrics/poll-meter.ts';
import type { Sensor } from '../metrics/sensor.ts';

const HOUR_MS = 3_600_000;
/** Rebalances are rare: Kafka counts them over hours. */
const HOURLY = { samples: 2, windowMs: HOUR_MS } as const;

/** The metrics of a share consumer. Those of its requests are measured by its connections. */
export class ShareMetrics {
  readonly #registry: MetricsRegistry;
  readonly #polls: PollMeter;
  readonly #records: Sensor;
  readonly #bytes: Sensor;
  readonly #acknowledged: Sensor;
  readonly #failed: Sensor;
  readonly #rebalances: Sensor;

  constructor(link: ClusterLink) {
    const { metrics } = link;
    this.#registry = metrics;
    this.#polls = new PollMeter(metrics);
    this.#records = metrics.sensor();
    this.#bytes = metrics.sensor();
    this.#acknowledged = metrics.sensor();
    this.#failed = metrics.sensor();
    this.#rebalances = metrics.sensor(HOURLY);
    this.#register(link);
  }

  /** The application gets records. */
  onTaken(): void {
    this.#polls.onTaken(this.#registry.now());
  }

  /** The application has waited for records since that time. */
  onWaited(sinceMs: number): void {
    this.#polls.onWaited(this.#registry.now() - sinceMs);
  }

  /** An answer with so many acquired records came, in batches of so many bytes. */
  onAcquired(records: number, bytes: number): void {
    const nowMs = this.#registry.now();
    this.#records.record(records, nowMs);
    this.#bytes.record(bytes, nowMs);
  }

  /** What was said of so many records leaves. */
  onSaid(records: number): void {
    this.#acknowledged.record(records, this.#registry.now());
  }

  onSayingFailed(records: number): void {
    this.#failed.record(records, this.#registry.now());
  }

  /** The partitions of this member are others now. */
  onRebalance(): void {
    this.#rebalances.record(1, this.#registry.now());
  }

  #register({ metrics, traffic }: ClusterLink): void {
    const placeOf = (group: string): MetricPlace => ({ scope: 'client', id: '', group, tags: {} });
    metrics.register(placeOf('consumer-share-metrics'), SHARE_METRICS, this.#polls.reads());
    metrics.register(placeOf('consumer-share-fetch-manager-metrics'), SHARE_FETCH_METRICS, {
      'records-consumed-rate': (nowMs) => this.#records.rate(nowMs),
      'records-consumed-total': () => this.#records.total,
      'bytes-consumed-rate': (nowMs) => this.#bytes.rate(nowMs),
      'bytes-consumed-total': () => this.#bytes.total,
      'records-per-request-avg': (nowMs) => this.#records.avg(nowMs),
      'records-per-request-max': (nowMs) => this.#records.max(nowMs),
      'acknowledgements-send-rate': (nowMs) => this.#acknowledged.rate(nowMs),
      'acknowledgements-send-total': () => this.#acknowledged.total,
      'acknowledgements-error-rate': (nowMs) => this.#failed.rate(nowMs),
      'acknowledgements-error-total': () => this.#failed.total,
      ...fetchReads(traffic.meterOf(API.SHARE_FETCH), traffic.throttle),
    });
    const heartbeats = traffic.meterOf(API.SHARE_GROUP_HEARTBEAT);
    metrics.register(placeOf('consumer-share-coordinator-metrics'), SHARE_COORDINATOR_METRICS, {
      ...heartbeatReads(() => heartbeats),
      'rebalance-total': () => this.#rebalances.count,
      'rebalance-rate-per-hour': (nowMs) => this.#rebalances.countRate(nowMs, HOUR_MS),
    });
  }
}
