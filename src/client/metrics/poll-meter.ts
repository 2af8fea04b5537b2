import type { MetricsRegistry } from './metrics-registry.ts';
import { secondsSince } from './seconds-since.ts';
import type { Sensor } from './sensor.ts';

/** How an application takes what was fetched, and for how long it waits for that. */
export class PollMeter {
  readonly #between: Sensor;
  readonly #idle: Sensor;
  #polledMs = -1;
  #waitedMs = 0;

  constructor(registry: MetricsRegistry) {
    this.#between = registry.sensor();
    this.#idle = registry.sensor();
  }

  /** For how long the application has waited since it got something. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** The application gets something. */
  onTaken(nowMs: number): void {
    if (this.#polledMs >= 0) {
      const betweenMs = nowMs - this.#polledMs;
      this.#between.record(betweenMs, nowMs);
      if (betweenMs > 0) this.#idle.record(Math.min(this.#waitedMs / betweenMs, 1), nowMs);
    }
    this.#polledMs = nowMs;
    this.#waitedMs = 0;
  }

  onWaited(ms: number): void {
    this.#waitedMs += ms;
  }

  reads() {
    return {
      'time-between-poll-avg': (nowMs: number) => this.#between.avg(nowMs),
      'time-between-poll-max': (nowMs: number) => this.#between.max(nowMs),
      'last-poll-seconds-ago': (nowMs: number) => secondsSince(this.#polledMs, nowMs),
      'poll-idle-ratio-avg': (nowMs: number) => this.#idle.avg(nowMs),
    };
  }
}
