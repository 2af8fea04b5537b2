import type { Metric, MetricScope } from './metric.ts';
import { Sensor, type Windows } from './sensor.ts';

/** What a client is, as the groups of Kafka's metrics name it. */
export type ClientKind = 'producer' | 'consumer' | 'admin-client' | 'streams';

/** Where metrics belong. */
export interface MetricPlace {
  readonly scope: MetricScope;
  /** The topic, node or partition; '' for the client. */
  readonly id: string;
  readonly group: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RegistryOptions {
  readonly clientId: string;
  readonly kind: ClientKind;
  readonly windows: Windows;
  readonly now?: () => number;
}

export type Read = (nowMs: number) => number;

/** Kafka's sums end so. */
const SUM = /-total$/;

/** All metrics of one client. */
export class MetricsRegistry implements Iterable<Metric> {
  readonly kind: ClientKind;
  readonly now: () => number;
  readonly clientId: string;
  readonly #windows: Windows;
  readonly #metrics = new Map<string, { id: string; metrics: Metric[] }>();

  constructor({ clientId, kind, windows, now = () => performance.now() }: RegistryOptions) {
    this.clientId = clientId;
    this.#windows = windows;
    this.kind = kind;
    this.now = now;
  }

  sensor(windows: Windows = this.#windows): Sensor {
    return new Sensor(windows);
  }

  /** Metrics that are read together, each with its description. */
  register<Name extends string>(
    place: MetricPlace,
    descriptions: Readonly<Record<Name, string>>,
    reads: Readonly<Record<Name, Read>>,
  ): void {
    const { scope, id, group } = place;
    const tags = { 'client-id': this.clientId, ...place.tags };
    const metrics = (Object.keys(reads) as Name[]).map((name): Metric => {
      const kind = SUM.test(name) ? 'sum' : 'gauge';
      const description = descriptions[name];
      return { name, group, tags, scope, description, kind, valueAt: reads[name] };
    });
    const key = `${scope}/${id}`;
    const known = this.#metrics.get(key);
    if (known === undefined) this.#metrics.set(key, { id, metrics });
    else known.metrics.push(...metrics);
  }

  /** Removes the metrics of a partition that is no longer assigned, and the like. */
  remove(scope: MetricScope, id: string): void {
    this.#metrics.delete(`${scope}/${id}`);
  }

  /** Each topic, node or partition of a scope with its metrics. */
  *of(scope: MetricScope): Generator<readonly [id: string, metrics: readonly Metric[]]> {
    for (const { id, metrics } of this.#metrics.values()) {
      if (metrics[0]?.scope === scope) yield [id, metrics];
    }
  }

  *[Symbol.iterator](): Iterator<Metric> {
    for (const { metrics } of this.#metrics.values()) yield* metrics;
  }
}
