import type { ValueTransformerSupplier } from '../topology/value-transformer.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import { operatorName } from './operator-name.ts';
import type { ProcessOptions, TableStoreOptions } from './operator-options.ts';
import { TransformRows } from './processors/transform-rows.ts';
import type { Serdes } from './serdes.ts';
import { isAboutStore, tableSpec } from './store-specs.ts';
import type { TableParts } from './table-parts.ts';
import type { ParentTable } from './tables/parent-table.ts';

type Options = ProcessOptions & TableStoreOptions & Serdes;

/** A table made row by row of another by transformers of the program. */
export function transformTable(
  parts: TableParts,
  parent: ParentTable,
  supplier: ValueTransformerSupplier<unknown, unknown, unknown>,
  options: Options,
): TableParts {
  const { graph } = parts;
  const name = operatorName(graph, options.name, 'KTABLE-TRANSFORMVALUES-');
  const key = options.key ?? parts.key;
  const value = options.value ?? graph.defaults.value;
  const spec = options.as === undefined ? undefined : tableSpec(options.as, key, value, options);
  const maker = new TransformRows(parent, supplier, spec);
  const node = new ProcessorNode(name, maker, { stores: options.stores ?? [] });
  if (isAboutStore(options)) node.outputVersioned = options.history !== undefined;
  graph.add(parts.node, node);
  return { ...parts, node, name, key, value, maker, storeName: options.as };
}
