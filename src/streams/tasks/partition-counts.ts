import { TopologyError } from '../topology/topology-error.ts';
import {
  fullTopicName,
  type SourcePlan,
  type SubtopologyPlan,
  type TopicName,
  type TopologyPlan,
} from '../topology/topology-plan.ts';

/** The nodes through which a sub-topology reads. */
export function sourcesOf({ nodes }: SubtopologyPlan): SourcePlan[] {
  return nodes.filter((node) => node.kind === 'source');
}

/** The topics that sub-topologies read, under their names on the cluster. */
export function sourceTopicsOf(
  subtopology: SubtopologyPlan,
  applicationId: string,
  known: Iterable<string>,
): string[] {
  const topics = new Set<string>();
  for (const { topics: named, pattern } of sourcesOf(subtopology)) {
    for (const topic of named) topics.add(fullTopicName(topic, applicationId));
    if (pattern === undefined) continue;
    for (const topic of known) if (pattern.test(topic)) topics.add(topic);
  }
  return [...topics];
}

/** Whether a source reads a topic, by its name on the cluster. */
export function readsTopic(source: SourcePlan, topic: string, applicationId: string): boolean {
  if (source.pattern?.test(topic) === true) return true;
  return source.topics.some((each) => fullTopicName(each, applicationId) === topic);
}

/**
 * How many partitions each topic of a topology has: those that exist, and the repartition topics,
 * which get as many as the topics that they are made from, and as those that they are joined with.
 * Throws where topics that are read together differ.
 */
export class PartitionCounts {
  readonly #counts = new Map<string, number>();
  readonly #plan: TopologyPlan;
  readonly #applicationId: string;
  /** Repartition topics whose number the program has set. */
  readonly #fixed = new Set<string>();
  readonly #repartition = new Set<string>();

  constructor(plan: TopologyPlan, applicationId: string, existing: ReadonlyMap<string, number>) {
    this.#plan = plan;
    this.#applicationId = applicationId;
    for (const [topic, count] of existing) this.#counts.set(topic, count);
    for (const { repartitionSources } of plan.subtopologies) {
      for (const { name, partitions } of repartitionSources) {
        const topic = this.#full({ name, internal: true });
        this.#repartition.add(topic);
        this.#counts.delete(topic);
        if (partitions === undefined) continue;
        this.#fixed.add(topic);
        this.#counts.set(topic, partitions);
      }
    }
    while (this.#deriveMore());
    for (const { copartitionGroups } of plan.subtopologies) {
      for (const group of copartitionGroups) this.#align(group.map((topic) => this.#full(topic)));
    }
  }

  /** Undefined where the topic does not exist. */
  get(topic: string): number | undefined {
    return this.#counts.get(topic);
  }

  /** The names of all topics that are known. */
  topics(): IterableIterator<string> {
    return this.#counts.keys();
  }

  /** The repartition topics with their numbers. */
  repartitionTopics(): Map<string, number> {
    return new Map(Array.from(this.#repartition, (topic) => [topic, this.#require(topic)]));
  }

  /** How many tasks a sub-topology has. */
  taskCount(subtopology: SubtopologyPlan): number {
    const topics = sourceTopicsOf(subtopology, this.#applicationId, this.#counts.keys());
    return Math.max(0, ...topics.map((topic) => this.#require(topic)));
  }

  #full(topic: TopicName): string {
    return fullTopicName(topic, this.#applicationId);
  }

  #require(topic: string): number {
    const count = this.#counts.get(topic);
    if (count !== undefined) return count;
    throw new TopologyError(`topic ${topic} does not exist, or its partitions are not known`);
  }

  /** True where another topic's number became known. */
  #deriveMore(): boolean {
    let hasMore = false;
    for (const topic of this.#repartition) {
      if (this.#counts.has(topic)) continue;
      const count = this.#derive(topic);
      if (count === 0) continue;
      this.#counts.set(topic, count);
      hasMore = true;
    }
    return hasMore;
  }

  #derive(topic: string): number {
    let most = 0;
    for (const subtopology of this.#plan.subtopologies) {
      const { sinkTopics } = subtopology;
      if (!sinkTopics.some((sink) => this.#full(sink) === topic)) continue;
      for (const source of sourceTopicsOf(subtopology, this.#applicationId, this.#counts.keys())) {
        most = Math.max(most, this.#counts.get(source) ?? 0);
      }
    }
    return most;
  }

  /** Gives the repartition topics of a group the number that all of it must have. */
  #align(topics: readonly string[]): void {
    const internal = topics.filter((topic) => this.#repartition.has(topic));
    const others = topics.filter((topic) => !this.#repartition.has(topic));
    const fixed = internal.filter((topic) => this.#fixed.has(topic));
    const deciding = [others, fixed, internal].find(({ length }) => length > 0) ?? [];
    if (deciding.length === 0) return;
    const count = Math.max(...deciding.map((topic) => this.#require(topic)));
    for (const topic of internal) if (!this.#fixed.has(topic)) this.#counts.set(topic, count);
    if (topics.every((topic) => this.#require(topic) === count)) return;
    const list = topics.toSorted().map((topic) => `${topic}=${this.#require(topic)}`);
    throw new TopologyError(`topics not co-partitioned: ${list.join(', ')}`);
  }
}
