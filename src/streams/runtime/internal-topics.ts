import type { Admin } from '../../client/admin/admin.ts';
import { required } from '../../client/admin/outcome.ts';
import type { NewTopic } from '../../client/admin/topic-admin.ts';
import { isKafkaError, KafkaError } from '../../client/errors/kafka-error.ts';
import { PartitionCounts, sourceTopicsOf } from '../tasks/partition-counts.ts';
import { TopologyError } from '../topology/topology-error.ts';
import { fullTopicName, type TopologyPlan } from '../topology/topology-plan.ts';
import { changelogConfig, repartitionConfig } from './internal-topic-config.ts';
import type { StreamsSettings } from './streams-options.ts';

/** The topics that an application makes for itself, by their names on the cluster. */
export function internalTopicNames(plan: TopologyPlan, applicationId: string): Set<string> {
  const names = plan.subtopologies.flatMap(({ repartitionSources, stores }) => {
    const changelogs = stores.flatMap(({ changelog }) => changelog ?? []);
    const repartitions = repartitionSources.map(({ name }) => ({ name, internal: true }));
    return [...changelogs, ...repartitions].filter(({ internal }) => internal);
  });
  return new Set(names.map((name) => fullTopicName(name, applicationId)));
}

/** Makes internal topics that are missing, as Kafka Streams makes them, and checks the others. */
export class InternalTopics {
  readonly #admin: Admin;
  readonly #plan: TopologyPlan;
  readonly #settings: StreamsSettings;

  constructor(admin: Admin, plan: TopologyPlan, settings: StreamsSettings) {
    this.#admin = admin;
    this.#plan = plan;
    this.#settings = settings;
  }

  /**
   * Throws where a source topic is missing, or an internal one has the wrong partitions. Where the
   * coordinator of the group makes internal topics, they are only checked.
   */
  async ensure(isMaker: boolean): Promise<PartitionCounts> {
    const existing = await this.#existing();
    const { applicationId } = this.#settings;
    this.#requireSources(existing);
    const counts = new PartitionCounts(this.#plan, applicationId, existing);
    const wanted = this.#wanted(counts);
    for (const { name, partitions } of wanted) {
      const has = existing.get(name);
      if (has === undefined || has === partitions) continue;
      const what = `internal topic ${name} has ${has} partitions where ${partitions} are needed`;
      throw new TopologyError(`${what}: reset the application, or give it another applicationId`);
    }
    if (isMaker) await this.#create(wanted.filter(({ name }) => !existing.has(name)));
    return counts;
  }

  /** While the application runs, nobody makes an internal topic that has gone. */
  async requireAll(): Promise<void> {
    const existing = await this.#existing();
    const counts = new PartitionCounts(this.#plan, this.#settings.applicationId, existing);
    const gone = this.#wanted(counts).filter(({ name }) => !existing.has(name));
    if (gone.length === 0) return;
    const names = gone.map(({ name }) => name).join(', ');
    throw new TopologyError(
      `internal topics were deleted: ${names}; at a start they are made anew`,
    );
  }

  async #existing(): Promise<Map<string, number>> {
    const topics = await this.#admin.topics.list();
    return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
  }

  #requireSources(existing: ReadonlyMap<string, number>): void {
    const { subtopologies, globals } = this.#plan;
    const internal = new Set(
      subtopologies.flatMap((each) => each.repartitionSources.map(({ name }) => this.#full(name))),
    );
    const sources = subtopologies.flatMap((each) => {
      return sourceTopicsOf(each, this.#settings.applicationId, []);
    });
    const all = [...sources, ...globals.map(({ topic }) => topic)];
    const missing = all.filter((topic) => !existing.has(topic) && !internal.has(topic));
    if (missing.length === 0) return;
    throw new KafkaError(
      'UNKNOWN_TOPIC_OR_PARTITION',
      `source topics do not exist: ${missing.toSorted().join(', ')}`,
    );
  }

  #full(name: string): string {
    return fullTopicName({ name, internal: true }, this.#settings.applicationId);
  }

  #wanted(counts: PartitionCounts): NewTopicParts[] {
    const { applicationId } = this.#settings;
    const topics: NewTopicParts[] = [];
    for (const [name, partitions] of counts.repartitionTopics()) {
      topics.push({ name, partitions, configs: repartitionConfig(this.#settings) });
    }
    for (const subtopology of this.#plan.subtopologies) {
      const partitions = counts.taskCount(subtopology);
      for (const { spec, changelog } of subtopology.stores) {
        if (changelog?.internal !== true) continue;
        const name = fullTopicName(changelog, applicationId);
        topics.push({ name, partitions, configs: changelogConfig(spec, this.#settings) });
      }
    }
    return topics;
  }

  /** Another instance may make the same topics at the same time. */
  async #create(topics: readonly NewTopicParts[]): Promise<void> {
    if (topics.length === 0) return;
    const { replicationFactor } = this.#settings;
    const wanted: NewTopic[] = topics.map(({ name, partitions, configs }) => {
      return { name, partitions, replicationFactor, configs };
    });
    const outcomes = await this.#admin.topics.create(wanted);
    for (const outcome of outcomes.values()) {
      if (!isKafkaError(outcome, 'TOPIC_ALREADY_EXISTS')) required(outcome);
    }
  }
}

interface NewTopicParts {
  readonly name: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}
