import type { MetricsRegistry } from '../../client/metrics/metrics-registry.ts';
import type { Sensor } from '../../client/metrics/sensor.ts';
import { Growth } from './growth.ts';
import type { MeteredStore } from './metered-task.ts';
import { BUFFER_METRICS, CACHE_METRICS, STORE_METRICS } from './streams-metric-names.ts';

const STATE_GROUP = 'stream-state-metrics';
const CACHE_GROUP = 'stream-record-cache-metrics';

/** The metrics of one store of a task. */
export class StoreMetrics {
  readonly #registry: MetricsRegistry;
  readonly #id: string;
  readonly #writes: Growth;
  readonly #reads: Growth;
  readonly #bufferBytes: Sensor;
  readonly #bufferCount: Sensor;
  readonly #hits: Sensor;
  #cachedWrites = 0;
  #cacheHits = 0;
  #rows = 0;

  constructor(
    registry: MetricsRegistry,
    store: MeteredStore,
    task: string,
    taskTags: Readonly<Record<string, string>>,
  ) {
    this.#registry = registry;
    this.#id = `${task}/${store.name}`;
    this.#writes = new Growth(registry);
    this.#reads = new Growth(registry);
    this.#bufferBytes = registry.sensor();
    this.#bufferCount = registry.sensor();
    this.#hits = registry.sensor();
    this.#register(store, taskTags);
  }

  sample(store: MeteredStore, nowMs: number): void {
    this.#rows = store.rows;
    this.#writes.look(store.writes, nowMs);
    this.#reads.look(store.reads, nowMs);
    if (store.bufferBytes !== null) {
      this.#bufferBytes.record(store.bufferBytes, nowMs);
      this.#bufferCount.record(store.rows, nowMs);
    }
    if (store.cached === null) return;
    const writes = store.cached.writes - this.#cachedWrites;
    if (writes > 0) this.#hits.record((store.cached.hits - this.#cacheHits) / writes, nowMs);
    this.#cachedWrites = store.cached.writes;
    this.#cacheHits = store.cached.hits;
  }

  remove(): void {
    this.#registry.remove('state', this.#id);
    this.#registry.remove('cache', this.#id);
  }

  #register(store: MeteredStore, taskTags: Readonly<Record<string, string>>): void {
    const { name, kind, bufferBytes, cached } = store;
    const tags = { ...taskTags, [`${kind}-state-id`]: name };
    const place = { scope: 'state', id: this.#id, group: STATE_GROUP, tags } as const;
    this.#registry.register(place, STORE_METRICS, {
      'num-keys': () => this.#rows,
      'put-rate': this.#writes.rate,
      'get-rate': this.#reads.rate,
    });
    if (bufferBytes !== null) {
      this.#registry.register(place, BUFFER_METRICS, {
        'suppression-buffer-size-avg': (nowMs) => this.#bufferBytes.avg(nowMs),
        'suppression-buffer-size-max': (nowMs) => this.#bufferBytes.max(nowMs),
        'suppression-buffer-count-avg': (nowMs) => this.#bufferCount.avg(nowMs),
        'suppression-buffer-count-max': (nowMs) => this.#bufferCount.max(nowMs),
      });
    }
    if (cached === null) return;
    const inCache = { ...taskTags, 'record-cache-id': name };
    const at = { scope: 'cache', id: this.#id, group: CACHE_GROUP, tags: inCache } as const;
    this.#registry.register(at, CACHE_METRICS, {
      'hit-ratio-avg': (nowMs) => this.#hits.avg(nowMs),
      'hit-ratio-min': (nowMs) => this.#hits.min(nowMs),
      'hit-ratio-max': (nowMs) => this.#hits.max(nowMs),
    });
  }
}
