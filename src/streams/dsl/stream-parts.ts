import type { AnySerde } from '../topology/store-spec.ts';
import type { GraphNode } from './graph/graph-node.ts';
import type { StreamsGraph } from './graph/streams-graph.ts';

/** What every stream and table consists of, beneath its types. */
export interface StreamParts {
  readonly graph: StreamsGraph;
  readonly node: GraphNode;
  /** Of the node that gives its records. */
  readonly name: string;
  readonly key: AnySerde | undefined;
  readonly value: AnySerde | undefined;
  /** Names of the source nodes above, whose topics a join needs equally many partitions of. */
  readonly sources: ReadonlySet<string>;
  /** Whether keys have changed since the records were written. */
  readonly isMoved: boolean;
}

/** Requires equally many partitions of all sources above; returns them. */
export function copartition(...streams: readonly StreamParts[]): ReadonlySet<string> {
  const sources = new Set(streams.flatMap((parts) => [...parts.sources]));
  streams[0]?.graph.builder.copartition(sources);
  return sources;
}
