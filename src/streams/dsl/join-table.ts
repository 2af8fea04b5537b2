import { durationMs } from '../topology/duration.ts';
import type { JoinBufferSpec } from '../topology/store-spec.ts';
import { TopologyError } from '../topology/topology-error.ts';
import { StreamTableJoinNode } from './graph/stream-table-join-node.ts';
import { operatorName } from './operator-name.ts';
import type { StreamTableJoinOptions } from './operator-options.ts';
import { type AnyJoiner, StreamTableJoin } from './processors/stream-table-join.ts';
import { repartitionForJoin } from './repartition.ts';
import type { Serdes } from './serdes.ts';
import { required, storeSettings } from './store-specs.ts';
import { copartition, type StreamParts } from './stream-parts.ts';
import type { TableParts } from './table-parts.ts';

type Options = StreamTableJoinOptions & Serdes;

/** A stream with the rows of a table that have its keys. */
export function joinTable(
  parts: StreamParts,
  table: TableParts,
  joiner: AnyJoiner,
  kind: 'inner' | 'left',
  options: Options,
): StreamParts {
  const { name, key, value } = options;
  const prefix = name ?? parts.name;
  const stream = parts.isMoved ? repartitionForJoin(parts, prefix, key, value) : parts;
  const { graph } = stream;
  const sources = copartition(stream, table);
  const isLeft = kind === 'left';
  const nodeName = operatorName(graph, name, isLeft ? 'KSTREAM-LEFTJOIN-' : 'KSTREAM-JOIN-');
  const graceMs =
    options.grace === undefined ? undefined : durationMs(options.grace, 'The grace of the join');
  if (graceMs !== undefined && table.node.outputVersioned === false) {
    throw new TopologyError(`${nodeName} has a grace period, so its table must be versioned.`);
  }
  const buffer = graceMs === undefined ? undefined : bufferOf(stream, nodeName, graceMs, options);
  const view = table.maker.view();
  const maker = new StreamTableJoin({ view, joiner, isLeft, buffer });
  const node = new StreamTableJoinNode(nodeName, maker, view.stores, graceMs);
  graph.add(stream.node, node);
  node.keepsNullKeys = isLeft;
  return {
    ...stream,
    node,
    name: nodeName,
    key: key ?? stream.key,
    value: graph.defaults.value,
    sources,
    isMoved: false,
  };
}

function bufferOf(
  stream: StreamParts,
  name: string,
  graceMs: number,
  options: Options,
): JoinBufferSpec {
  return {
    kind: 'join-buffer',
    ...storeSettings(`${name}-Buffer`, { caching: false }),
    key: required(options.key ?? stream.key, 'keys', name),
    value: required(options.value ?? stream.value, 'values', name),
    graceMs,
  };
}
