import type { MetricPlace, MetricsRegistry, Read } from '../../client/metrics/metrics-registry.ts';
import type { Sensor } from '../../client/metrics/sensor.ts';
import { Growth } from './growth.ts';
import type { MeteredStore } from './metered-task.ts';
import type { StoreMeter } from './store-meter.ts';
import {
  AGE_METRICS,
  BUFFER_METRICS,
  CACHE_METRICS,
  STORE_CALLS,
  STORE_DEBUG_METRICS,
  STORE_METRICS,
} from './streams-metric-names.ts';

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
  readonly #iterations: Sensor;
  readonly #ages: Sensor;
  /** By the name of the call; none where calls are not measured. */
  readonly #calls = new Map<string, Sensor>();
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
    this.#iterations = registry.sensor();
    this.#ages = registry.sensor();
    this.#register(store, taskTags);
  }

  sample(store: MeteredStore, nowMs: number): void {
    this.#rows = store.rows;
    this.#writes.look(store.writes, nowMs);
    this.#reads.look(store.reads, nowMs);
    this.#sampleCalls(store.meter, nowMs);
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

  #sampleCalls(meter: StoreMeter | null, nowMs: number): void {
    if (meter === null) return;
    for (const [name, took] of meter.calls) took.moveTo(this.#calls.get(name)!, nowMs);
    meter.iterations.moveTo(this.#iterations, nowMs);
    meter.ages?.moveTo(this.#ages, nowMs);
  }

  remove(): void {
    this.#registry.remove('state', this.#id);
    this.#registry.remove('cache', this.#id);
  }

  #register(store: MeteredStore, taskTags: Readonly<Record<string, string>>): void {
    const { name, kind, bufferBytes, cached, meter } = store;
    const tags = { ...taskTags, [`${kind}-state-id`]: name };
    const place = { scope: 'state', id: this.#id, group: STATE_GROUP, tags } as const;
    this.#registry.register(place, STORE_METRICS, {
      'num-keys': () => this.#rows,
      'put-rate': this.#writes.rate,
      'get-rate': this.#reads.rate,
    });
    if (meter !== null) this.#registerCalls(place, meter);
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
  #registerCalls(place: MetricPlace, meter: StoreMeter): void {
    const iterations = this.#iterations;
    this.#registry.register(place, STORE_DEBUG_METRICS, {
      'num-open-iterators': () => meter.open.size,
      'oldest-iterator-open-since-ms': () => meter.oldestMs,
      'iterator-duration-avg': (nowMs) => iterations.avg(nowMs),
      'iterator-duration-max': (nowMs) => iterations.max(nowMs),
    });
    for (const name of meter.calls.keys()) this.#registerCall(place, name);
    if (meter.ages === null) return;
    const ages = this.#ages;
    this.#registry.register(place, AGE_METRICS, {
      'record-e2e-latency-avg': (nowMs) => ages.avg(nowMs),
      'record-e2e-latency-max': (nowMs) => ages.max(nowMs),
      'record-e2e-latency-min': (nowMs) => ages.min(nowMs),
    });
  }

  /** Rates of writes and reads are there at each level. */
  #registerCall(place: MetricPlace, name: keyof typeof STORE_CALLS): void {
    const sensor = this.#registry.sensor();
    this.#calls.set(name, sensor);
    const what = STORE_CALLS[name];
    const descriptions: Record<string, string> = {
      [`${name}-latency-avg`]: `The average time of ${what}, in ns.`,
      [`${name}-latency-max`]: `The longest time of ${what}, in ns.`,
    };
    const reads: Record<string, Read> = {
      [`${name}-latency-avg`]: (nowMs) => sensor.avg(nowMs),
      [`${name}-latency-max`]: (nowMs) => sensor.max(nowMs),
    };
    if (!(`${name}-rate` in STORE_METRICS)) {
      descriptions[`${name}-rate`] = `How often in each second there was ${what}.`;
      reads[`${name}-rate`] = (nowMs) => sensor.countRate(nowMs);
    }
    this.#registry.register(place, descriptions, reads);
  }
}
