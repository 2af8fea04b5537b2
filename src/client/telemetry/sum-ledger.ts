import type { Metric } from '../metrics/metric.ts';
import type { MetricsRegistry } from '../metrics/metrics-registry.ts';
import { type MetricPoint, telemetryName } from './otlp-metrics.ts';

interface Told {
  readonly value: number;
  readonly atMs: number;
}

/** What the last push said of each sum, so that the next one can tell the difference. */
export class SumLedger {
  readonly #registry: MetricsRegistry;
  readonly #startedMs = Date.now();
  #told = new Map<Metric, Told>();
  #next = new Map<Metric, Told>();

  constructor(registry: MetricsRegistry) {
    this.#registry = registry;
  }

  /** The metrics that are wanted. What was not measured is left out. */
  points(wants: (name: string) => boolean, nowMs: number, isDelta: boolean): MetricPoint[] {
    const points: MetricPoint[] = [];
    const atMs = this.#registry.now();
    this.#next = new Map();
    for (const metric of this.#registry) {
      const value = metric.valueAt(atMs);
      if (!Number.isFinite(value) || !wants(telemetryName(metric))) continue;
      if (metric.kind === 'gauge' || !isDelta) {
        points.push({ metric, value, sinceMs: this.#startedMs });
        continue;
      }
      const before = this.#told.get(metric) ?? { value: 0, atMs: this.#startedMs };
      points.push({ metric, value: value - before.value, sinceMs: before.atMs });
      this.#next.set(metric, { value, atMs: nowMs });
    }
    return points;
  }

  /** The points arrived. */
  keep(): void {
    this.#told = this.#next;
  }

  reset(): void {
    this.#told = new Map();
  }
}
