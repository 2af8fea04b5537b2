import type {
  NodeDefinition,
  ProcessorMaker,
  SinkSettings,
  SourceSettings,
} from './node-definitions.ts';
import { QuickUnion } from './quick-union.ts';
import type { StoreSpec } from './store-spec.ts';
import { TopologyError } from './topology-error.ts';
import type { TopicChooser } from './topology-plan.ts';

/** A store that every instance fills from one topic. */
export interface GlobalDefinition {
  readonly source: string;
  readonly processor: string;
  readonly topic: string;
  readonly store: StoreSpec;
  readonly reprocess: boolean;
}

/** An internal topic; partitions are undefined where they follow from its writers. */
interface InternalTopic {
  readonly partitions: number | undefined;
}

/**
 * Nodes, stores and topics as they are added, with Kafka's checks. The DSL and `Topology` both
 * write to one. Nodes that are connected, or share a store, are one sub-topology.
 */
export class TopologyBuilder {
  /** Parents before children, since a parent must be known. */
  readonly nodes = new Map<string, NodeDefinition>();
  readonly stores = new Map<string, StoreSpec>();
  readonly globals = new Map<string, GlobalDefinition>();
  readonly internalTopics = new Map<string, InternalTopic>();
  /** Stores that are restored from a source topic, by the name of the store. */
  readonly sourceChangelogs = new Map<string, string>();
  /** Names of source nodes whose topics must have equally many partitions. */
  readonly copartitionGroups: Set<string>[] = [];
  readonly #groups = new QuickUnion();
  readonly #sourceTopics = new Set<string>();
  readonly #globalTopics = new Set<string>();
  readonly #patterns: RegExp[] = [];
  /** The first processor of each store. */
  readonly #firstUsers = new Map<string, string>();

  addSource(name: string, topics: readonly string[] | RegExp, settings: SourceSettings): void {
    this.#checkNew(name);
    if (topics instanceof RegExp) {
      for (const topic of this.#sourceTopics) {
        if (!matchesWhole(topics, topic)) continue;
        const what = 'will match a topic that has already been registered by another source';
        throw new TopologyError(`Pattern ${topics.source} ${what}.`);
      }
      this.#patterns.push(topics);
      this.nodes.set(name, { kind: 'source', name, topics: undefined, pattern: topics, settings });
    } else {
      if (topics.length === 0) throw new TopologyError(`Source ${name} has no topics.`);
      for (const topic of topics) {
        this.#checkTopic(topic);
        this.#sourceTopics.add(topic);
      }
      this.nodes.set(name, { kind: 'source', name, topics, pattern: undefined, settings });
    }
    this.#groups.add(name);
  }

  addProcessor(name: string, maker: ProcessorMaker, parents: readonly string[]): void {
    this.#checkNew(name);
    this.#checkParents(name, parents);
    this.nodes.set(name, { kind: 'processor', name, parents, maker, stores: new Set() });
    this.#join(name, parents);
    for (const store of maker.stores ?? []) this.addStore(store, [name]);
  }

  addSink(
    name: string,
    topic: string | TopicChooser,
    settings: SinkSettings,
    parents: readonly string[],
  ): void {
    this.#checkNew(name);
    this.#checkParents(name, parents);
    this.nodes.set(name, { kind: 'sink', name, parents, topic, settings });
    this.#join(name, parents);
  }

  addStore(store: StoreSpec, processors: readonly string[] = []): void {
    const known = this.stores.get(store.name);
    if (known !== undefined && known !== store) {
      throw new TopologyError(`A different StateStore has already been added as ${store.name}.`);
    }
    this.#checkNotGlobal(store.name);
    this.stores.set(store.name, store);
    for (const processor of processors) this.#connect(processor, store.name);
  }

  connect(processor: string, stores: readonly string[]): void {
    for (const store of stores) this.#connect(processor, store);
  }

  addGlobalStore(
    sourceName: string,
    topic: string,
    settings: SourceSettings,
    processorName: string,
    maker: ProcessorMaker,
    store: StoreSpec,
    reprocess: boolean,
  ): void {
    this.#checkNew(sourceName);
    this.#checkTopic(topic);
    this.#checkNew(processorName);
    if (sourceName === processorName) {
      throw new TopologyError(`${sourceName} cannot name both the source and the processor.`);
    }
    this.#checkNotGlobal(store.name);
    if (this.stores.has(store.name)) {
      throw new TopologyError(`A different StateStore has already been added as ${store.name}.`);
    }
    this.#globalTopics.add(topic);
    const topics = [topic];
    this.nodes.set(sourceName, {
      kind: 'source',
      name: sourceName,
      topics,
      pattern: undefined,
      settings,
    });
    this.#groups.add(sourceName);
    const parents = [sourceName];
    const stores = new Set([store.name]);
    this.nodes.set(processorName, {
      kind: 'processor',
      name: processorName,
      parents,
      maker,
      stores,
    });
    this.#join(processorName, parents);
    this.globals.set(store.name, {
      source: sourceName,
      processor: processorName,
      topic,
      store,
      reprocess,
    });
  }

