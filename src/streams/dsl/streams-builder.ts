import type { Topic } from '../../client/serde/topic.ts';
import { nameOfTopic } from '../topology/name-of-topic.ts';
import type { ProcessorSource } from '../topology/processor.ts';
import type { AnySerde, StoreSpec } from '../topology/store-spec.ts';
import { Topology } from '../topology/topology.ts';
import { TopologyError } from '../topology/topology-error.ts';
import { userProcessorMaker } from '../topology/user-processor.ts';
import { GlobalTable } from './global-table.ts';
import { checkNames } from './graph/check-names.ts';
import { type OptimizationChoice, optimizationsOf } from './graph/optimization.ts';
import { GlobalTableNode, StreamSourceNode, TableSourceNode } from './graph/source-nodes.ts';
import { StoreNode } from './graph/store-node.ts';
import { StreamsGraph } from './graph/streams-graph.ts';
import { KStream } from './kstream.ts';
import { KTable } from './ktable.ts';
import { operatorName, suffixedName } from './operator-name.ts';
import type { SourceOptions, StoreOptions, TableStoreOptions } from './operator-options.ts';
import { TableSource } from './processors/table-source.ts';
import type { Serdes } from './serdes.ts';
import { required, storeName, tableSpec } from './store-specs.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a topic takes may be wider than what it gives.
type Source<K, V> = Topic<any, any, K, V>;
type AnySource = Source<unknown, unknown>;

/** Of a builder. */
export interface BuilderOptions {
  /** Serdes for all keys and values whose serde is not known, so that none must be given. */
  readonly defaults?: { readonly key: AnySerde; readonly value: AnySerde } | undefined;
}

/** How a topology is built. */
export interface BuildOptions {
  /** As Kafka's `topology.optimization`: `all`, `none` (default), or some by name. */
  readonly optimization?: OptimizationChoice | undefined;
  /** True refuses stores and internal topics with generated names, which changes would orphan. */
  readonly requireNames?: boolean | undefined;
}

/** Of a stream that is read by names or a pattern. */
export interface StreamOptions<K, V> extends SourceOptions {
  /** Of the keys. */
  readonly key: AnySerde<K>;
  /** Of the values. */
  readonly value: AnySerde<V>;
}

/** What the types know of streams of a builder. */
type Of<Options> = Options extends { readonly defaults: object }
  ? 'key' | 'value' | 'default'
  : 'key' | 'value';

/**
 * Where the streams and tables of an application begin. Names of nodes, stores and internal topics
 * are those that Kafka Streams gives to the same calls in the same order.
 */
export class StreamsBuilder<const Options extends BuilderOptions = Record<never, never>> {
  readonly #graph: StreamsGraph;
  /** Of the first build. */
  #optimization: string | undefined;

  constructor(options?: Options) {
    this.#graph = new StreamsGraph(options?.defaults);
  }

  /** The records of a topic, or of several with the same types. */
  stream<K, V>(
    topics: Source<K, V> | readonly Source<K, V>[],
    options?: SourceOptions,
  ): KStream<K, V, Of<Options>>;
  /** The records of topics by their names, or of all topics whose whole name a pattern matches. */
  stream<K, V>(
    topics: string | readonly string[] | RegExp,
    options: StreamOptions<K, V>,
  ): KStream<K, V, Of<Options>>;
  stream<K, V>(
    topics: string | RegExp | AnySource | readonly (string | AnySource)[],
    options: SourceOptions & Partial<StreamOptions<K, V>> = {},
  ): KStream<K, V, Of<Options>> {
    const graph = this.#graph;
    const name = operatorName(graph, options.name, 'KSTREAM-SOURCE-');
    const list = topics instanceof RegExp ? [] : [topics].flat();
    const first = list[0] as string | AnySource | undefined;
    const { key, value } = serdesOf(first, options, name);
    const settings = { key, value, reset: options.reset, extractor: options.extractor };
    const names = topics instanceof RegExp ? topics : (list as AnySource[]).map(nameOfTopic);
    const node = new StreamSourceNode(name, names, settings);
    graph.add(graph.root, node);
    const sources = new Set([name]);
    return new KStream({ graph, node, name, key, value, sources, isMoved: false });
  }

