import type { StreamsTopology, Subtopology } from './streams-topology.ts';
import { copartitionedTopics, invalidTopology, sourcesOf } from './streams-topology.ts';
import { STREAMS_STATUS, TopicProblem } from './topic-problem.ts';

/** The partitions of a topic that exists; 0 where it does not. */
export type ExistingCount = (topic: string) => number;

/**
 * Decides how many partitions the internal topics of a topology have, as Kafka 4.3.1 does. A
 * repartition topic gets those that the topology names, else as many as the largest topic that its
 * writer reads; topics that are joined get the same number. A changelog has one for each task.
 */
export function decidePartitionCounts(
  topology: StreamsTopology,
  existing: ExistingCount,
): Map<string, number> {
  const subtopologies = [...topology.subtopologies.values()];
  const decided = repartitionCounts(subtopologies, existing);
  const count = (topic: string): number => existing(topic) || (decided.get(topic) ?? 0);
  enforceCopartitioning(subtopologies, decided, count);
  for (const subtopology of subtopologies) {
    const tasks = tasksOf(subtopology, count);
    for (const { name } of subtopology.stateChangelogTopics) decided.set(name, tasks);
  }
  return decided;
}

/** The number of tasks of a subtopology: the partitions of the largest topic that it reads. */
export function tasksOf(subtopology: Subtopology, count: (topic: string) => number): number {
  let most = 0;
  for (const name of sourcesOf(subtopology)) most = Math.max(most, countOf(name, count));
  if (most > 0) return most;
  throw invalidTopology(`No source topics found for subtopology ${subtopology.subtopologyId}`);
}

function countOf(topic: string, count: (topic: string) => number): number {
  const partitions = count(topic);
  if (partitions > 0) return partitions;
  throw invalidTopology(`Number of partitions is not set for topic: ${topic}`);
}

function repartitionCounts(
  subtopologies: readonly Subtopology[],
  existing: ExistingCount,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { repartitionSourceTopics } of subtopologies) {
    for (const { name, partitions } of repartitionSourceTopics) {
      if (partitions < 0) throw invalidTopology(`Topic ${name} has ${partitions} partitions.`);
      if (partitions !== 0) counts.set(name, partitions);
    }
  }
  // A repartition topic may be read by the writer of another one, which then has to wait a round.
  let isLeft = true;
  while (isLeft) isLeft = decideSinks(subtopologies, counts, existing);
  for (const { repartitionSourceTopics } of subtopologies) {
    if (repartitionSourceTopics.every(({ name }) => counts.has(name))) continue;
    throw invalidTopology(
      'Failed to compute number of partitions for all repartition topics, because a repartition ' +
        'source topic is never used as a sink topic.',
    );
  }
  return counts;
}

/** Decides those that can be decided in this round. True where others are left. */
function decideSinks(
  subtopologies: readonly Subtopology[],
  counts: Map<string, number>,
  existing: ExistingCount,
): boolean {
  let isLeft = false;
  let hasDecided = false;
  for (const subtopology of subtopologies) {
    for (const sink of subtopology.repartitionSinkTopics) {
      if (counts.has(sink)) continue;
      const partitions = largestSource(subtopology, counts, existing);
      if (partitions === 0) isLeft = true;
      else {
        counts.set(sink, partitions);
        hasDecided = true;
      }
    }
  }
  if (!isLeft || hasDecided) return isLeft;
  throw invalidTopology(
    'Failed to compute number of partitions for all repartition topics. There may be loops in ' +
      'the topology that cannot be resolved.',
  );
}

function largestSource(
  { repartitionSourceTopics, sourceTopics }: Subtopology,
  counts: ReadonlyMap<string, number>,
  existing: ExistingCount,
): number {
  let most = 0;
  for (const { name } of repartitionSourceTopics) most = Math.max(most, counts.get(name) ?? 0);
  for (const name of sourceTopics) most = Math.max(most, existing(name));
  return most;
}

function enforceCopartitioning(
  subtopologies: readonly Subtopology[],
  decided: Map<string, number>,
  count: (topic: string) => number,
): void {
  const repartition = subtopologies.flatMap((each) => each.repartitionSourceTopics);
  const all = new Set(repartition.map(({ name }) => name));
  const fixed = new Set(
    repartition.filter((each) => each.partitions !== 0).map((each) => each.name),
  );
  for (const subtopology of subtopologies) {
    for (const group of subtopology.copartitionGroups) {
      const topics = copartitionedTopics(subtopology, group);
      if (topics.size > 0) enforce(topics, all, fixed, decided, count);
    }
  }
}

/** Gives the repartition topics of a copartition group the number that the group must have. */
function enforce(
  topics: ReadonlySet<string>,
  repartition: ReadonlySet<string>,
  fixed: ReadonlySet<string>,
  decided: Map<string, number>,
  count: (topic: string) => number,
): void {
  const internal = countsOf(topics, (name) => repartition.has(name), count);
  const external = countsOf(topics, (name) => !repartition.has(name), count);
  let partitions: number;
  if (external.size > 0) partitions = sameCount(external, external);
  else if (fixed.size > 0)
    partitions = sameCount(
      countsOf(fixed, () => true, count),
      internal,
    );
  else partitions = Math.max(...internal.values());
  for (const [name, own] of internal) {
    decided.set(name, partitions);
    if (!fixed.has(name) || own === partitions) continue;
    throw incorrectlyPartitioned(
      `Number of partitions [${own}] of repartition topic [${name}] doesn't match number of ` +
        `partitions [${partitions}] of the source topic.`,
    );
  }
}

function countsOf(
  topics: ReadonlySet<string>,
  belongs: (name: string) => boolean,
  count: (topic: string) => number,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of [...topics].sort()) if (belongs(name)) counts.set(name, countOf(name, count));
  return counts;
}

/** The number that all of them have; `told` are named where they have not. */
function sameCount(counts: ReadonlyMap<string, number>, told: ReadonlyMap<string, number>): number {
  const [first = 0, ...others] = counts.values();
  if (others.every((other) => other === first)) return first;
  const list = Array.from(told, ([name, partitions]) => `${name}=${partitions}`).join(', ');
  throw incorrectlyPartitioned(
    `Following topics do not have the same number of partitions: [{${list}}]`,
  );
}

export function incorrectlyPartitioned(message: string): TopicProblem {
  return new TopicProblem(STREAMS_STATUS.incorrectlyPartitionedTopics, message);
}
