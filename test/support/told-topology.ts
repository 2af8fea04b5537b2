import type { StreamsGroupHeartbeatRequest } from '../../src/protocol/schema/88-streams-group-heartbeat.ts';

/** Topologies as members of streams groups tell of them. */
export type ToldTopology = NonNullable<StreamsGroupHeartbeatRequest['topology']>;
export type ToldSubtopology = ToldTopology['subtopologies'][number];

/** A subtopology that reads `sourceTopics` and has nothing else, but for `fields`. */
export function toldSubtopology(
  subtopologyId: string,
  sourceTopics: string[],
  fields: Partial<ToldSubtopology> = {},
): ToldSubtopology {
  return {
    subtopologyId,
    sourceTopics,
    sourceTopicRegex: [],
    stateChangelogTopics: [],
    repartitionSinkTopics: [],
    repartitionSourceTopics: [],
    copartitionGroups: [],
    ...fields,
  };
}

/** An internal topic; without `partitions` the coordinator decides how many it gets. */
export function topicInfo(name: string, partitions = 0, configs: Record<string, string> = {}) {
  const topicConfigs = Object.entries(configs).map(([key, value]) => ({ key, value }));
  return { name, partitions, replicationFactor: 0, topicConfigs };
}
