import { describe, expect, it } from 'vitest';
import { Sensor } from '../../../src/client/metrics/sensor.ts';

/** Kafka's defaults: two windows of 30 s. */
const WINDOWS = { samples: 2, windowMs: 30_000 };
const S = 1000;

function sensorWith(values: readonly (readonly [seconds: number, value: number])[]): Sensor {
  const sensor = new Sensor(WINDOWS);
  for (const [seconds, value] of values) sensor.record(value, seconds * S);
  return sensor;
}

describe('Sensor', () => {
  it('has no average, maximum or minimum without values, and rates of 0', () => {
    const sensor = new Sensor(WINDOWS);
    expect([sensor.avg(5 * S), sensor.max(5 * S), sensor.min(5 * S)]).toEqual([NaN, NaN, NaN]);
    expect([sensor.rate(5 * S), sensor.countRate(5 * S), sensor.total]).toEqual([0, 0, 0]);
  });

  it('takes a rate over at least one whole window, so that the first second says little', () => {
    const sensor = sensorWith([[0, 300]]);
    expect(sensor.rate(0)).toBe(300 / 30);
    expect(sensor.rate(1 * S)).toBeCloseTo(300 / 31);
  });

  it('takes a rate over what has passed of the second window, with the first', () => {
    const sensor = sensorWith([
      [0, 300],
      [30, 600],
    ]);
    expect(sensor.rate(45 * S)).toBe(900 / 45);
    expect(sensor.countRate(45 * S)).toBe(2 / 45);
    expect(sensor.rate(45 * S, 60 * S)).toBe((900 / 45) * 60);
  });

  it('keeps the oldest window while its last value is within the time that is looked at', () => {
    const sensor = sensorWith([
      [0, 10],
      [29, 10],
      [31, 20],
      [62, 30],
    ]);
    expect(sensor.avg(88 * S)).toBe(70 / 4);
    expect(sensor.rate(88 * S)).toBe(70 / 88);
    expect(sensor.avg(89 * S)).toBe(50 / 2);
    expect(sensor.rate(89 * S)).toBe(50 / (89 - 31));
  });

  it('forgets windows of which nothing came for the whole time, but not the totals', () => {
    const sensor = sensorWith([
      [0, 7],
      [1, 3],
    ]);
    expect([sensor.max(60 * S), sensor.min(60 * S), sensor.avg(60 * S)]).toEqual([7, 3, 5]);
    expect([sensor.max(61 * S), sensor.rate(61 * S)]).toEqual([NaN, 0]);
    expect([sensor.total, sensor.count]).toEqual([10, 2]);
  });

  it('uses the windows again in a circle', () => {
    const sensor = new Sensor(WINDOWS);
    for (let second = 0; second < 3_000; second++) sensor.record(2, second * S);
    expect(sensor.rate(3_000 * S)).toBeCloseTo(2, 1);
    expect(sensor.total).toBe(6_000);
  });

  it('counts a pause into the rate', () => {
    const sensor = sensorWith([
      [0, 60],
      [50, 60],
    ]);
    expect(sensor.rate(59 * S)).toBe(120 / 59);
  });
});
