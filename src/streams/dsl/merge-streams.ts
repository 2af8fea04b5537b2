import { ProcessorNode } from './graph/processor-node.ts';
import { operatorName } from './operator-name.ts';
import { stateless } from './processors/stateless.ts';
import type { StreamParts } from './stream-parts.ts';

/** The records of both streams. */
export function mergeStreams(
  one: StreamParts,
  other: StreamParts,
  given: string | undefined,
): StreamParts {
  const { graph } = one;
  const name = operatorName(graph, given, 'KSTREAM-MERGE-');
  const node = new ProcessorNode(name, stateless.passThrough());
  node.isMerge = true;
  graph.add([one.node, other.node], node);
  return {
    graph,
    node,
    name,
    // Both have the same types, so either's serde writes all of them.
    key: one.key ?? other.key,
    value: one.value ?? other.value,
    sources: new Set([...one.sources, ...other.sources]),
    isMoved: one.isMoved || other.isMoved,
  };
}
