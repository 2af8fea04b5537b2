import type { MetricsRegistry } from '../../client/metrics/metrics-registry.ts';
import type { Sensor } from '../../client/metrics/sensor.ts';
import { Growth } from './growth.ts';
import type { MeteredTask } from './metered-task.ts';
import { NodeMetrics } from './node-metrics.ts';
import { StoreMetrics } from './store-metrics.ts';
import { STANDBY_METRICS, TASK_METRICS } from './streams-metric-names.ts';

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
  #remaining = 0;
  #buffered = 0;

  constructor(registry: MetricsRegistry, task: MeteredTask, thread: string) {
    const { name, meter } = task;
    this.#registry = registry;
    this.#name = name;
    this.#tags = { 'thread-id': thread, 'task-id': name };
    this.#processed = new Growth(registry);
    this.#restored = new Growth(registry);
    this.#dropped = registry.sensor();
    this.#lateness = registry.sensor();
    this.#punctuations = registry.sensor();
    this.#nodes = (meter?.nodes ?? []).map((each) => {
      return new NodeMetrics(registry, each, name, this.#tags);
    });
    for (const store of task.stores) {
      this.#stores.set(store.name, new StoreMetrics(registry, store, name, this.#tags));
    }
    if (task.isStandby) this.#registerStandby();
    else this.#register();
  }

  onDropped(nowMs: number): void {
    this.#dropped.record(1, nowMs);
  }

  /** What punctuations took goes to the thread as well. */
  sample(task: MeteredTask, ofThread: Sensor, nowMs: number): void {
    this.#restored.look(task.restored.rows, nowMs);
    this.#remaining = task.restored.remaining;
    this.#buffered = task.buffered;
    for (const store of task.stores) this.#stores.get(store.name)?.sample(store, nowMs);
    if (task.meter === null) return;
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

  #register(): void {
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
      'active-buffer-count': () => this.#buffered,
      'restore-rate': this.#restored.rate,
      'restore-total': () => this.#restored.total,
      'restore-remaining-records-total': () => this.#remaining,
    });
  }
}
