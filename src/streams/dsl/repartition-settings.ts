import type { StreamPartitioner } from '../topology/topology-plan.ts';
import type { RepartitionSettings } from './graph/repartition-node.ts';
import type { StreamsGraph } from './graph/streams-graph.ts';
import type { Serdes } from './serdes.ts';

const SUFFIX = '-repartition';
const GENERATED = /^KSTREAM.*-[0-9]{10}$/;

interface RepartitionParts extends Serdes {
  readonly partitioner?: StreamPartitioner | undefined;
  readonly partitions?: number | undefined;
  readonly canBeMerged?: boolean;
}

/**
 * Names of a repartition's topic and nodes. Three names are counted in any case. They are used only
 * where the prefix is a generated name too.
 */
export function repartitionSettings(
  graph: StreamsGraph,
  prefix: string,
  { key, value, partitioner, partitions, canBeMerged = true }: RepartitionParts,
): RepartitionSettings {
  const topic = prefix.endsWith(SUFFIX) ? prefix : prefix + SUFFIX;
  const sink = graph.newName('KSTREAM-SINK-');
  const filter = graph.newName('KSTREAM-FILTER-');
  const source = graph.newName('KSTREAM-SOURCE-');
  const isGenerated = GENERATED.test(prefix);
  return {
    topic,
    sinkName: isGenerated ? sink : `${topic}-sink`,
    filterName: isGenerated ? filter : `${topic}-filter`,
    sourceName: isGenerated ? source : `${topic}-source`,
    key,
    value,
    partitioner,
    partitions,
    canBeMerged,
  };
}
