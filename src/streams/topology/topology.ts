import type { Topic } from '../../client/serde/topic.ts';
import { compareTopologies, type TopologyDifference } from './compare-topologies.ts';
import { describeTopology } from './describe-topology.ts';
import { mermaidText } from './mermaid.ts';
import { nameOfTopic } from './name-of-topic.ts';
import type { SinkSettings, SourceSettings } from './node-definitions.ts';
import { planTopology } from './plan-topology.ts';
import type { ProcessorSource } from './processor.ts';
import type { AnySerde, StoreSpec } from './store-spec.ts';
import { type TopicFunction, topicChooser } from './topic-function.ts';
import { TopologyBuilder } from './topology-builder.ts';
import { descriptionText, type TopologyDescription } from './topology-description.ts';
import { TopologyError } from './topology-error.ts';
import type {
  OffsetReset,
  StreamPartitioner,
  TimestampExtractor,
  TopologyPlan,
} from './topology-plan.ts';
import { userProcessorMaker } from './user-processor.ts';

// biome-ignore lint/suspicious/noExplicitAny: the node does not care what its topic carries.
type AnyTopic = Topic<any, any, any, any>;

/** Of a source that is added by hand. */
export interface AddSourceOptions {
  /** Where it begins without committed offsets; by default as the application's consumer. */
  readonly reset?: OffsetReset | undefined;
  /** Gives records their timestamps. */
  readonly extractor?: TimestampExtractor | undefined;
  /** Of the keys, where the topics are given by name. */
  readonly key?: AnySerde | undefined;
  /** Of the values, where the topics are given by name. */
  readonly value?: AnySerde | undefined;
}

/** Of a processor that is added by hand. */
export interface AddProcessorOptions {
  /** Names of the nodes that it takes its records from. */
  readonly parents: readonly string[];
  /** Names of stores that it uses. */
  readonly stores?: readonly string[] | undefined;
}

/** Of a sink that is added by hand. */
export interface AddSinkOptions {
  /** Names of the nodes that it takes its records from. */
  readonly parents: readonly string[];
  /** Of the keys, where the topic is given by name or by a function. */
  readonly key?: AnySerde | undefined;
  /** Of the values, where the topic is given by name or by a function. */
  readonly value?: AnySerde | undefined;
  /** Chooses the partitions of a record. */
  readonly partitioner?: StreamPartitioner | undefined;
}

/** Of a global store that is added by hand. */
export interface AddGlobalStoreOptions extends AddSourceOptions {
  /** Of the source node. */
  readonly source: string;
  /** Of the processor that keeps the store. */
  readonly processor: string;
  /** Whether the processor runs for restored records too. */
  readonly reprocess?: boolean | undefined;
}

/**
 * A topology: what `StreamsBuilder.build` gives, or added by hand node by node. A node's parents
 * must be there before it.
 */
export class Topology {
  readonly #builder: TopologyBuilder;

  constructor(builder: TopologyBuilder = new TopologyBuilder()) {
    this.#builder = builder;
  }

  /** Adds a node that reads topics: by name, with their types, or by a pattern of names. */
  addSource(
    name: string,
    topics: string | AnyTopic | RegExp | readonly (string | AnyTopic)[],
    options: AddSourceOptions = {},
  ): this {
    if (topics instanceof RegExp) this.#builder.addSource(name, topics, options);
    else {
      const list = Array.isArray(topics) ? topics : [topics];
      this.#builder.addSource(name, list.map(nameOfTopic), typesOf(list[0], options));
    }
    return this;
  }

  /** Adds a node that runs a processor. */
  addProcessor<KIn, VIn, KOut, VOut>(
    name: string,
    source: ProcessorSource<KIn, VIn, KOut, VOut>,
    options: AddProcessorOptions,
  ): this {
    this.#builder.addProcessor(name, userProcessorMaker(source), options.parents);
    this.#builder.connect(name, options.stores ?? []);
    return this;
  }

  /** Adds a node that writes to a topic: by name, with its types, or chosen for each record. */
  addSink<K, V>(
    name: string,
    topic: string | AnyTopic | TopicFunction<K, V>,
    options: AddSinkOptions,
  ): this {
    const target = typeof topic === 'function' ? topicChooser(topic) : nameOfTopic(topic);
    const { parents, ...settings } = options;
    const types = typeof topic === 'object' ? topic : undefined;
    this.#builder.addSink(name, target, typesOf(types, settings), parents);
    return this;
  }

  /** Adds a store and connects it to processors. */
  addStateStore(store: StoreSpec, ...processors: string[]): this {
    this.#builder.addStore(store, processors);
    return this;
  }

  /** Lets a processor use stores that were added before. */
  connectProcessorAndStateStores(processor: string, ...stores: string[]): this {
    if (stores.length === 0) throw new TopologyError(`No stores are named for ${processor}.`);
    this.#builder.connect(processor, stores);
    return this;
  }

  /** Adds a store that every instance fills from all partitions of one topic. */
  addGlobalStore<K, V>(
    store: StoreSpec,
    topic: string | AnyTopic,
    source: ProcessorSource<K, V, never, never>,
    options: AddGlobalStoreOptions,
  ): this {
    this.#builder.addGlobalStore(
      options.source,
      nameOfTopic(topic),
      typesOf(topic, options),
      options.processor,
      userProcessorMaker(source),
      { ...store, logging: false },
      options.reprocess ?? false,
    );
    return this;
  }

  /** Adds a store whose changelog is the topic that fills it, so nothing is written. */
  addReadOnlyStateStore<K, V>(
    store: StoreSpec,
    topic: string | AnyTopic,
    source: ProcessorSource<K, V, never, never>,
    options: AddGlobalStoreOptions,
  ): this {
    const spec = { ...store, logging: false };
    this.#builder.addSource(options.source, [nameOfTopic(topic)], typesOf(topic, options));
    this.#builder.addProcessor(options.processor, userProcessorMaker(source), [options.source]);
    this.#builder.addStore(spec, [options.processor]);
    this.#builder.useSourceAsChangelog(spec.name, nameOfTopic(topic));
    return this;
  }

  /** What tasks are made of. */
  plan(): TopologyPlan {
    return planTopology(this.#builder);
  }

  /** The topology as plain data, which can be saved as JSON and compared later. */
  describe(): TopologyDescription {
    return describeTopology(this.#builder);
  }

  /** The text that Java's `describe()` prints. */
  toString(): string {
    return descriptionText(this.describe());
  }

  /** As `describe`. */
  toJSON(): TopologyDescription {
    return this.describe();
  }

  /** A flowchart for Mermaid. */
  toMermaid(): string {
    return mermaidText(this.describe());
  }

  /** What an application loses or leaves behind that ran as `saved` and now starts as this. */
  compare(saved: TopologyDescription): TopologyDifference[] {
    return compareTopologies(saved, this.describe());
  }
}

/** The settings with the topic's serdes where they name none. */
function typesOf<Settings extends SourceSettings | SinkSettings>(
  topic: string | AnyTopic | undefined,
  settings: Settings,
): Settings {
  if (typeof topic !== 'object') return settings;
  return { ...settings, key: settings.key ?? topic.key, value: settings.value ?? topic.value };
}
