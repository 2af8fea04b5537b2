import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { AsyncOperator } from './async-operator.ts';
import type { NodeProcessor } from './node-processor.ts';
import type { RecordOrigin } from './record-origin.ts';
import type { AnySerde, StoreSpec } from './store-spec.ts';

/** The name of a topic. An internal one gets the application id and a dash in front. */
export interface TopicName {
  readonly name: string;
  readonly internal: boolean;
}

/** A record before its timestamp is known. */
export interface ExtractableRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: unknown;
  readonly value: unknown;
  readonly headers: RecordHeaders;
}

/** Gives a record its timestamp; a negative one drops the record. */
export type TimestampExtractor = (record: ExtractableRecord, partitionTime: number) => number;

/**
 * Where a sink's record goes: partition numbers. Undefined leaves it to the producer, an empty list
 * drops the record.
 */
export type StreamPartitioner = (
  topic: string,
  key: unknown,
  value: unknown,
  partitions: number,
) => readonly number[] | undefined;

/** Where a sink's record goes, record by record. */
export type TopicChooser = (key: unknown, value: unknown, record: RecordOrigin) => string;

/** Where a source without committed offsets begins: by name, or so many milliseconds ago. */
export type OffsetReset = 'earliest' | 'latest' | 'none' | { readonly agoMs: number };

export interface SourcePlan {
  readonly kind: 'source';
  readonly name: string;
  /** Empty with a pattern. */
  readonly topics: readonly TopicName[];
  readonly pattern: RegExp | undefined;
  readonly reset: OffsetReset | undefined;
  /** Undefined means the application's. */
  readonly extractor: TimestampExtractor | undefined;
  /** Undefined means bytes. */
  readonly key: AnySerde | undefined;
  readonly value: AnySerde | undefined;
  /** Names of nodes, in the order in which they were added. */
  readonly children: readonly string[];
}

export interface ProcessorPlan {
  readonly kind: 'processor';
  readonly name: string;
  make(): NodeProcessor;
  /** Of an asynchronous operator, with which the task makes the processor itself. */
  readonly async: AsyncOperator | undefined;
  readonly stores: readonly string[];
  readonly children: readonly string[];
}

export interface SinkPlan {
  readonly kind: 'sink';
  readonly name: string;
  readonly topic: TopicName | TopicChooser;
  readonly key: AnySerde | undefined;
  readonly value: AnySerde | undefined;
  readonly partitioner: StreamPartitioner | undefined;
}

export type NodePlan = SourcePlan | ProcessorPlan | SinkPlan;

/** A store with its changelog. */
export interface StorePlan {
  readonly spec: StoreSpec;
  /**
   * Where its rows are restored from; undefined without logging. One that is not internal is a
   * source topic that the store reads instead of a changelog of its own: nothing is written to it.
   */
  readonly changelog: TopicName | undefined;
}

/** A repartition topic. */
export interface RepartitionTopic {
  readonly name: string;
  /** Undefined: the most partitions of the sub-topologies' source topics that write to it. */
  readonly partitions: number | undefined;
}

/** Nodes that run in one task, as Kafka cuts them. */
export interface SubtopologyPlan {
  readonly id: number;
  /** Parents before children. */
  readonly nodes: readonly NodePlan[];
  readonly stores: readonly StorePlan[];
  /** Repartition topics that its sources read. */
  readonly repartitionSources: readonly RepartitionTopic[];
  /** Topics with a fixed name that its sinks write. */
  readonly sinkTopics: readonly TopicName[];
  /** Groups of source topics that must have equally many partitions. */
  readonly copartitionGroups: readonly (readonly TopicName[])[];
}

/** A store that every instance fills from all partitions of one topic. */
export interface GlobalStorePlan {
  readonly id: number;
  readonly store: StorePlan;
  readonly source: SourcePlan;
  readonly processor: ProcessorPlan;
  readonly topic: string;
  /** Whether its processor runs for restored records too; else they are put as they are. */
  readonly reprocess: boolean;
}

/** A built topology: what tasks are made of. */
export interface TopologyPlan {
  readonly subtopologies: readonly SubtopologyPlan[];
  readonly globals: readonly GlobalStorePlan[];
}

/** The name on the cluster. */
export function fullTopicName({ name, internal }: TopicName, applicationId: string): string {
  return internal ? `${applicationId}-${name}` : name;
}