  /** The store is restored from a topic that its sub-topology reads anyway. */
  useSourceAsChangelog(store: string, topic: string): void {
    if (this.sourceChangelogs.has(store)) {
      throw new TopologyError(`Source store ${store} is already added.`);
    }
    this.sourceChangelogs.set(store, topic);
  }

  addInternalTopic(name: string, partitions: number | undefined): void {
    this.internalTopics.set(name, { partitions });
  }

  copartition(sources: Iterable<string>): void {
    this.copartitionGroups.push(new Set(sources));
  }

  replaceCopartitioned(replaced: string, by: string): void {
    for (const group of this.copartitionGroups) {
      if (group.delete(replaced)) group.add(by);
    }
  }

  /** Repartition topics of one group with fixed counts of partitions must have the same count. */
  checkCopartition(): void {
    for (const group of this.copartitionGroups) {
      const topics = this.topicsOf(group);
      const counts = topics.map((topic) => this.internalTopics.get(topic)?.partitions);
      if (topics.length === 0 || counts.includes(undefined)) continue;
      if (new Set(counts).size === 1) continue;
      const listed = topics.map((topic, i) => `${topic}=${counts[i]}`).sort();
      const what = 'Following topics do not have the same number of partitions';
      throw new TopologyError(`${what}: [{${listed.join(', ')}}]`);
    }
  }

  /** The named topics that these source nodes read. */
  topicsOf(sources: Iterable<string>): string[] {
    const topics = new Set<string>();
    for (const source of sources) {
      const node = this.nodes.get(source);
      if (node?.kind !== 'source') continue;
      for (const topic of node.topics ?? []) topics.add(topic);
    }
    return [...topics];
  }

  /** Names of nodes by sub-topology, global stores among them, in Kafka's order. */
  nodeGroups(): string[][] {
    const groups = new Map<string, string[]>();
    for (const name of this.nodes.keys()) {
      const root = this.#groups.root(name);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [name]);
      else group.push(name);
    }
    return [...groups.values()];
  }

  /** The global store that one of these nodes fills; undefined where none does. */
  globalAmong(nodes: readonly string[]): GlobalDefinition | undefined {
    return [...this.globals.values()].find(({ source }) => nodes.includes(source));
  }

  #join(name: string, parents: readonly string[]): void {
    this.#groups.add(name);
    for (const parent of parents) this.#groups.unite(name, parent);
  }

  #connect(processor: string, store: string): void {
    if (this.globals.has(store)) {
      const what = 'can be used by a Processor without being specified';
      throw new TopologyError(
        `Global StateStore ${store} ${what}; it should not be explicitly passed.`,
      );
    }
    if (!this.stores.has(store)) throw new TopologyError(`StateStore ${store} is not added yet.`);
    const node = this.nodes.get(processor);
    if (node === undefined) throw new TopologyError(`Processor ${processor} is not added yet.`);
    if (node.kind !== 'processor') {
      throw new TopologyError(`StateStore ${store} cannot be connected to a source or a sink.`);
    }
    const user = this.#firstUsers.get(store);
    if (user === undefined) this.#firstUsers.set(store, processor);
    else this.#groups.unite(user, processor);
    node.stores.add(store);
  }

  #checkNew(name: string): void {
    if (this.nodes.has(name)) throw new TopologyError(`Processor ${name} is already added.`);
  }

  #checkParents(name: string, parents: readonly string[]): void {
    if (parents.length === 0) throw new TopologyError(`${name} has no parents.`);
    for (const parent of parents) {
      const node = this.nodes.get(parent);
      if (node === undefined) {
        const self = parent === name ? ' (self-reference)' : '';
        throw new TopologyError(`Parent node ${parent} is unknown${self}.`);
      }
      if (node.kind === 'sink') throw new TopologyError(`Sink ${parent} cannot be used a parent.`);
    }
  }

  #checkTopic(topic: string): void {
    if (this.#sourceTopics.has(topic) || this.#globalTopics.has(topic)) {
      throw new TopologyError(`Topic ${topic} has already been registered by another source.`);
    }
    if (this.#patterns.some((pattern) => matchesWhole(pattern, topic))) {
      const what = 'matches a Pattern already registered by another source';
      throw new TopologyError(`Topic ${topic} ${what}.`);
    }
  }

  #checkNotGlobal(store: string): void {
    if (!this.globals.has(store)) return;
    throw new TopologyError(`A different GlobalStateStore has already been added as ${store}.`);
  }
}

/** Patterns match whole names of topics, as Java's `matches` does. */
function matchesWhole(pattern: RegExp, topic: string): boolean {
  const flags = pattern.flags.replace(/[gy]/g, '');
  return new RegExp(`^(?:${pattern.source})$`, flags).test(topic);
}
