import { PartitionCounts, sourcesOf, sourceTopicsOf } from '../tasks/partition-counts.ts';
import {
  fullTopicName,
  type SubtopologyPlan,
  type TopologyPlan,
} from '../topology/topology-plan.ts';
import type { TestDriverOptions } from './driver-options.ts';

/** How many partitions the topics of a test have, and so how many tasks there are. */
export class DriverTopics {
  readonly #plan: TopologyPlan;
  readonly #applicationId: string;
  readonly #options: TestDriverOptions;
  readonly #counts: PartitionCounts;
  readonly #changelogs = new Map<string, number>();

  constructor(plan: TopologyPlan, applicationId: string, options: TestDriverOptions) {
    this.#plan = plan;
    this.#applicationId = applicationId;
    this.#options = options;
    this.#counts = this.#count();
    for (const subtopology of plan.subtopologies) {
      for (const { changelog } of subtopology.stores) {
        if (changelog?.internal !== true) continue;
        const topic = fullTopicName(changelog, applicationId);
        this.#changelogs.set(topic, this.taskCount(subtopology));
      }
    }
  }

  /** A changelog has a partition for each task. */
  partitionsOf(topic: string): number {
    if (this.#options.oneTask === true) return 1;
    return this.#changelogs.get(topic) ?? this.#counts.get(topic) ?? this.#wanted(topic);
  }

  taskCount(subtopology: SubtopologyPlan): number {
    if (this.#options.oneTask === true) return 1;
    const hasPattern = sourcesOf(subtopology).some(({ pattern }) => pattern !== undefined);
    return Math.max(this.#counts.taskCount(subtopology), hasPattern ? this.#most() : 1);
  }

  #count(): PartitionCounts {
    const existing = new Map<string, number>();
    for (const subtopology of this.#plan.subtopologies) {
      for (const topic of sourceTopicsOf(subtopology, this.#applicationId, [])) {
        existing.set(topic, this.#wanted(topic));
      }
    }
    return new PartitionCounts(this.#plan, this.#applicationId, existing);
  }

  #wanted(topic: string): number {
    const { partitions = 1, oneTask } = this.#options;
    if (oneTask === true) return 1;
    return typeof partitions === 'number' ? partitions : (partitions[topic] ?? 1);
  }

  /** Topics that a pattern will match may have as many as any. */
  #most(): number {
    const { partitions = 1 } = this.#options;
    return typeof partitions === 'number' ? partitions : Math.max(1, ...Object.values(partitions));
  }
}
