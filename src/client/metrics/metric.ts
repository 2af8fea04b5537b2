/**
 * What a metric is about: the client as a whole, or one topic, node or partition. Applications of
 * streams have more: a thread, a task, a store, a cache. Their nodes are those of the topology.
 */
export type MetricScope =
  | 'client'
  | 'topic'
  | 'node'
  | 'partition'
  | 'thread'
  | 'task'
  | 'state'
  | 'cache';

/** One metric of a client, under Kafka's name. */
export interface Metric {
  /** As Kafka writes it: `record-send-rate`. */
  readonly name: string;
  /** Kafka's group of metrics: `producer-metrics`, `consumer-fetch-manager-metrics`, … */
  readonly group: string;
  /** `client-id`, and `topic`, `partition` or `node-id` where it is about one. */
  readonly tags: Readonly<Record<string, string>>;
  readonly scope: MetricScope;
  readonly description: string;
  /** A sum only grows as long as the client lives; a gauge goes up and down. */
  readonly kind: 'gauge' | 'sum';
  /** Its value at a monotonic time; NaN where nothing was measured. */
  valueAt(nowMs: number): number;
}
