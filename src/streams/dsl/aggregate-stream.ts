import type { AnySerde } from '../topology/store-spec.ts';
import type { ProcessorNode } from './graph/processor-node.ts';
import { RepartitionNode } from './graph/repartition-node.ts';
import type { GroupedParts } from './kgrouped-stream.ts';
import { operatorName } from './operator-name.ts';
import type { NameOptions, StoreOptions } from './operator-options.ts';
import { repartitionSettings } from './repartition-settings.ts';
import type { Serdes } from './serdes.ts';
import { required, type StoreName, storeName } from './store-specs.ts';
import type { TableParts } from './table-parts.ts';
import type { TableMaker } from './tables/table-maker.ts';

type Options = NameOptions & StoreOptions & Serdes;

/** What an aggregate and its store are called, by counted names, and the serdes of its rows. */
export function namedAggregate(
  { graph, key: streamKey }: GroupedParts,
  prefix: string,
  options: Options = {},
) {
  const store = storeName(graph, options, prefix);
  const name = operatorName(graph, options.name, prefix);
  const key = required(options.key ?? streamKey, 'keys', name);
  const value = required(options.value ?? graph.defaults.value, 'values', name);
  return { store, name, key, value };
}

/**
 * Puts the node of an aggregate behind a grouped stream, with a repartition between them where keys
 * have changed. `key` and `value` are the table's.
 */
export function aggregateStream(
  grouped: GroupedParts,
  node: ProcessorNode,
  maker: TableMaker,
  store: StoreName,
  key: AnySerde,
  value: AnySerde | undefined,
): TableParts {
  const { graph } = grouped;
  let { sources } = grouped;
  let above = grouped.node;
  if (grouped.isMoved) {
    const settings = repartitionSettings(graph, grouped.repartitionName ?? store.name, {
      key: required(grouped.key, 'keys', node.name),
      value: required(grouped.value, 'values', node.name),
    });
    if (grouped.repartition === undefined || grouped.repartitionName === undefined) {
      grouped.repartition = new RepartitionNode(settings);
    }
    graph.add(grouped.node, grouped.repartition);
    above = grouped.repartition;
    sources = new Set([settings.sourceName]);
  }
  graph.add(above, node);
  return {
    graph,
    node,
    name: node.name,
    key,
    value,
    sources,
    isMoved: false,
    maker,
    storeName: store.given,
  };
}
