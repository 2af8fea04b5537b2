import type { AnyTable } from './any-table.ts';
import { TableJoinNode } from './graph/table-join-node.ts';
import { operatorName, suffixedName } from './operator-name.ts';
import type { NameOptions, TableStoreOptions } from './operator-options.ts';
import type { AnyJoiner } from './processors/stream-table-join.ts';
import { TableJoinSupplier } from './processors/table-join.ts';
import { TableJoinMerger } from './processors/table-join-merger.ts';
import type { Serdes } from './serdes.ts';
import { isAboutStore, storeName, tableSpec } from './store-specs.ts';
import { copartition } from './stream-parts.ts';
import type { TableParts } from './table-parts.ts';

type Options = NameOptions & TableStoreOptions & Serdes;

/** The rows of two tables with the same key. */
export function joinTables(
  one: AnyTable,
  two: AnyTable,
  joiner: AnyJoiner,
  options: Options,
  kind: 'inner' | 'left' | 'outer',
): TableParts {
  const { graph } = one.parts;
  const given = options.name;
  const isKept = isAboutStore(options);
  const store = isKept ? storeName(graph, options, 'KTABLE-MERGE-') : undefined;
  const name = operatorName(graph, given, 'KTABLE-MERGE-');
  const sources = copartition(one.parts, two.parts);
  const keepsLeft = kind !== 'inner';
  const keepsRight = kind === 'outer';
  if (keepsLeft) one.own.sendOldValues(true);
  if (keepsRight) two.own.sendOldValues(true);
  const key = options.key ?? one.parts.key;
  const value = options.value ?? graph.defaults.value;
  const spec = store === undefined ? undefined : tableSpec(store.name, key, value, options);
  const left = new TableJoinSupplier({
    own: one.own,
    other: two.own,
    keepsOwn: keepsLeft,
    keepsOther: keepsRight,
    isLeft: true,
    joiner,
  });
  const right = new TableJoinSupplier({
    own: two.own,
    other: one.own,
    keepsOwn: keepsRight,
    keepsOther: keepsLeft,
    isLeft: false,
    joiner,
  });
  const thisName = suffixedName(graph, given, '-join-this', 'KTABLE-JOINTHIS-');
  const otherName = suffixedName(graph, given, '-join-other', 'KTABLE-JOINOTHER-');
  const maker = new TableJoinMerger([left, right], spec);
  const oneStores = one.own.view().stores;
  const twoStores = two.own.view().stores;
  const sides = [
    sideOf(left, thisName, one.parts, twoStores),
    sideOf(right, otherName, two.parts, oneStores),
  ] as const;
  const node = new TableJoinNode(name, sides, maker);
  node.outputVersioned = options.history !== undefined;
  graph.add(one.parts.node, node);
  graph.add(two.parts.node, node);
  return {
    graph,
    node,
    name,
    key,
    value,
    sources,
    isMoved: false,
    maker,
    storeName: store?.name,
  };
}

function sideOf(
  maker: TableJoinSupplier,
  name: string,
  parent: TableParts,
  otherStores: readonly string[],
) {
  return {
    name,
    maker,
    parent: parent.name,
    graphParent: parent.node.name,
    otherStores,
    useVersionedSemantics: () => {
      maker.usesVersionedSemantics = true;
    },
  };
}
