import type { MetricsRegistry } from '../../client/metrics/metrics-registry.ts';
import type { Sensor } from '../../client/metrics/sensor.ts';

/** The rate of a number that only grows: of the differences between two looks at it. */
export class Growth {
  readonly sensor: Sensor;
  #seen = 0;

  constructor(registry: MetricsRegistry) {
    this.sensor = registry.sensor();
  }

  /** Returns by how much it has grown since the last look. */
  look(value: number, nowMs: number): number {
    const grown = value - this.#seen;
    if (grown > 0) this.sensor.record(grown, nowMs);
    this.#seen = value;
    return grown;
  }

  get total(): number {
    return this.#seen;
  }

  readonly rate = (nowMs: number): number => this.sensor.rate(nowMs);
}
