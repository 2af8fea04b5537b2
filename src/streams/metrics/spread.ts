import type { Sensor } from '../../client/metrics/sensor.ts';

/** Values as they come: how many, their sum and their extremes, until a sensor takes them. */
export class Spread {
  count = 0;
  sum = 0;
  max = Number.NEGATIVE_INFINITY;
  min = Number.POSITIVE_INFINITY;

  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value > this.max) this.max = value;
    if (value < this.min) this.min = value;
  }

  /** Gives the values to a sensor, and begins anew. */
  moveTo(sensor: Sensor, nowMs: number): void {
    if (this.count === 0) return;
    sensor.recordMany(this.count, this.sum, this.min, this.max, nowMs);
    this.count = 0;
    this.sum = 0;
    this.max = Number.NEGATIVE_INFINITY;
    this.min = Number.POSITIVE_INFINITY;
  }
}
