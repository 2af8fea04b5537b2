import type { LagOf } from './partition-group.ts';

/** How a task waits for its partitions. */
export interface TaskPace {
  /** Kafka's `max.task.idle.ms`. */
  readonly maxIdleMs: number;
  readonly lagOf: LagOf;
  /** After so long without records stream time goes on with the clock; never without it. */
  readonly idleAdvanceMs?: number;
}
