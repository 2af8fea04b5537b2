import { ProcessorNode } from './graph/processor-node.ts';
import { RepartitionNode } from './graph/repartition-node.ts';
import type { Known, Settled } from './known.ts';
import { KTable } from './ktable.ts';
import { operatorName } from './operator-name.ts';
import type { NameOptions, TableStoreOptions } from './operator-options.ts';
import { TableSource } from './processors/table-source.ts';
import { repartitionSettings } from './repartition-settings.ts';
import type { Serdes } from './serdes.ts';
import { required, storeName, tableSpec } from './store-specs.ts';
import type { StreamParts } from './stream-parts.ts';

type Options = NameOptions & TableStoreOptions & Serdes;

/** The latest value of each key of a stream. */
export function toTable<K, V, H extends Known>(
  parts: StreamParts,
  options: Options = {},
): KTable<K, V, Settled<H>> {
  const { graph } = parts;
  const name = operatorName(graph, options.name, 'KSTREAM-TOTABLE-');
  const store = storeName(graph, options, 'KSTREAM-TOTABLE-');
  const key = required(options.key ?? parts.key, 'keys', name);
  const value = required(options.value ?? parts.value, 'values', name);
  let above = parts.node;
  let { sources } = parts;
  if (parts.isMoved) {
    const repartition = new RepartitionNode(repartitionSettings(graph, name, { key, value }));
    graph.add(parts.node, repartition);
    above = repartition;
    sources = new Set([repartition.name]);
  }
  const maker = new TableSource(
    tableSpec(store.name, key, value, options),
    store.given !== undefined,
  );
  const node = new ProcessorNode(name, maker);
  node.outputVersioned = options.history !== undefined;
  graph.add(above, node);
  return new KTable({
    graph,
    node,
    name,
    key,
    value,
    sources,
    isMoved: false,
    maker,
    storeName: store.given,
  });
}
