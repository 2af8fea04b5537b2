import type { MetricsRegistry } from '../../client/metrics/metrics-registry.ts';
import type { Sensor } from '../../client/metrics/sensor.ts';
import { Growth } from './growth.ts';
import type { CachedUpdates, MeteredTask } from './metered-task.ts';
import { NodeMetrics } from './node-metrics.ts';
import { StoreMetrics } from './store-metrics.ts';
import { STANDBY_METRICS, TASK_DEBUG_METRICS, TASK_METRICS } from './streams-metric-names.ts';

const TASK_GROUP = 'stream-task-metrics';

/** The metrics of one task, with those of its nodes and stores. */
export class TaskMetrics {
  readonly #registry: MetricsRegistry;
  readonly #name: string;
  readonly #tags: Readonly<Record<string, string>>;
  readonly #processed: Growth;
  readonly #restored: Growth;
  readonly #dropped: Sensor;
  readonly #lateness: Sensor;
  readonly #punctuations: Sensor;
  readonly #nodes: NodeMetrics[];
  readonly #stores = new Map<string, StoreMetrics>();
  readonly #recordTimes: Sensor;
  readonly #enforced: Growth;
  #remaining = 0;
  #buffered = 0;
  #caches: readonly (CachedUpdates | null)[] = [];
  /** Of `busyMs`, at the last look. */
  #busyMs = 0;
  #processRatio = 0;

  /** `isDebug`: whether there are those too that only Kafka's level DEBUG has. */
  constructor(registry: MetricsRegistry, task: MeteredTask, thread: string, isDebug: boolean) {
    const { name, meter } = task;
    this.#registry = registry;
    this.#name = name;
    this.#tags = { 'thread-id': thread, 'task-id': name };
    this.#processed = new Growth(registry);
    this.#restored = new Growth(registry);
    this.#dropped = registry.sensor();
    this.#lateness = registry.sensor();
    this.#punctuations = registry.sensor();
    this.#recordTimes = registry.sensor();
    this.#enforced = new Growth(registry);
    this.#nodes = (meter?.nodes ?? []).map((each) => {
      return new NodeMetrics(registry, each, name, this.#tags);
    });
    for (const store of task.stores) {
      this.#stores.set(store.name, new StoreMetrics(registry, store, name, this.#tags));
    }
    if (task.isStandby) this.#registerStandby();
    else this.#register(isDebug);
  }

  /** For how long the task has processed records since the last sample, in ms. */
  busyMs({ meter }: MeteredTask): number {
    return (meter?.busyMs ?? 0) - this.#busyMs;
  }

  onDropped(nowMs: number): void {
    this.#dropped.record(1, nowMs);
  }

  /** What punctuations took goes to the thread as well. `busyMs`: of all tasks together. */
  sample(task: MeteredTask, ofThread: Sensor, busyMs: number, nowMs: number): void {
    this.#restored.look(task.restored.rows, nowMs);
    this.#remaining = task.restored.remaining;
    this.#buffered = task.buffered;
    for (const store of task.stores) this.#stores.get(store.name)?.sample(store, nowMs);
    if (task.meter === null) return;
    this.#processRatio = busyMs > 0 ? this.busyMs(task) / busyMs : 0;
    this.#busyMs = task.meter.busyMs;
    this.#caches = task.stores.map(({ cached }) => cached);
    task.meter.recordTimes.moveTo(this.#recordTimes, nowMs);
    this.#enforced.look(task.enforced, nowMs);
    const processed = this.#processed.look(task.meter.processed, nowMs);
    const inTime = processed - task.meter.lateness.count;
    if (inTime > 0) this.#lateness.recordMany(inTime, 0, 0, 0, nowMs);
    task.meter.lateness.moveTo(this.#lateness, nowMs);
    const { count, sum, min, max } = task.meter.punctuations;
    if (count > 0) ofThread.recordMany(count, sum, min, max, nowMs);
    task.meter.punctuations.moveTo(this.#punctuations, nowMs);
    for (const node of this.#nodes) node.sample(nowMs);
  }

  remove(): void {
    this.#registry.remove('task', this.#name);
    for (const node of this.#nodes) node.remove();
    for (const store of this.#stores.values()) store.remove();
  }

  #registerStandby(): void {
    const place = { scope: 'task', id: this.#name, group: TASK_GROUP, tags: this.#tags } as const;
    this.#registry.register(place, STANDBY_METRICS, {
      'update-rate': this.#restored.rate,
      'update-total': () => this.#restored.total,
    });
  }

  #register(isDebug: boolean): void {
    const place = { scope: 'task', id: this.#name, group: TASK_GROUP, tags: this.#tags } as const;
    const dropped = this.#dropped;
    const lateness = this.#lateness;
    const punctuations = this.#punctuations;
    this.#registry.register(place, TASK_METRICS, {
      'process-rate': this.#processed.rate,
      'process-total': () => this.#processed.total,
      'punctuate-latency-avg': (nowMs) => punctuations.avg(nowMs),
      'punctuate-latency-max': (nowMs) => punctuations.max(nowMs),
      'punctuate-rate': (nowMs) => punctuations.countRate(nowMs),
      'punctuate-total': () => punctuations.count,
      'record-lateness-avg': (nowMs) => lateness.avg(nowMs),
      'record-lateness-max': (nowMs) => lateness.max(nowMs),
      'dropped-records-rate': (nowMs) => dropped.rate(nowMs),
      'dropped-records-total': () => dropped.total,
      'active-process-ratio': () => this.#processRatio,
      'active-buffer-count': () => this.#buffered,
      'restore-rate': this.#restored.rate,
      'restore-total': () => this.#restored.total,
      'restore-remaining-records-total': () => this.#remaining,
    });
    if (!isDebug) return;
    const times = this.#recordTimes;
    this.#registry.register(place, TASK_DEBUG_METRICS, {
      'process-latency-avg': (nowMs) => times.avg(nowMs),
      'process-latency-max': (nowMs) => times.max(nowMs),
      'enforced-processing-rate': this.#enforced.rate,
      'enforced-processing-total': () => this.#enforced.total,
      'cache-size-bytes-total': () => {
        return this.#caches.reduce((sum, cached) => sum + (cached?.bytes ?? 0), 0);
      },
    });
  }
}
