import { TopologyError } from '../../topology/topology-error.ts';
import type { RootNode } from './root-node.ts';
import { StreamSourceNode } from './source-nodes.ts';

/** Streams of the same topics become one source, since a topic can be read only once. */
export function mergeDuplicateSources(root: RootNode): void {
  const byTopic = new Map<string, StreamSourceNode>();
  const byPattern = new Map<string, StreamSourceNode>();
  for (const node of [...root.children]) {
    if (!(node instanceof StreamSourceNode)) continue;
    if (node.topics instanceof RegExp) {
      const main = byPattern.get(String(node.topics));
      if (main === undefined) byPattern.set(String(node.topics), node);
      else mergeInto(root, main, node);
      continue;
    }
    for (const topic of node.topics) {
      const main = byTopic.get(topic);
      if (main === undefined) {
        byTopic.set(topic, node);
        continue;
      }
      if (main === node || !root.children.has(node)) continue;
      if (!haveSameTopics(main, node)) {
        const what = 'Two source nodes are subscribed to overlapping but not equal input topics';
        throw new TopologyError(`${what}: ${main.topics} and ${node.topics}.`);
      }
      mergeInto(root, main, node);
    }
  }
}

function mergeInto(root: RootNode, main: StreamSourceNode, other: StreamSourceNode): void {
  main.merge(other);
  root.removeChild(other);
}

function haveSameTopics(a: StreamSourceNode, b: StreamSourceNode): boolean {
  const topics = new Set(a.topics as readonly string[]);
  const others = b.topics as readonly string[];
  return topics.size === others.length && others.every((topic) => topics.has(topic));
}
