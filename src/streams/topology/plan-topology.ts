import { hashOrder } from './java-order.ts';
import type { NodeDefinition, ProcessorDefinition, SourceDefinition } from './node-definitions.ts';
import type { TopologyBuilder } from './topology-builder.ts';
import type {
  GlobalStorePlan,
  NodePlan,
  ProcessorPlan,
  SourcePlan,
  StorePlan,
  SubtopologyPlan,
  TopicName,
  TopologyPlan,
} from './topology-plan.ts';

/** What tasks are made of. */
export function planTopology(builder: TopologyBuilder): TopologyPlan {
  const subtopologies: SubtopologyPlan[] = [];
  const globals: GlobalStorePlan[] = [];
  const children = childrenOf(builder);
  for (const [id, names] of builder.nodeGroups().entries()) {
    const global = builder.globalAmong(names);
    if (global === undefined) {
      subtopologies.push(planSubtopology(builder, id, names, children));
      continue;
    }
    const { source, processor, topic, store, reprocess } = global;
    globals.push({
      id,
      store: { spec: store, changelog: { name: topic, internal: false } },
      source: planNode(builder, nodeOf(builder, source), children) as SourcePlan,
      processor: planNode(builder, nodeOf(builder, processor), children) as ProcessorPlan,
      topic,
      reprocess,
    });
  }
  return { subtopologies, globals };
}

function planSubtopology(
  builder: TopologyBuilder,
  id: number,
  names: readonly string[],
  children: ReadonlyMap<string, readonly string[]>,
): SubtopologyPlan {
  const definitions = names.map((name) => nodeOf(builder, name));
  const nodes = definitions.map((node) => planNode(builder, node, children));
  const stores = new Map<string, StorePlan>();
  for (const node of definitions) {
    if (node.kind !== 'processor') continue;
    for (const name of node.stores)
      if (!stores.has(name)) stores.set(name, planStore(builder, name));
  }
  const sources = nodes.filter((node): node is SourcePlan => node.kind === 'source');
  const repartitionSources = sources
    .flatMap(({ topics }) => topics)
    .filter(({ internal }) => internal)
    .map(({ name }) => ({ name, partitions: builder.internalTopics.get(name)?.partitions }));
  const inThis = new Set(names);
  return {
    id,
    nodes,
    stores: [...stores.values()],
    repartitionSources,
    sinkTopics: sinkTopicsOf(nodes),
    copartitionGroups: builder.copartitionGroups
      .filter((group) => [...group].some((name) => inThis.has(name)))
      .map((group) => builder.topicsOf(group).map((topic) => topicName(builder, topic))),
  };
}

function planNode(
  builder: TopologyBuilder,
  node: NodeDefinition,
  children: ReadonlyMap<string, readonly string[]>,
): NodePlan {
  if (node.kind === 'source') return planSource(builder, node, children);
  if (node.kind === 'processor') return planProcessor(node, children);
  const { name, topic, settings } = node;
  return {
    kind: 'sink',
    name,
    topic: typeof topic === 'string' ? topicName(builder, topic) : topic,
    key: settings.key,
    value: settings.value,
    partitioner: settings.partitioner,
  };
}

function planSource(
  builder: TopologyBuilder,
  { name, topics, pattern, settings }: SourceDefinition,
  children: ReadonlyMap<string, readonly string[]>,
): SourcePlan {
  return {
    kind: 'source',
    name,
    topics: (topics ?? []).map((topic) => topicName(builder, topic)),
    pattern,
    reset: settings.reset,
    extractor: settings.extractor,
    key: settings.key,
    value: settings.value,
    children: children.get(name) ?? [],
  };
}

function planProcessor(
  { name, maker, stores }: ProcessorDefinition,
  children: ReadonlyMap<string, readonly string[]>,
): ProcessorPlan {
  return {
    kind: 'processor',
    name,
    make: () => maker.make(),
    async: maker.async,
    stores: hashOrder(stores),
    children: children.get(name) ?? [],
  };
}

function planStore(builder: TopologyBuilder, name: string): StorePlan {
  const spec = builder.stores.get(name);
  if (spec === undefined) throw new Error(`the store ${name} is not known`);
  const source = builder.sourceChangelogs.get(name);
  if (source !== undefined) return { spec, changelog: topicName(builder, source) };
  return { spec, changelog: spec.logging ? changelogOf(name) : undefined };
}

/** The topic that a store logs to. */
export function changelogOf(store: string): TopicName {
  return { name: `${store}-changelog`, internal: true };
}

function topicName(builder: TopologyBuilder, name: string): TopicName {
  return { name, internal: builder.internalTopics.has(name) };
}

function sinkTopicsOf(nodes: readonly NodePlan[]): TopicName[] {
  return nodes.flatMap((node) => {
    return node.kind === 'sink' && typeof node.topic !== 'function' ? [node.topic] : [];
  });
}

/** Names of children by parent, in the order in which they were added. */
function childrenOf(builder: TopologyBuilder): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const node of builder.nodes.values()) {
    if (node.kind === 'source') continue;
    for (const parent of new Set(node.parents)) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [node.name]);
      else known.push(node.name);
    }
  }
  return children;
}

function nodeOf(builder: TopologyBuilder, name: string): NodeDefinition {
  const node = builder.nodes.get(name);
  if (node === undefined) throw new Error(`the node ${name} is not known`);
  return node;
}
