import { API } from '../../protocol/api-keys.ts';
import { BATCH_HEADER_SIZE } from '../../records/batch-layout.ts';
import { CHANNELS } from '../diagnostics/client-channels.ts';
import type { KafkaError } from '../errors/kafka-error.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import { PRODUCER_METRICS, PRODUCER_TOPIC_METRICS } from '../metrics/metric-names.ts';
import type { Sensor } from '../metrics/sensor.ts';
import type { Batch } from './batch.ts';

interface TopicMeter {
  readonly records: Sensor;
  readonly bytes: Sensor;
  readonly compression: Sensor;
  readonly retries: Sensor;
  readonly errors: Sensor;
}

/** What the memory for records looks like now. */
export interface BufferView {
  readonly totalBytes: number;
  readonly heldBytes: () => number;
  /** Callers that wait for memory. */
  readonly waiting: () => number;
}

/** Calls whose time is summed up. */
export type TimedCall =
  | 'flush'
  | 'txn-init'
  | 'txn-begin'
  | 'txn-send-offsets'
  | 'txn-commit'
  | 'txn-abort';

const NO_OFFSET = -1;
const NS_PER_MS = 1e6;
const MS_PER_SECOND = 1000;

/** The metrics of a producer. It is told of batches and requests, never of single records. */
export class ProducerMetrics {
  readonly #link: ClusterLink;
  readonly #buffer: BufferView;
  readonly #records: Sensor;
  readonly #batchBytes: Sensor;
  readonly #splits: Sensor;
  readonly #compression: Sensor;
  readonly #recordBytes: Sensor;
  readonly #queueTime: Sensor;
  readonly #retries: Sensor;
  readonly #errors: Sensor;
  readonly #exhausted: Sensor;
  readonly #waits: Sensor;
  readonly #topics = new Map<string, TopicMeter>();
  readonly #calls: Record<TimedCall, number> = {
    flush: 0,
    'txn-init': 0,
    'txn-begin': 0,
    'txn-send-offsets': 0,
    'txn-commit': 0,
    'txn-abort': 0,
  };

  constructor(link: ClusterLink, buffer: BufferView) {
    const { metrics } = link;
    this.#link = link;
    this.#buffer = buffer;
    this.#records = metrics.sensor();
    this.#batchBytes = metrics.sensor();
    this.#splits = metrics.sensor();
    this.#compression = metrics.sensor();
    this.#recordBytes = metrics.sensor();
    this.#queueTime = metrics.sensor();
    this.#retries = metrics.sensor();
    this.#errors = metrics.sensor();
    this.#exhausted = metrics.sensor();
    this.#waits = metrics.sensor();
    this.#register();
  }

  /** A request with these batches leaves. */
  onRequest(targets: readonly { readonly batch: Batch }[], nowMs: number): void {
    let records = 0;
    for (let i = 0; i < targets.length; i++) {
      const { batch } = targets[i]!;
      const { length, rawLength, count } = batch;
      const ratio = length / rawLength;
      const topic = this.#topicOf(batch.outcome.topic);
      records += count;
      this.#batchBytes.record(length, nowMs);
      this.#compression.record(ratio, nowMs);
      this.#recordBytes.record((rawLength - BATCH_HEADER_SIZE) / count, nowMs);
      this.#queueTime.record(nowMs - batch.createdMs, nowMs);
      topic.records.record(count, nowMs);
      topic.bytes.record(length, nowMs);
      topic.compression.record(ratio, nowMs);
    }
    this.#records.record(records, nowMs);
  }

  onRetried(batch: Batch): void {
    const nowMs = this.#link.metrics.now();
    this.#retries.record(batch.count, nowMs);
    this.#topicOf(batch.outcome.topic).retries.record(batch.count, nowMs);
  }

  onAcknowledged(batch: Batch, baseOffset: number): void {
    if (CHANNELS.batch.hasSubscribers) this.#tell(batch, baseOffset, null);
  }

  onFailed(batch: Batch, error: KafkaError): void {
    if (CHANNELS.batch.hasSubscribers) this.#tell(batch, NO_OFFSET, error);
    const nowMs = this.#link.metrics.now();
    this.#errors.record(batch.count, nowMs);
    this.#topicOf(batch.outcome.topic).errors.record(batch.count, nowMs);
  }

  onSplit(): void {
    this.#splits.record(1, this.#link.metrics.now());
  }

  onExhausted(): void {
    this.#exhausted.record(1, this.#link.metrics.now());
  }

  /** A caller has waited for memory since that time. */
  onWaited(sinceMs: number): void {
    const nowMs = this.#link.metrics.now();
    this.#waits.record(nowMs - sinceMs, nowMs);
  }

  /** The time that the call takes, whatever comes of it. */
  async timed<T>(call: TimedCall, work: Promise<T>): Promise<T> {
    const sinceMs = performance.now();
    try {
      return await work;
    } finally {
      this.#calls[call] += performance.now() - sinceMs;
    }
  }

  #tell(batch: Batch, baseOffset: number, error: KafkaError | null): void {
    const { topic, partition } = batch.outcome;
    const { clientId } = this.#link.metrics;
    const durationMs = performance.now() - batch.createdMs;
    const { count: records, length: bytes, attempts } = batch;
    const size = { records, bytes, attempts, durationMs };
    CHANNELS.batch.publish({ clientId, topic, partition, baseOffset, ...size, error });
  }

  #register(): void {
    const { metrics, traffic, network, metadata } = this.#link;
    const { latency } = traffic.meterOf(API.PRODUCE);
    const { throttle } = traffic;
    const place = { scope: 'client', id: '', group: 'producer-metrics', tags: {} } as const;
    metrics.register(place, PRODUCER_METRICS, {
      ...this.#recordReads(),
      'request-latency-avg': (nowMs) => latency.avg(nowMs),
      'request-latency-max': (nowMs) => latency.max(nowMs),
      'requests-in-flight': () => network.requestsInFlight,
      'produce-throttle-time-avg': (nowMs) => throttle.avg(nowMs),
      'produce-throttle-time-max': (nowMs) => throttle.max(nowMs),
      'buffer-total-bytes': () => this.#buffer.totalBytes,
      'buffer-available-bytes': () => {
        return Math.max(this.#buffer.totalBytes - this.#buffer.heldBytes(), 0);
      },
      'buffer-exhausted-rate': (nowMs) => this.#exhausted.rate(nowMs),
      'buffer-exhausted-total': () => this.#exhausted.total,
      'bufferpool-wait-ratio': (nowMs) => this.#waits.rate(nowMs, 1),
      'bufferpool-wait-time-ns-total': () => this.#waits.total * NS_PER_MS,
      'waiting-threads': () => this.#buffer.waiting(),
      'metadata-age': (nowMs) => (nowMs - metadata.updatedMs) / MS_PER_SECOND,
      'metadata-wait-time-ns-total': () => metadata.topicWaitMs * NS_PER_MS,
      ...this.#callReads(),
    });
  }

  #callReads() {
    const calls = this.#calls;
    return {
      'flush-time-ns-total': () => calls.flush * NS_PER_MS,
      'txn-init-time-ns-total': () => calls['txn-init'] * NS_PER_MS,
      'txn-begin-time-ns-total': () => calls['txn-begin'] * NS_PER_MS,
      'txn-send-offsets-time-ns-total': () => calls['txn-send-offsets'] * NS_PER_MS,
      'txn-commit-time-ns-total': () => calls['txn-commit'] * NS_PER_MS,
      'txn-abort-time-ns-total': () => calls['txn-abort'] * NS_PER_MS,
    };
  }

  #recordReads() {
    const records = this.#records;
    const batches = this.#batchBytes;
    return {
      'record-send-rate': (nowMs: number) => records.rate(nowMs),
      'record-send-total': () => records.total,
      'records-per-request-avg': (nowMs: number) => records.avg(nowMs),
      'batch-size-avg': (nowMs: number) => batches.avg(nowMs),
      'batch-size-max': (nowMs: number) => batches.max(nowMs),
      'batch-split-rate': (nowMs: number) => this.#splits.rate(nowMs),
      'batch-split-total': () => this.#splits.total,
      'compression-rate-avg': (nowMs: number) => this.#compression.avg(nowMs),
      'record-size-avg': (nowMs: number) => this.#recordBytes.avg(nowMs),
      'record-queue-time-avg': (nowMs: number) => this.#queueTime.avg(nowMs),
      'record-queue-time-max': (nowMs: number) => this.#queueTime.max(nowMs),
      'record-retry-rate': (nowMs: number) => this.#retries.rate(nowMs),
      'record-retry-total': () => this.#retries.total,
      'record-error-rate': (nowMs: number) => this.#errors.rate(nowMs),
      'record-error-total': () => this.#errors.total,
    };
  }

  #topicOf(topic: string): TopicMeter {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const { metrics } = this.#link;
    const records = metrics.sensor();
    const bytes = metrics.sensor();
    const compression = metrics.sensor();
    const retries = metrics.sensor();
    const errors = metrics.sensor();
    const meter = { records, bytes, compression, retries, errors };
    this.#topics.set(topic, meter);
    const group = 'producer-topic-metrics';
    const place = { scope: 'topic', id: topic, group, tags: { topic } } as const;
    metrics.register(place, PRODUCER_TOPIC_METRICS, {
      'record-send-rate': (nowMs) => records.rate(nowMs),
      'record-send-total': () => records.total,
      'byte-rate': (nowMs) => bytes.rate(nowMs),
      'byte-total': () => bytes.total,
      'compression-rate': (nowMs) => compression.avg(nowMs),
      'record-retry-rate': (nowMs) => retries.rate(nowMs),
      'record-retry-total': () => retries.total,
      'record-error-rate': (nowMs) => errors.rate(nowMs),
      'record-error-total': () => errors.total,
    });
    return meter;
  }
}
