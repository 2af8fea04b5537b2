import { checkedName } from '../topology/node-name.ts';
import type { AnySerde } from '../topology/store-spec.ts';
import { RepartitionNode } from './graph/repartition-node.ts';
import type { RepartitionOptions } from './operator-options.ts';
import { repartitionSettings } from './repartition-settings.ts';
import type { Serdes } from './serdes.ts';
import { required } from './store-specs.ts';
import type { StreamParts } from './stream-parts.ts';

type Options = RepartitionOptions & Serdes;

/** Writes a stream to a topic of its own and reads it again, because the program asks for it. */
export function repartition(parts: StreamParts, options: Options = {}): StreamParts {
  const { graph } = parts;
  const { as, partitions, partitioner } = options;
  const prefix = as === undefined ? graph.newName('KSTREAM-REPARTITION-') : checkedName(as);
  const key = required(options.key ?? parts.key, 'keys', prefix);
  const value = required(options.value ?? parts.value, 'values', prefix);
  const node = new RepartitionNode(
    repartitionSettings(graph, prefix, { key, value, partitions, partitioner, canBeMerged: false }),
  );
  graph.add(parts.node, node);
  const sources = new Set([node.name]);
  return { graph, node, name: node.name, key, value, sources, isMoved: false };
}

/** Repartitions of streams for joins, one for each stream and node. */
const FOR_JOINS = new WeakMap<object, RepartitionNode>();

/**
 * Writes a stream whose keys have changed again before it is joined. Another join of the same
 * stream reads the same topic, unless it names its own.
 */
export function repartitionForJoin(
  parts: StreamParts,
  prefix: string,
  givenKey: AnySerde | undefined,
  givenValue: AnySerde | undefined,
): StreamParts {
  const { graph } = parts;
  const key = required(givenKey ?? parts.key, 'keys', prefix);
  const value = required(givenValue ?? parts.value, 'values', prefix);
  // Names are counted each time, whether the node is made or not.
  const settings = repartitionSettings(graph, prefix, { key, value });
  let node = FOR_JOINS.get(parts);
  if (node === undefined || prefix !== parts.name) {
    node = new RepartitionNode(settings);
    FOR_JOINS.set(parts, node);
    graph.add(parts.node, node);
  }
  const name = settings.sourceName;
  return { graph, node, name, key, value, sources: new Set([name]), isMoved: false };
}
