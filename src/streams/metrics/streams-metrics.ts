import type { MeasuredMetric } from '../../client/metrics/client-metrics.ts';
import type { MetricScope } from '../../client/metrics/metric.ts';
import type { MetricsRegistry } from '../../client/metrics/metrics-registry.ts';
import { prometheusText } from '../../client/metrics/prometheus-text.ts';
import type {
  AGE_METRICS,
  BUFFER_METRICS,
  CACHE_METRICS,
  CONSUMED_BYTES_METRICS,
  CONSUMED_METRICS,
  FINAL_EMIT_METRICS,
  PROCESSOR_NODE_METRICS,
  PRODUCED_BYTES_METRICS,
  PRODUCED_METRICS,
  STANDBY_METRICS,
  STORE_CALLS,
  STORE_DEBUG_METRICS,
  STORE_METRICS,
  STREAMS_CLIENT_METRICS,
  SUPPRESSION_METRICS,
  TASK_DEBUG_METRICS,
  TASK_METRICS,
  THREAD_METRICS,
  UPDATER_METRICS,
} from './streams-metric-names.ts';

type Always<Table> = { readonly [Name in keyof Table]: number };
type Maybe<Table> = { readonly [Name in keyof Table]?: number };
type ById<Values> = Readonly<Record<string, Values>>;

/** The values of all metrics at one moment. NaN stands for what was not measured. */
export interface StreamsMetricsSnapshot {
  readonly client: Always<typeof STREAMS_CLIENT_METRICS>;
  readonly threads: ById<Always<typeof THREAD_METRICS & typeof UPDATER_METRICS>>;
  /** By the id of the task: `0_3`. */
  readonly tasks: ById<
    Maybe<typeof TASK_METRICS & typeof STANDBY_METRICS & typeof TASK_DEBUG_METRICS>
  >;
  /** By task and node: `0_3/KSTREAM-SOURCE-0000000000`. */
  readonly nodes: ById<
    Always<typeof PROCESSOR_NODE_METRICS> &
      Maybe<typeof AGE_METRICS & typeof SUPPRESSION_METRICS & typeof FINAL_EMIT_METRICS>
  >;
  /** By task, node and topic: `0_3/KSTREAM-SOURCE-0000000000/orders`; bytes by the topic alone. */
  readonly topics: ById<
    Maybe<
      typeof CONSUMED_METRICS &
        typeof PRODUCED_METRICS &
        typeof CONSUMED_BYTES_METRICS &
        typeof PRODUCED_BYTES_METRICS
    >
  >;
  /** By task and store: `0_3/sales`. */
  readonly stores: ById<
    Always<typeof STORE_METRICS> &
      Maybe<
        typeof BUFFER_METRICS &
          typeof STORE_DEBUG_METRICS &
          typeof AGE_METRICS &
          Record<`${keyof typeof STORE_CALLS}-${'rate' | 'latency-avg' | 'latency-max'}`, string>
      >
  >;
  /** By task and store, of those with a record cache. */
  readonly caches: ById<Always<typeof CACHE_METRICS>>;
}

/** What says what an application is, and is no number. */
export interface StreamsAbout {
  readonly applicationId: string;
  /** As Kafka names it: `RUNNING`. */
  readonly state: string;
  /** The text of Java's `describe()`. */
  readonly topologyDescription: string;
}

/** What the metrics are read from. */
export interface StreamsMetricsSource {
  readonly registry: MetricsRegistry;
  /** Called before the metrics are read. */
  refresh(): void;
  about(): StreamsAbout;
  /** Those of the clients that it works with. */
  ofClients(): MeasuredMetric[];
}

/** The metrics of an application, under Kafka's names and measured over Kafka's windows. */
export class StreamsMetrics {
  readonly #source: StreamsMetricsSource;

  /** @internal */
  constructor(source: StreamsMetricsSource) {
    this.#source = source;
  }

  /** All values now: `snapshot().tasks['0_3']['process-rate']`. */
  snapshot(): StreamsMetricsSnapshot {
    this.#source.refresh();
    const nowMs = this.#source.registry.now();
    const { '': client = {} } = this.#valuesOf('client', nowMs);
    const snapshot = {
      client,
      threads: this.#valuesOf('thread', nowMs),
      tasks: this.#valuesOf('task', nowMs),
      nodes: this.#valuesOf('node', nowMs),
      topics: this.#valuesOf('topic', nowMs),
      stores: this.#valuesOf('state', nowMs),
      caches: this.#valuesOf('cache', nowMs),
    };
    return snapshot as unknown as StreamsMetricsSnapshot;
  }

  /** What Kafka tells as metrics that are texts. */
  about(): StreamsAbout {
    return this.#source.about();
  }

  /**
   * Each metric with its group, tags, description and value, and those of the clients behind them,
   * as Kafka's `metrics()` has them.
   */
  list(): MeasuredMetric[] {
    return [...this.#own(), ...this.#source.ofClients()];
  }

  /** The same in Prometheus' text format. What was not measured is left out. */
  prometheus(): string {
    return prometheusText(this.list());
  }

  #own(): MeasuredMetric[] {
    const { registry } = this.#source;
    this.#source.refresh();
    const nowMs = registry.now();
    return Array.from(registry, ({ valueAt, ...metric }) => {
      return { ...metric, value: valueAt(nowMs) };
    });
  }

  #valuesOf(scope: MetricScope, nowMs: number): Record<string, Record<string, number>> {
    const all: Record<string, Record<string, number>> = {};
    for (const [id, metrics] of this.#source.registry.of(scope)) {
      const values: Record<string, number> = {};
      for (const { name, valueAt } of metrics) values[name] = valueAt(nowMs);
      all[id] = values;
    }
    return all;
  }
}
