import type { ErrorHandlers } from '../tasks/error-handlers.ts';
import type { DropReason } from '../topology/node-context.ts';
import type { StateStore } from '../topology/state-store.ts';
import type { AnySerde, StoreSpec } from '../topology/store-spec.ts';
import type { StoreType } from '../topology/store-type.ts';
import type { TimestampExtractor } from '../topology/topology-plan.ts';

/** How a test runs an application. */
export interface TestDriverOptions {
  /** In front of the names of internal topics; `test` by default. */
  readonly applicationId?: string;
  /** Of all topics, or by topic; topics that are not named have one. */
  readonly partitions?: number | Readonly<Record<string, number>>;
  /** What the clock says at first; 0 by default. */
  readonly startMs?: number;
  /** With `exactly_once_v2` nobody sees records before they are committed. */
  readonly processingGuarantee?: 'at_least_once' | 'exactly_once_v2';
  /** Commits after each record, or only when the test says so; `record` by default. */
  readonly commits?: 'record' | 'by-hand';
  /**
   * All in one task of one partition, as Kafka's own TopologyTestDriver has it. Only then is the
   * order of records the same as there, where sub-topologies write to one topic.
   */
  readonly oneTask?: boolean;
  /** Kafka's `max.task.idle.ms`; 0 by default. */
  readonly maxTaskIdleMs?: number;
  /** After so long without records stream time goes on with the clock; never by default. */
  readonly idleAdvanceMs?: number;
  /**
   * The least time by the clock between two emissions of closed windows and unmatched join results;
   * 0 by default, as in Kafka's TopologyTestDriver. Applications wait for 1,000.
   */
  readonly emitIntervalMs?: number;
  /** Of keys, where sources and sinks name none. */
  readonly key?: AnySerde;
  /** Of values, where sources and sinks name none. */
  readonly value?: AnySerde;
  /** Gives timestamps where a source has no extractor of its own. */
  readonly timestampExtractor?: TimestampExtractor;
  /** By default every error ends the application. */
  readonly handlers?: ErrorHandlers;
  /** What updates of cached stores may take before they go on, until the commit; 0 by default. */
  readonly statestoreCacheMaxBytes?: number;
  /** Where stores keep their rows that do not say it; in memory by default. */
  readonly dslStoreSuppliersClass?: StoreType;
  /** In place of the driver's own stores, which are in memory. */
  readonly makeStore?: (spec: StoreSpec) => StateStore;
}

/** Records that were left out, by node. */
export interface DroppedRecord {
  readonly node: string;
  readonly reason: DropReason | 'deserialization' | 'error';
}
