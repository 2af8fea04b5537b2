import type { AsyncOperator } from './async-operator.ts';
import type { NodeProcessor } from './node-processor.ts';
import type { AnySerde, StoreSpec } from './store-spec.ts';
import type {
  OffsetReset,
  StreamPartitioner,
  TimestampExtractor,
  TopicChooser,
} from './topology-plan.ts';

/** Of a source, beside its name and topics. */
export interface SourceSettings {
  readonly reset?: OffsetReset | undefined;
  readonly extractor?: TimestampExtractor | undefined;
  readonly key?: AnySerde | undefined;
  readonly value?: AnySerde | undefined;
}

/** Of a sink, beside its name and topic. */
export interface SinkSettings {
  readonly key?: AnySerde | undefined;
  readonly value?: AnySerde | undefined;
  readonly partitioner?: StreamPartitioner | undefined;
}

/** What makes a node's processor, and the stores that come with it. */
export interface ProcessorMaker {
  make(): NodeProcessor;
  readonly async?: AsyncOperator | undefined;
  /** Read when the topology is built, since later operators may ask for a store. */
  readonly stores?: readonly StoreSpec[] | undefined;
}

export interface SourceDefinition {
  readonly kind: 'source';
  readonly name: string;
  readonly topics: readonly string[] | undefined;
  readonly pattern: RegExp | undefined;
  readonly settings: SourceSettings;
}

export interface ProcessorDefinition {
  readonly kind: 'processor';
  readonly name: string;
  readonly parents: readonly string[];
  readonly maker: ProcessorMaker;
  readonly stores: Set<string>;
}

export interface SinkDefinition {
  readonly kind: 'sink';
  readonly name: string;
  readonly parents: readonly string[];
  readonly topic: string | TopicChooser;
  readonly settings: SinkSettings;
}

export type NodeDefinition = SourceDefinition | ProcessorDefinition | SinkDefinition;
