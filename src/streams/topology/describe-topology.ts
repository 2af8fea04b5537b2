import { hashOrder, JavaTreeSet } from './java-order.ts';
import type { NodeDefinition } from './node-definitions.ts';
import { changelogOf } from './plan-topology.ts';
import type { TopologyBuilder } from './topology-builder.ts';
import type {
  DescribedGlobalStore,
  DescribedNode,
  DescribedStore,
  DescribedSubtopology,
  TopologyDescription,
} from './topology-description.ts';

/** A node while its neighbours are gathered. */
interface Place {
  readonly node: NodeDefinition;
  readonly predecessors: JavaTreeSet<Place>;
  readonly successors: JavaTreeSet<Place>;
  /** Nodes below it, itself included; shared ones count more than once, as in Java. */
  size: number;
}

/** The topology as plain data, with every list in the order in which Java prints it. */
export function describeTopology(builder: TopologyBuilder): TopologyDescription {
  const subtopologies: DescribedSubtopology[] = [];
  const globalStores: DescribedGlobalStore[] = [];
  for (const [id, names] of builder.nodeGroups().entries()) {
    const global = builder.globalAmong(names);
    if (global === undefined) {
      subtopologies.push({ id, nodes: describeGroup(builder, names) });
      continue;
    }
    const { source, processor, topic, store } = global;
    globalStores.push({
      id,
      source: { type: 'source', name: source, topics: [topic], ...neighbours([], [processor]) },
      processor: {
        type: 'processor',
        name: processor,
        stores: [store.name],
        ...neighbours([source], []),
      },
    });
  }
  return {
    subtopologies,
    globalStores,
    stores: describeStores(builder),
    repartitionTopics: [...builder.internalTopics.keys()],
  };
}

function describeGroup(builder: TopologyBuilder, names: readonly string[]): DescribedNode[] {
  const places = new Map<string, Place>();
  for (const name of hashOrder(names)) {
    const node = builder.nodes.get(name) as NodeDefinition;
    const predecessors = new JavaTreeSet<Place>(comparePlaces);
    places.set(name, { node, predecessors, successors: new JavaTreeSet(comparePlaces), size: 1 });
  }
  for (const place of places.values()) {
    if (place.node.kind === 'source') continue;
    for (const name of place.node.parents) {
      const parent = places.get(name) as Place;
      place.predecessors.add(parent);
      parent.successors.add(place);
      grow(parent, place.size);
    }
  }
  return [...places.values()].sort(comparePlaces).map(describeNode);
}

function describeNode({ node, predecessors, successors }: Place): DescribedNode {
  const { name } = node;
  const around = neighbours(namesOf(predecessors), namesOf(successors));
  if (node.kind === 'source') {
    if (node.pattern !== undefined) {
      return { type: 'source', name, pattern: node.pattern.source, ...around };
    }
    return { type: 'source', name, topics: hashOrder(node.topics ?? []), ...around };
  }
  if (node.kind === 'processor') {
    return { type: 'processor', name, stores: hashOrder(node.stores), ...around };
  }
  const topic = typeof node.topic === 'string' ? node.topic : undefined;
  return { type: 'sink', name, topic, ...around };
}

function describeStores(builder: TopologyBuilder): DescribedStore[] {
  const used = new Set<string>();
  for (const node of builder.nodes.values()) {
    if (node.kind === 'processor') for (const store of node.stores) used.add(store);
  }
  return [...builder.stores.values()]
    .filter(({ name }) => used.has(name))
    .map(({ name, kind, logging }) => {
      const own = logging ? changelogOf(name).name : undefined;
      return { name, kind, changelog: builder.sourceChangelogs.get(name) ?? own };
    });
}

function neighbours(predecessors: readonly string[], successors: readonly string[]) {
  return { predecessors, successors };
}

function namesOf(places: JavaTreeSet<Place>): string[] {
  return Array.from(places, ({ node }) => node.name);
}

/** Larger sub-trees first, then by name. */
function comparePlaces(a: Place, b: Place): number {
  if (a.node.name === b.node.name) return 0;
  if (a.size !== b.size) return b.size - a.size;
  return a.node.name < b.node.name ? -1 : 1;
}

function grow(place: Place, by: number): void {
  place.size += by;
  for (const above of place.predecessors) grow(above, by);
}
