import { MetricsRegistry } from '../../client/metrics/metrics-registry.ts';
import type { Windows } from '../../client/metrics/sensor.ts';
import { DroppedRecords } from './dropped-records.ts';
import type { MeteredTask } from './metered-task.ts';
import { STREAMS_CLIENT_METRICS } from './streams-metric-names.ts';
import { TaskMetrics } from './task-metrics.ts';
import { ThreadMeter } from './thread-meter.ts';
import { ThreadMetrics } from './thread-metrics.ts';
import { type BytesByTopic, TopicBytes } from './topic-bytes.ts';

/** What is asked of an instance whenever it is measured. */
export interface MeasuredInstance {
  /** The number that Kafka has for its state. */
  readonly state: number;
  readonly hasFailed: boolean;
  tasks(): Iterable<MeteredTask>;
  /** What its clients have read and written. */
  consumed(): BytesByTopic;
  produced(): BytesByTopic;
  /** How many rows were read from changelogs since the start. */
  readonly restored: number;
  /** Whether it restores nothing and follows no changelogs, since it is paused. */
  readonly isPaused: boolean;
}

/** Of `metrics.recording.level`, the least first. */
export const RECORDING_LEVELS = ['INFO', 'DEBUG', 'TRACE'] as const;

export type RecordingLevel = (typeof RECORDING_LEVELS)[number];

/** In the order of the numbers of `StreamsState`: those that Kafka has for states of threads. */
const THREAD_STATES = [0, 3, 4, 5, 6, 5, 6] as const;

export interface MetersOptions {
  readonly clientId: string;
  /** The name of the thread. */
  readonly thread: string;
  readonly windows: Windows;
  /** Kafka's `metrics.recording.level`. */
  readonly level: RecordingLevel;
  readonly now?: () => number;
}

/**
 * Makes metrics of what an instance counts. It looks at the counters now and then, so that nothing
 * is told of single records but increments.
 */
export class StreamsMeters {
  readonly registry: MetricsRegistry;
  readonly thread = new ThreadMeter();
  readonly dropped = new DroppedRecords();
  readonly threadName: string;
  readonly #threadMetrics: ThreadMetrics;
  readonly #bytes: TopicBytes;
  readonly #level: RecordingLevel;
  readonly #tasks = new Map<string, { readonly meter: unknown; readonly metrics: TaskMetrics }>();
  #instance: MeasuredInstance | null = null;

  constructor({ clientId, thread, windows, level, now }: MetersOptions) {
    this.#level = level;
    const options = { clientId, kind: 'streams', windows } as const;
    this.registry = new MetricsRegistry(now === undefined ? options : { ...options, now });
    this.threadName = thread;
    const state = () => THREAD_STATES[this.#instance?.state ?? 0] ?? 0;
    this.#threadMetrics = new ThreadMetrics(this.registry, this.thread, this.threadName, state);
    this.#bytes = new TopicBytes(this.registry, this.threadName);
    this.#registerClient();
  }

  measure(instance: MeasuredInstance): void {
    this.#instance = instance;
  }

  /** A record was left out. */
  onDropped(task: string, node: string, reason: string): void {
    this.dropped.add(task, node, reason);
    if (!this.#tasks.has(task)) this.sample();
    this.#tasks.get(task)?.metrics.onDropped(this.registry.now());
  }

  /** Before the metrics are read. */
  refresh(): void {
    const instance = this.#instance;
    if (instance !== null) this.#bytes.look(instance.consumed(), instance.produced());
    this.sample();
  }

  /** Looks at all counters, and at which tasks there are. */
  sample(): void {
    const instance = this.#instance;
    if (instance === null) return;
    const nowMs = this.registry.now();
    const seen = new Set<string>();
    let standbys = 0;
    let restoring = 0;
    const tasks = [...instance.tasks()];
    const busyMs = tasks.reduce((sum, task) => sum + this.#metricsOf(task, nowMs).busyMs(task), 0);
    const { punctuations } = this.#threadMetrics;
    for (const task of tasks) {
      seen.add(task.name);
      this.#metricsOf(task, nowMs).sample(task, punctuations, busyMs, nowMs);
      if (task.isStandby) standbys++;
      else if (task.restored.remaining > 0) restoring++;
    }
    for (const name of [...this.#tasks.keys()]) if (!seen.has(name)) this.#remove(name, nowMs);
    const counts = { restoring, standbys, arePaused: instance.isPaused };
    this.#threadMetrics.sample(instance.restored, counts, nowMs);
  }

  #metricsOf(task: MeteredTask, nowMs: number): TaskMetrics {
    const known = this.#tasks.get(task.name);
    if (known !== undefined && known.meter === task.meter) return known.metrics;
    if (known !== undefined) this.#remove(task.name, nowMs);
    const metrics = new TaskMetrics(this.registry, task, this.threadName, this.#level !== 'INFO');
    this.#tasks.set(task.name, { meter: task.meter, metrics });
    this.#threadMetrics.created.record(1, nowMs);
    return metrics;
  }

  #remove(name: string, nowMs: number): void {
    this.#tasks.get(name)?.metrics.remove();
    this.#tasks.delete(name);
    this.dropped.forget(name);
    this.#threadMetrics.closed.record(1, nowMs);
  }

  #registerClient(): void {
    const place = { scope: 'client', id: '', group: 'stream-metrics', tags: {} } as const;
    this.registry.register(place, STREAMS_CLIENT_METRICS, {
      'client-state': () => this.#instance?.state ?? 0,
      'alive-stream-threads': () => (this.#instance?.hasFailed === false ? 1 : 0),
      'recording-level': () => RECORDING_LEVELS.indexOf(this.#level),
      'failed-stream-threads': () => (this.#instance?.hasFailed === true ? 1 : 0),
    });
  }
}
