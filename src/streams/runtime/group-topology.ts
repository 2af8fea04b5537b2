import type { StreamsTopology } from '../../client/consumer/group/streams-member.ts';
import { sourcesOf } from '../tasks/partition-counts.ts';
import { hashOrder, hashOrderOfSets } from '../topology/java-order.ts';
import {
  fullTopicName,
  type SubtopologyPlan,
  type TopicName,
  type TopologyPlan,
} from '../topology/topology-plan.ts';
import { changelogConfig, repartitionConfig } from './internal-topic-config.ts';
import type { StreamsSettings } from './streams-options.ts';

type Subtopology = StreamsTopology['subtopologies'][number];
type TopicInfo = Subtopology['stateChangelogTopics'][number];

/** Topologies that differ have other epochs in later versions of the protocol. */
const EPOCH = 0;
/** The number of partitions follows from what is read. */
const DERIVED = 0;

/**
 * The topology as members of a streams group tell it. The coordinator takes only members whose
 * topologies are equal, so all lists stand in the order in which Kafka Streams has them: a Java
 * instance may be of the same group.
 */
export function groupTopology(plan: TopologyPlan, settings: StreamsSettings): StreamsTopology {
  const groups = copartitionGroups(plan, settings.applicationId);
  const repartitioned = new Set(
    plan.subtopologies.flatMap(({ repartitionSources }) => repartitionSources.map(nameOf)),
  );
  const subtopologies = plan.subtopologies.map((each) => {
    return subtopologyOf(each, settings, groups, repartitioned);
  });
  subtopologies.sort((one, other) => compare(one.subtopologyId, other.subtopologyId));
  return { epoch: EPOCH, subtopologies };
}

function subtopologyOf(
  plan: SubtopologyPlan,
  settings: StreamsSettings,
  groups: readonly (readonly string[])[],
  repartitioned: ReadonlySet<string>,
): Subtopology {
  const { applicationId, replicationFactor } = settings;
  const full = (name: string) => fullTopicName({ name, internal: true }, applicationId);
  const sources = sourcesOf(plan);
  const named = sources.flatMap(({ topics }) => topics.filter(({ internal }) => !internal));
  const sourceTopics = sorted(named.map(nameOf));
  const patterns = sources.flatMap(({ pattern }) => (pattern === undefined ? [] : pattern.source));
  const repartitionSourceTopics = plan.repartitionSources.map(({ name, partitions = DERIVED }) => {
    return topicInfo(full(name), repartitionConfig(settings), partitions, replicationFactor);
  });
  const changelogs = new Map<string, TopicInfo>();
  for (const { spec, changelog } of plan.stores) {
    if (changelog === undefined) continue;
    const name = fullTopicName(changelog, applicationId);
    const config = changelogConfig(spec, settings);
    changelogs.set(name, topicInfo(name, config, DERIVED, replicationFactor));
  }
  const sinks = plan.sinkTopics.filter(({ internal, name }) => internal && repartitioned.has(name));
  const topology = {
    subtopologyId: String(plan.id),
    sourceTopics,
    sourceTopicRegex: sorted(patterns),
    stateChangelogTopics: [...changelogs.values()].sort(byName),
    repartitionSinkTopics: sorted(sinks.map(({ name }) => full(name))),
    repartitionSourceTopics: repartitionSourceTopics.sort(byName),
  };
  return { ...topology, copartitionGroups: groupsWithin(topology, groups) };
}

/** As indexes into the lists of the sub-topology's topics. */
function groupsWithin(
  topology: Omit<Subtopology, 'copartitionGroups'>,
  groups: readonly (readonly string[])[],
): Subtopology['copartitionGroups'] {
  const { sourceTopics } = topology;
  const internal = topology.repartitionSourceTopics.map(nameOf);
  const own = new Set([...sourceTopics, ...internal]);
  const within = groups.filter((group) => group.every((topic) => own.has(topic)));
  return within.map((group) => ({
    sourceTopics: indexes(group, sourceTopics),
    sourceTopicRegex: [],
    repartitionSourceTopics: indexes(group, internal),
  }));
}

function indexes(group: readonly string[], topics: readonly string[]): number[] {
  return group.map((topic) => topics.indexOf(topic)).filter((index) => index >= 0);
}

/** Topics that belong together over several joins are one group, as in Kafka Streams. */
function copartitionGroups(plan: TopologyPlan, applicationId: string): string[][] {
  const full = (topic: TopicName) => fullTopicName(topic, applicationId);
  const groupOf = new Map<string, Set<string>>();
  for (const { copartitionGroups: groups } of plan.subtopologies) {
    for (const topics of groups.map((group) => hashOrder(group.map(full)))) {
      const known = topics.map((topic) => groupOf.get(topic)).find((each) => each !== undefined);
      const group = known ?? new Set<string>();
      for (const topic of topics) {
        group.add(topic);
        groupOf.set(topic, group);
      }
    }
  }
  const unique = Array.from(new Set(groupOf.values()), (group) => hashOrder(group));
  return hashOrderOfSets(unique, groupOf.size);
}

function topicInfo(
  name: string,
  config: Readonly<Record<string, string>>,
  partitions: number,
  replicationFactor: number,
): TopicInfo {
  const topicConfigs = Object.entries(config).map(([key, value]) => ({ key, value }));
  topicConfigs.sort((one, other) => compare(one.key, other.key));
  return { name, partitions, replicationFactor, topicConfigs };
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function byName(one: TopicInfo, other: TopicInfo): number {
  return compare(one.name, other.name);
}

function sorted(names: Iterable<string>): string[] {
  return [...new Set(names)].sort(compare);
}

/** Java's order of texts: by UTF-16 unit. */
function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
