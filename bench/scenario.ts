/** What a scenario says: the load, who else gets it, and what is wanted of millrace. */

import type { SecuredName } from './brokers/broker-security.ts';

/** A figure of millrace against the rival's in the same run, or against a fixed number. */
export interface Target {
  readonly figure: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** 'rival': the bound is a ratio to the rival's figure; 'fixed': it is the figure itself. */
  readonly of: 'rival' | 'fixed';
}

export type RivalName = 'kafka' | 'floor' | 'nats' | 'jetstream' | 'bare' | 'node';

export type ScenarioKind =
  | 'load'
  | 'start'
  | 'idle-partitions'
  | 'idle-sockets'
  | 'reconnect'
  | 'beside'
  | 'durability'
  | 'compaction'
  | 'join'
  | 'group'
  | 'isolation'
  | 'producer-performance'
  | 'restart'
  | 'acls';

/** What a row of figures is shown with. */
export type RowScenario = Pick<Scenario, 'name' | 'title' | 'targets'>;

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly kind: ScenarioKind;
  /** Who can do the same; Kafka where nothing is said. */
  readonly rivals?: readonly RivalName[];
  /** The listener that the load speaks to; the plain one where nothing is said. */
  readonly security?: SecuredName;
  /** For the load generator. */
  readonly args: readonly string[];
  /** What a rival other than Kafka gets in place of `args`, and its own name as subprotocol. */
  readonly rivalArgs?: readonly string[];
  /** Of a second load generator that runs beside the first ('beside'). */
  readonly beside?: readonly string[];
  readonly targets: readonly Target[];
  /** At most so many rounds: for what takes long and varies little. */
  readonly mostRounds?: number;
}
