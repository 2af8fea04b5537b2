import { checkedName } from '../topology/node-name.ts';
import type { StreamsGraph } from './graph/streams-graph.ts';

/** The given name, or a generated one, which is counted in any case. */
export function operatorName(
  graph: StreamsGraph,
  given: string | undefined,
  prefix: string,
): string {
  const generated = graph.newName(prefix);
  return given === undefined ? generated : checkedName(given);
}

/** The given name with a suffix, or a generated one, which is counted in any case. */
export function suffixedName(
  graph: StreamsGraph,
  given: string | undefined,
  suffix: string,
  prefix: string,
): string {
  const generated = graph.newName(prefix);
  return given === undefined ? generated : checkedName(given + suffix);
}
