import type { GraphNode } from './graph-node.ts';
import { RepartitionNode } from './repartition-node.ts';

/**
 * Records without a key are dropped before a repartition, unless a left or outer join is somewhere
 * behind it: those give results for them.
 */
export function dropNullKeysEarly(root: GraphNode): void {
  const visited = new Set<GraphNode>();
  const keeping = new Set<GraphNode>();
  visit(root, visited, keeping);
  for (const node of visited) {
    if (node instanceof RepartitionNode && !keeping.has(node)) node.dropsNullKeys = true;
  }
}

function visit(node: GraphNode, visited: Set<GraphNode>, keeping: Set<GraphNode>): void {
  if (visited.has(node)) return;
  for (const child of node.children) {
    visit(child, visited, keeping);
    if (child.keepsNullKeys || keeping.has(child)) keeping.add(node);
  }
  visited.add(node);
}
