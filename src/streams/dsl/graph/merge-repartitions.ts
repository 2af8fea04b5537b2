import { TopologyError } from '../../topology/topology-error.ts';
import { repartitionSettings } from '../repartition-settings.ts';
import type { GraphNode } from './graph-node.ts';
import { RepartitionNode } from './repartition-node.ts';
import { nearest, type StreamsGraph } from './streams-graph.ts';

/**
 * Several repartitions behind one key-changing operator become one, right behind the operator: the
 * records are written once, and everything between the operator and the old repartitions runs
 * behind the new one.
 */
export function mergeRepartitions(graph: StreamsGraph): void {
  moveToMergeNodes(graph);
  for (const [changer, repartitions] of graph.keyChanging) {
    if (repartitions.size === 0) continue;
    const merged = mergedRepartition(graph, [...repartitions]);
    // As its parent's, so that it is written before everything below it.
    merged.buildPriority = changer.buildPriority;
    for (const old of repartitions) {
      const below = nearest(old, (node) => node.parents.has(changer));
      if (below === undefined) {
        throw new TopologyError(`No way leads from ${changer.name} down to ${old.name}.`);
      }
      merged.addChild(below);
      changer.removeChild(below);
      const parents = [...old.parents];
      for (const child of [...old.children]) for (const parent of parents) parent.addChild(child);
      for (const parent of parents) parent.removeChild(old);
      old.clearChildren();
      graph.builder.replaceCopartitioned(old.name, merged.name);
    }
    changer.addChild(merged);
  }
}

/** The name is the first one's; serdes are the first that are known. */
function mergedRepartition(
  graph: StreamsGraph,
  repartitions: readonly RepartitionNode[],
): RepartitionNode {
  const settings = repartitions.map((node) => node.settings);
  const key = settings.find((each) => each.key !== undefined)?.key;
  const value = settings.find((each) => each.value !== undefined)?.value;
  const first = settings[0]!;
  return new RepartitionNode(repartitionSettings(graph, first.topic, { key, value }));
}

/** A merge below several key-changing nodes takes over the repartitions that are behind it. */
function moveToMergeNodes(graph: StreamsGraph): void {
  const changersOf = new Map<GraphNode, Set<GraphNode>>();
  for (const merge of graph.merges) {
    const changers = new Set<GraphNode>();
    changersOf.set(merge, changers);
    for (const [changer, repartitions] of graph.keyChanging) {
      const isBehind = (node: GraphNode) =>
        nearest(node, (each) => each.parents.has(merge)) !== undefined;
      if (![...repartitions].every(isBehind)) continue;
      if (nearest(merge, (each) => each.parents.has(changer)) !== undefined) changers.add(changer);
    }
  }
  const moved = new Set<GraphNode>();
  for (const [merge, changers] of changersOf) {
    const repartitions = new Set<RepartitionNode>();
    for (const changer of changers) {
      for (const node of graph.keyChanging.get(changer) ?? []) repartitions.add(node);
      moved.add(changer);
    }
    graph.keyChanging.set(merge, repartitions);
  }
  for (const changer of moved) graph.keyChanging.delete(changer);
}
