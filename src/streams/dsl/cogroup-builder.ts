import type { AnySerde } from '../topology/store-spec.ts';
import type { GraphNode } from './graph/graph-node.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import { RepartitionNode } from './graph/repartition-node.ts';
import type { StreamsGraph } from './graph/streams-graph.ts';
import type { GroupedParts } from './kgrouped-stream.ts';
import { suffixedName } from './operator-name.ts';
import type { NameOptions, StoreOptions } from './operator-options.ts';
import type { Aggregator } from './processors/stream-aggregate.ts';
import { TablePassThrough } from './processors/table-pass-through.ts';
import { repartitionSettings } from './repartition-settings.ts';
import type { Serdes } from './serdes.ts';
import { required, type StoreName, storeName } from './store-specs.ts';
import { copartition } from './stream-parts.ts';
import type { TableParts } from './table-parts.ts';
import type { TableMaker } from './tables/table-maker.ts';

const AGGREGATE = 'COGROUPKSTREAM-AGGREGATE-';

type Options = NameOptions & StoreOptions & Serdes;

/** Grouped streams that are aggregated into one table. */
export interface CogroupEntries {
  /** What adds the values of each to the aggregate. */
  readonly adders: Map<GroupedParts, Aggregator>;
  /** What the aggregate of each goes behind. Several tables of the same streams share it. */
  readonly above: Map<GroupedParts, GraphNode>;
}

/** Puts an aggregate behind each of several grouped streams, and one table behind all of them. */
export class CogroupBuilder {
  readonly store: StoreName;
  readonly key: AnySerde;
  readonly value: AnySerde;
  readonly #graph: StreamsGraph;
  readonly #entries: CogroupEntries;
  readonly #name: string | undefined;

  constructor(graph: StreamsGraph, entries: CogroupEntries, options: Options | undefined) {
    this.#graph = graph;
    this.#entries = entries;
    this.#name = options?.name;
    this.store = storeName(graph, options, AGGREGATE);
    const keys = Array.from(entries.adders.keys(), ({ key }) => key);
    const key = options?.key ?? keys.find((each) => each !== undefined);
    this.key = required(key, 'keys', this.store.name);
    const value = options?.value ?? graph.defaults.value;
    this.value = required(value, 'values', this.store.name);
  }

  /** `key` is the table's, which differs from the streams' where it is by windows. */
  build(
    make: (add: Aggregator) => TableMaker,
    key: AnySerde,
    settings: { readonly graceMs?: number; readonly isVersioned?: boolean },
  ): TableParts {
    const graph = this.#graph;
    const above = this.#repartitioned();
    const makers: TableMaker[] = [];
    const nodes: GraphNode[] = [];
    for (const [grouped, add] of this.#entries.adders) {
      const maker = make(add);
      const name = suffixedName(graph, this.#name, `-cogroup-agg-${makers.length}`, AGGREGATE);
      const { graceMs, isVersioned } = settings;
      const node = new ProcessorNode(name, maker, graceMs === undefined ? {} : { graceMs });
      if (isVersioned !== undefined) node.outputVersioned = isVersioned;
      makers.push(maker);
      nodes.push(node);
      graph.add(above.get(grouped) as GraphNode, node);
    }
    const name = suffixedName(graph, this.#name, '-cogroup-merge', 'COGROUPKSTREAM-MERGE-');
    const maker = new TablePassThrough(makers);
    const node = new ProcessorNode(name, maker);
    graph.add(nodes, node);
    return {
      graph,
      node,
      name,
      key,
      value: this.value,
      sources: new Set([name]),
      isMoved: false,
      maker,
      storeName: this.store.given,
    };
  }

  /** The node that each stream's aggregate goes behind: a repartition where keys have changed. */
  #repartitioned(): Map<GroupedParts, GraphNode> {
    const { adders, above } = this.#entries;
    for (const grouped of adders.keys()) {
      above.set(grouped, grouped.isMoved ? this.#repartition(grouped) : grouped.node);
    }
    copartition(...above.keys());
    return above;
  }

  #repartition(grouped: GroupedParts): GraphNode {
    const prefix = grouped.repartitionName ?? this.store.name;
    const settings = repartitionSettings(this.#graph, prefix, {
      key: required(grouped.key, 'keys', prefix),
      value: required(grouped.value, 'values', prefix),
    });
    // Its names are counted in any case.
    const known = this.#entries.above.get(grouped);
    if (known !== undefined) return known;
    const node = new RepartitionNode(settings);
    this.#graph.add(grouped.node, node);
    return node;
  }
}
