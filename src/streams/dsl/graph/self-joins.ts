import type { GraphNode } from './graph-node.ts';
import { StreamJoinNode } from './stream-join-node.ts';

/** A stream joined with itself keeps its records once, and one processor joins both ways. */
export function rewriteSelfJoins(node: GraphNode, visited = new Set<GraphNode>()): void {
  visited.add(node);
  if (node instanceof StreamJoinNode && node.parents.size === 1) {
    const [parent] = node.parents as Set<GraphNode>;
    const other = [...parent!.children].find(({ name }) => name === node.settings.otherWindowed);
    if (other !== undefined) parent!.removeChild(other);
    node.isSelfJoin = true;
  }
  for (const child of [...node.children]) if (!visited.has(child)) rewriteSelfJoins(child, visited);
}
