import type { Metric, MetricScope } from './metric.ts';
import type { MetricsRegistry } from './metrics-registry.ts';
import { prometheusText } from './prometheus-text.ts';

/** The names of a client's metrics in each scope. */
export interface MetricNames {
  readonly client: string;
  readonly topic: string;
  readonly node: string;
  readonly partition: string;
}

type Values<Name extends string> = Readonly<Record<Name, number>>;

/** The values of all metrics at one moment. NaN stands for what was not measured. */
export interface MetricsSnapshot<Names extends MetricNames> {
  readonly client: Values<Names['client']>;
  readonly topics: Readonly<Record<string, Values<Names['topic']>>>;
  /** By the id of the broker. */
  readonly nodes: Readonly<Record<string, Values<Names['node']>>>;
  /** By the name of the partition: `orders-0`. */
  readonly partitions: Readonly<Record<string, Values<Names['partition']>>>;
}

/** One metric and its value. */
export interface MeasuredMetric extends Omit<Metric, 'valueAt'> {
  readonly value: number;
}

/** The metrics of a client, under Kafka's names and measured over Kafka's windows. */
export class ClientMetrics<Names extends MetricNames> {
  readonly #registry: MetricsRegistry;
  readonly #refresh: () => void;

  /** `refresh` is called before the metrics are read. */
  constructor(registry: MetricsRegistry, refresh: () => void = () => undefined) {
    this.#registry = registry;
    this.#refresh = refresh;
  }

  /** All values now: `snapshot().client['record-send-rate']`. */
  snapshot(): MetricsSnapshot<Names> {
    this.#refresh();
    const nowMs = this.#registry.now();
    const { '': client = {} } = this.#valuesOf('client', nowMs);
    return {
      client: client as Values<Names['client']>,
      topics: this.#valuesOf('topic', nowMs) as Record<string, Values<Names['topic']>>,
      nodes: this.#valuesOf('node', nowMs) as Record<string, Values<Names['node']>>,
      partitions: this.#valuesOf('partition', nowMs) as Record<string, Values<Names['partition']>>,
    };
  }

  /** Each metric with its group, tags, description and value, as Kafka's `metrics()` has them. */
  list(): MeasuredMetric[] {
    this.#refresh();
    const nowMs = this.#registry.now();
    return Array.from(this.#registry, ({ valueAt, ...metric }) => {
      return { ...metric, value: valueAt(nowMs) };
    });
  }

  /** The same in Prometheus' text format. What was not measured is left out. */
  prometheus(): string {
    return prometheusText(this.list());
  }

  #valuesOf(scope: MetricScope, nowMs: number): Record<string, Record<string, number>> {
    const all: Record<string, Record<string, number>> = {};
    for (const [id, metrics] of this.#registry.of(scope)) {
      const values: Record<string, number> = {};
      for (const { name, valueAt } of metrics) values[name] = valueAt(nowMs);
      all[id] = values;
    }
    return all;
  }
}
