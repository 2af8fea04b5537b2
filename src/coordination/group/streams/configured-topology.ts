import type { TopicView } from '../topic-view.ts';
import { decidePartitionCounts, incorrectlyPartitioned, tasksOf } from './partition-counts.ts';
import type { StreamsTopology, Subtopology, TopicInfo } from './streams-topology.ts';
import { invalidTopology } from './streams-topology.ts';
import type { StreamsStatus } from './topic-problem.ts';
import { STREAMS_STATUS, TopicProblem } from './topic-problem.ts';

/** An internal topic with the partitions that were decided for it. */
export type InternalTopic = Readonly<TopicInfo>;

/** A part of an application, held against the topics that there are. */
export interface ConfiguredSubtopology {
  readonly taskCount: number;
  readonly sourceTopics: readonly string[];
  readonly repartitionSourceTopics: readonly InternalTopic[];
  readonly repartitionSinkTopics: readonly string[];
  readonly changelogTopics: readonly InternalTopic[];
}

/** A topology, held against the topics that there are. */
export interface ConfiguredTopology {
  readonly epoch: number;
  /** In the order of their ids; null where the topics do not suit the topology. */
  readonly subtopologies: ReadonlyMap<string, ConfiguredSubtopology> | null;
  /** The internal topics that must be made first. */
  readonly missing: readonly InternalTopic[];
  /** Null where the application can work. */
  readonly problem: StreamsStatus | null;
}

/** Names shown of those that are missing. */
const SHOWN = 3;
/** Tasks of a group: one source topic of many partitions could be named by many subtopologies. */
const TASKS_MAX = 100_000;

/** Throws where no topics would suit the topology. */
export function configureTopology(
  topology: StreamsTopology,
  topics: TopicView,
): ConfiguredTopology {
  const { epoch } = topology;
  try {
    refuseMissingSources(topology, topics);
    const existing = (name: string) => topics.partitionCount(name);
    const decided = decidePartitionCounts(topology, existing);
    const subtopologies = configuredSubtopologies(topology, existing, decided);
    const missing = missingTopics(subtopologies, topics);
    return { epoch, subtopologies, missing, problem: problemOf(missing) };
  } catch (thrown) {
    if (!(thrown instanceof TopicProblem)) throw thrown;
    const { statusCode, message: statusDetail } = thrown;
    return { epoch, subtopologies: null, missing: [], problem: { statusCode, statusDetail } };
  }
}

function problemOf(missing: readonly InternalTopic[]): StreamsStatus | null {
  if (missing.length === 0) return null;
  const names = missing.map(({ name }) => name);
  const statusDetail = `Internal topics are missing: ${summaryOf(names)}`;
  return { statusCode: STREAMS_STATUS.missingInternalTopics, statusDetail };
}

function refuseMissingSources({ subtopologies }: StreamsTopology, topics: TopicView): void {
  const missing = new Set<string>();
  for (const { sourceTopics } of subtopologies.values()) {
    for (const name of sourceTopics) if (topics.topicId(name) === undefined) missing.add(name);
  }
  if (missing.size === 0) return;
  const message = `Source topics ${summaryOf([...missing].sort())} are missing.`;
  throw new TopicProblem(STREAMS_STATUS.missingSourceTopics, message);
}

function configuredSubtopologies(
  topology: StreamsTopology,
  existing: (name: string) => number,
  decided: ReadonlyMap<string, number>,
): Map<string, ConfiguredSubtopology> {
  const count = (name: string): number => existing(name) || (decided.get(name) ?? 0);
  const configured = new Map<string, ConfiguredSubtopology>();
  let tasks = 0;
  for (const id of [...topology.subtopologies.keys()].sort()) {
    const subtopology = topology.subtopologies.get(id)!;
    const taskCount = tasksOf(subtopology, count);
    tasks += taskCount;
    configured.set(id, configuredOf(subtopology, taskCount, decided));
  }
  if (tasks <= TASKS_MAX) return configured;
  throw invalidTopology(`The topology has ${tasks} tasks; ${TASKS_MAX} are allowed.`);
}

function configuredOf(
  subtopology: Subtopology,
  taskCount: number,
  decided: ReadonlyMap<string, number>,
): ConfiguredSubtopology {
  const internal = (topic: TopicInfo): InternalTopic => {
    return { ...topic, partitions: topic.partitions || decided.get(topic.name)! };
  };
  return {
    taskCount,
    sourceTopics: subtopology.sourceTopics,
    repartitionSourceTopics: subtopology.repartitionSourceTopics.map(internal),
    repartitionSinkTopics: subtopology.repartitionSinkTopics,
    changelogTopics: subtopology.stateChangelogTopics.map(internal),
  };
}

function missingTopics(
  subtopologies: ReadonlyMap<string, ConfiguredSubtopology>,
  topics: TopicView,
): InternalTopic[] {
  const missing = new Map<string, InternalTopic>();
  for (const { repartitionSourceTopics, changelogTopics } of subtopologies.values()) {
    for (const topic of [...repartitionSourceTopics, ...changelogTopics]) {
      const { name, partitions } = topic;
      const found = topics.partitionCount(name);
      if (found === 0) missing.set(name, topic);
      else if (found !== partitions) {
        throw incorrectlyPartitioned(
          `Existing topic ${name} has different number of partitions: expected ${partitions}, ` +
            `found ${found}`,
        );
      }
    }
  }
  return [...missing.keys()].sort().map((name) => missing.get(name)!);
}

function summaryOf(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  const more = names.length - SHOWN;
  return more > 0 ? `${shown} and ${more} additional topics` : shown;
}
