import { settled } from './callbacks.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import { operatorName } from './operator-name.ts';
import type { NameOptions, TableStoreOptions } from './operator-options.ts';
import { RowMap, type RowMapper } from './processors/table-operators.ts';
import type { Serdes } from './serdes.ts';
import { countUnnamedStore, isAboutStore, tableSpec } from './store-specs.ts';
import type { TableParts } from './table-parts.ts';
import type { ParentTable } from './tables/parent-table.ts';

type Options = NameOptions & TableStoreOptions & Serdes;

/** A table made row by row of another: it is kept in a store only where the program names one. */
export function mapRows(
  parts: TableParts,
  parent: ParentTable,
  mapper: RowMapper,
  prefix: string,
  isFilter: boolean,
  options: Options,
): TableParts {
  const { graph } = parts;
  countUnnamedStore(graph, options, prefix);
  const name = operatorName(graph, options.name, prefix);
  const key = options.key ?? parts.key;
  const value = options.value ?? (isFilter ? parts.value : graph.defaults.value);
  const spec = options.as === undefined ? undefined : tableSpec(options.as, key, value, options);
  const checked: RowMapper = (row, rowKey, timestamp, headers) => {
    return settled(mapper(row, rowKey, timestamp, headers), name);
  };
  const maker = new RowMap(parent, checked, isFilter, spec);
  const node = new ProcessorNode(name, maker, {
    ...(isFilter && {
      useVersionedSemantics: () => {
        maker.usesVersionedSemantics = true;
      },
    }),
  });
  if (isAboutStore(options)) node.outputVersioned = options.history !== undefined;
  graph.add(parts.node, node);
  return { ...parts, node, name, key, value, maker, storeName: options.as };
}
