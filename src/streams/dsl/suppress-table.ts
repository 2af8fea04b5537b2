import { checkedName } from '../topology/node-name.ts';
import type { SuppressSpec } from '../topology/store-spec.ts';
import { TopologyError } from '../topology/topology-error.ts';
import type { GraphNode } from './graph/graph-node.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import { Suppress, type SuppressSettings } from './processors/suppress.ts';
import { required, storeSettings } from './store-specs.ts';
import type { Suppressed } from './suppressed.ts';
import type { TableParts } from './table-parts.ts';
import type { ParentTable } from './tables/parent-table.ts';

/** A table whose updates are held back. */
export function suppressTable(
  parts: TableParts,
  parent: ParentTable,
  suppressed: Suppressed,
): TableParts {
  const { graph, node: above } = parts;
  if (above.outputVersioned === true) {
    throw new TopologyError('suppress() is only supported for tables that are not versioned.');
  }
  const given = suppressed.name;
  const name = given === undefined ? graph.newName('KTABLE-SUPPRESS-') : checkedName(given);
  const settings = settingsOf(above, suppressed);
  const store = given === undefined ? graph.newStoreName('KTABLE-SUPPRESS-') : `${name}-store`;
  const spec: SuppressSpec = {
    kind: 'suppress',
    ...storeSettings(store, { logging: suppressed.logging, caching: false, persistent: false }),
    key: required(parts.key, 'keys', name),
    value: required(parts.value, 'values', name),
  };
  const maker = new Suppress(settings, spec, parent);
  const node = new ProcessorNode(name, maker, { isSuppress: true });
  node.outputVersioned = false;
  graph.add(above, node);
  // As in Kafka, whose joins of suppressed tables are not checked for equally many partitions.
  return { ...parts, node, name, sources: new Set([parts.name]), maker, storeName: undefined };
}

function settingsOf(above: GraphNode, suppressed: Suppressed): SuppressSettings {
  const { maxRecords = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = suppressed;
  const isFinal = suppressed.durationMs === undefined;
  return {
    durationMs: suppressed.durationMs ?? graceAbove(above, ''),
    timeOf: isFinal ? 'window-end' : 'record',
    maxRecords,
    maxBytes,
    whenFull: suppressed.whenFull,
    dropsTombstones: isFinal,
  };
}

/** The longest grace of the windows that the table comes from; every way up must have one. */
function graceAbove(node: GraphNode, chain: string): number {
  if (node instanceof ProcessorNode && node.settings.graceMs !== undefined) {
    return node.settings.graceMs;
  }
  const longer = chain === '' ? node.name : `${node.name}->${chain}`;
  if (node.parents.size === 0) {
    const what = 'Window close time is only defined for windowed computations';
    throw new TopologyError(`${what}. Got [${longer}].`);
  }
  return Math.max(...Array.from(node.parents, (parent) => graceAbove(parent, longer)));
}
