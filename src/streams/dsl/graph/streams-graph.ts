import { TopologyBuilder } from '../../topology/topology-builder.ts';
import { TopologyError } from '../../topology/topology-error.ts';
import type { Serdes } from '../serdes.ts';
import type { GraphNode } from './graph-node.ts';
import { mergeRepartitions } from './merge-repartitions.ts';
import { mergeDuplicateSources } from './merge-sources.ts';
import { dropNullKeysEarly } from './null-keys.ts';
import type { Optimization } from './optimization.ts';
import { ProcessorNode } from './processor-node.ts';
import { RepartitionNode } from './repartition-node.ts';
import { RootNode } from './root-node.ts';
import { rewriteSelfJoins } from './self-joins.ts';
import { TableSourceNode } from './source-nodes.ts';

const DIGITS = 10;

/**
 * All operators of one `StreamsBuilder`, and the counter in their names. Names count in the order
 * of the calls, whether a name is used or not, since stores and topics of running applications
 * depend on them.
 */
export class StreamsGraph {
  readonly root = new RootNode();
  /** For keys and values whose serde is not known. */
  readonly defaults: Serdes;
  /** Internal topics and groups of source nodes are known to it before the nodes are. */
  readonly builder = new TopologyBuilder();
  /** Key-changing nodes with the repartitions behind them that could become one. */
  readonly keyChanging = new Map<GraphNode, Set<RepartitionNode>>();
  readonly merges = new Set<GraphNode>();
  #index = 0;
  #priority = 0;
  readonly #nodes = new Set<GraphNode>();

  constructor(defaults: Serdes = {}) {
    this.defaults = defaults;
  }

  /** The next name with this prefix, such as `KSTREAM-FILTER-0000000003`. */
  newName(prefix: string): string {
    return prefix + String(this.#index++).padStart(DIGITS, '0');
  }

  newStoreName(prefix: string): string {
    return this.newName(`${prefix}STATE-STORE-`);
  }

  add(parents: GraphNode | readonly GraphNode[], child: GraphNode): void {
    for (const parent of Array.isArray(parents) ? parents : [parents]) {
      parent.addChild(child);
      this.#note(child);
    }
  }

  /** Writes all nodes that are not written yet. */
  build(optimizations: ReadonlySet<Optimization>): TopologyBuilder {
    mergeDuplicateSources(this.root);
    if (optimizations.has('reuse.ktable.source.topics')) {
      for (const node of this.#nodes) {
        if (node instanceof TableSourceNode) node.reusesSourceTopic = true;
      }
    }
    if (optimizations.has('merge.repartition.topics')) mergeRepartitions(this);
    if (optimizations.has('single.store.self.join')) rewriteSelfJoins(this.root);
    dropNullKeysEarly(this.root);
    this.#enableVersionedSemantics();
    this.#write();
    this.builder.checkCopartition();
    return this.builder;
  }

  #note(node: GraphNode): void {
    node.buildPriority = this.#priority++;
    this.#nodes.add(node);
    if (node.isKeyChanging) {
      this.keyChanging.set(node, new Set());
    } else if (node instanceof RepartitionNode && node.settings.canBeMerged) {
      const changer = keyChangerAbove(node);
      if (changer !== undefined) this.keyChanging.get(changer)?.add(node);
    } else if (node.isMerge) {
      this.merges.add(node);
    }
  }

  #enableVersionedSemantics(): void {
    for (const node of this.#nodes) {
      for (const parent of node.parents) {
        if (isVersioned(parent)) node.useVersionedSemantics?.(parent.name);
      }
      if (!(node instanceof ProcessorNode) || node.settings.isSuppress !== true) continue;
      if (hasVersionedInput(node)) {
        const what = 'suppress() is only supported for tables that are not versioned';
        throw new TopologyError(`${what}; the version semantics of ${node.name} come from above.`);
      }
    }
  }

  /** By priority, each node after all of its parents. */
  #write(): void {
    const waiting = new Set<GraphNode>([this.root]);
    while (waiting.size > 0) {
      const node = firstOf(waiting);
      waiting.delete(node);
      const isReady = [...node.parents].every(({ isWritten }) => isWritten);
      if (isReady && !node.isWritten) {
        node.write(this.builder);
        node.isWritten = true;
      }
      for (const child of node.children) waiting.add(child);
    }
  }
}

function firstOf(nodes: ReadonlySet<GraphNode>): GraphNode {
  let first: GraphNode | undefined;
  for (const node of nodes) {
    if (first === undefined || node.buildPriority < first.buildPriority) first = node;
  }
  return first as GraphNode;
}

/** The nearest node of its kind above, or the node itself. */
export function nearest(
  node: GraphNode,
  matches: (node: GraphNode) => boolean,
): GraphNode | undefined {
  if (matches(node)) return node;
  for (const parent of node.parents) {
    const found = nearest(parent, matches);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The key-changing node above a repartition, unless values change between them. */
function keyChangerAbove(node: GraphNode): GraphNode | undefined {
  const changer = nearest(node, (each) => each.isKeyChanging);
  const first = nearest(node, (each) => each.isKeyChanging || each.isValueChanging);
  return changer === first ? changer : undefined;
}

function isVersioned(node: GraphNode): boolean {
  return node.outputVersioned ?? hasVersionedInput(node);
}

/** Whether all parents are versioned. */
function hasVersionedInput(node: GraphNode): boolean {
  if (node instanceof RootNode) return false;
  return [...node.parents].every(isVersioned);
}
