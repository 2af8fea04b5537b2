import type { Callback } from './callbacks.ts';
import type { GlobalTable } from './global-table.ts';
import { StreamTableJoinNode } from './graph/stream-table-join-node.ts';
import { operatorName } from './operator-name.ts';
import type { NameOptions } from './operator-options.ts';
import { type AnyJoiner, StreamTableJoin } from './processors/stream-table-join.ts';
import type { StreamParts } from './stream-parts.ts';

/** A stream with the rows of a global table that a selector names. */
export function joinGlobalTable(
  parts: StreamParts,
  table: GlobalTable<unknown, unknown>,
  selector: Callback<unknown, unknown, unknown>,
  joiner: AnyJoiner,
  kind: 'inner' | 'left',
  { name }: NameOptions,
): StreamParts {
  const { graph } = parts;
  // As in Kafka, inner joins have this prefix too.
  const nodeName = operatorName(graph, name, 'KSTREAM-LEFTJOIN-');
  const isLeft = kind === 'left';
  const maker = new StreamTableJoin({ view: table.view, joiner, isLeft, selector });
  const node = new StreamTableJoinNode(nodeName, maker, [], undefined);
  graph.add(parts.node, node);
  node.keepsNullKeys = isLeft;
  return { ...parts, node, name: nodeName, value: graph.defaults.value };
}