  /** A topic as a table: the latest value of each key. Records without a key are left out. */
  table<K, V>(
    topic: Source<K, V>,
    options: SourceOptions & TableStoreOptions = {},
  ): KTable<K, V, Of<Options>> {
    const graph = this.#graph;
    const store = storeName(graph, options, `${topic.name}-`);
    const sourceName = suffixedName(graph, options.name, '-source', 'KSTREAM-SOURCE-');
    const name = operatorName(graph, options.name, 'KTABLE-SOURCE-');
    const { key, value } = topic;
    const maker = new TableSource(
      tableSpec(store.name, key, value, options),
      store.given !== undefined,
    );
    const settings = { key, value, reset: options.reset, extractor: options.extractor };
    const node = new TableSourceNode(name, sourceName, topic.name, settings, maker);
    node.outputVersioned = options.history !== undefined;
    graph.add(graph.root, node);
    return new KTable({
      graph,
      node,
      name,
      key,
      value,
      sources: new Set([sourceName]),
      isMoved: false,
      maker,
      storeName: store.given,
    });
  }

  /** A topic as a table that every instance holds whole, whatever partitions it has. */
  globalTable<K, V>(
    topic: Source<K, V>,
    options: SourceOptions & StoreOptions = {},
  ): GlobalTable<K, V> {
    const graph = this.#graph;
    const store = storeName(graph, options, `${topic.name}-`);
    const sourceName = suffixedName(graph, options.name, '-source', 'KSTREAM-SOURCE-');
    const name = operatorName(graph, options.name, 'KTABLE-SOURCE-');
    const { key, value } = topic;
    const spec = tableSpec(store.name, key, value, { ...options, logging: false });
    const maker = new TableSource(spec, true);
    const settings = { key, value, reset: options.reset, extractor: options.extractor };
    const node = new GlobalTableNode(name, sourceName, topic.name, settings, maker, spec, false);
    graph.add(graph.root, node);
    return new GlobalTable(maker.view(), store.given);
  }

  /** Adds a store for processors to use, by its name. */
  addStateStore(store: StoreSpec): this {
    this.#graph.add(this.#graph.root, new StoreNode(store));
    return this;
  }

  /** Adds a store that every instance fills from a topic, by a processor of the program. */
  addGlobalStore<K, V>(
    store: StoreSpec,
    topic: Source<K, V>,
    source: ProcessorSource<K, V, never, never>,
    options: SourceOptions & {
      /** Whether the processor runs for restored records too. */
      readonly reprocess?: boolean;
    } = {},
  ): this {
    const graph = this.#graph;
    const sourceName = suffixedName(graph, options.name, '-source', 'KSTREAM-SOURCE-');
    const name = operatorName(graph, options.name, 'KTABLE-SOURCE-');
    const settings = { key: topic.key, value: topic.value, extractor: options.extractor };
    const maker = userProcessorMaker(source);
    const reprocess = options.reprocess ?? false;
    graph.add(
      graph.root,
      new GlobalTableNode(name, sourceName, topic.name, settings, maker, store, reprocess),
    );
    return this;
  }

  /** The topology of all that was called so far. More calls and another build may follow. */
  build({ optimization = 'none', requireNames = false }: BuildOptions = {}): Topology {
    const asked = JSON.stringify(optimization);
    this.#optimization ??= asked;
    if (this.#optimization !== asked) {
      const earlier = `it was built with ${this.#optimization}`;
      throw new TopologyError(`The topology cannot be built with ${asked}: ${earlier}.`);
    }
    const builder = this.#graph.build(optimizationsOf(optimization));
    if (requireNames) checkNames(builder);
    return new Topology(builder);
  }
}

function serdesOf(
  topic: string | AnySource | undefined,
  options: Serdes,
  name: string,
): { key: AnySerde; value: AnySerde } {
  const types = typeof topic === 'object' ? topic : undefined;
  return {
    key: required(options.key ?? types?.key, 'keys', name),
    value: required(options.value ?? types?.value, 'values', name),
  };
}
