import type { SessionSpec, WindowSpec } from '../../topology/store-spec.ts';
import type { Aggregator, Initializer } from './stream-aggregate.ts';

/** When results of windows go on: with each update, or once when the window closes. */
export type EmitStrategy = 'on-update' | 'on-close';

/** What windowed aggregates have in common. */
export interface WindowAggregation {
  readonly spec: WindowSpec | SessionSpec;
  readonly emit: EmitStrategy;
  /** Undefined for a reduce, whose first value is the aggregate. */
  readonly initialize: Initializer | undefined;
  readonly aggregate: Aggregator;
  /** The node below that takes records that came too late for every window. */
  readonly late?: string | undefined;
}
