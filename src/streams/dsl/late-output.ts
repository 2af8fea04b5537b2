import { ProcessorNode } from './graph/processor-node.ts';
import type { GroupedParts } from './kgrouped-stream.ts';
import { lateMaker } from './processors/late-records.ts';
import type { StreamParts } from './stream-parts.ts';
import type { TableParts } from './table-parts.ts';

/** Where records go that came too late for every window. */
export type LateOutput = (late: StreamParts) => void;

/** The name of the node that gives late records; undefined where nobody wants them. */
export function lateName(grouped: GroupedParts, output: LateOutput | undefined) {
  return output === undefined ? undefined : grouped.graph.newName('KSTREAM-LATE-');
}

/** Puts the node below the aggregate, and lets the program go on with it. */
export function addLateOutput(
  grouped: GroupedParts,
  table: TableParts,
  name: string | undefined,
  output: LateOutput | undefined,
): TableParts {
  if (name === undefined) return table;
  const { graph, sources } = table;
  const node = new ProcessorNode(name, lateMaker);
  graph.add(table.node, node);
  const { key, value } = grouped;
  output?.({ graph, node, name, key, value, sources, isMoved: false });
  return table;
}
