import type { Admin } from '../../client/admin/admin.ts';
import { required } from '../../client/admin/outcome.ts';
import type { NewTopic } from '../../client/admin/topic-admin.ts';
import { isKafkaError, KafkaError } from '../../client/errors/kafka-error.ts';
import { PartitionCounts, sourceTopicsOf } from '../tasks/partition-counts.ts';
import type { StoreSpec } from '../topology/store-spec.ts';
import { TopologyError } from '../topology/topology-error.ts';
import { fullTopicName, type TopologyPlan } from '../topology/topology-plan.ts';
import type { StreamsSettings } from './streams-options.ts';

const DAY_MS = 86_400_000;
const FOREVER_MS = '9223372036854775807';
const REPARTITION_CONFIG = {
  'cleanup.policy': 'delete',
  'segment.bytes': '52428800',
  'retention.ms': '-1',
};

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

  /** Throws where a source topic is missing, or an internal one has the wrong partitions. */
  async ensure(): Promise<PartitionCounts> {
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
    await this.#create(wanted.filter(({ name }) => !existing.has(name)));
    return counts;
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
    const { applicationId, topicConfig } = this.#settings;
    const topics: NewTopicParts[] = [];
    for (const [name, partitions] of counts.repartitionTopics()) {
      const configs = { ...REPARTITION_CONFIG, ...topicConfig };
      topics.push({ name, partitions, configs });
    }
    for (const subtopology of this.#plan.subtopologies) {
      const partitions = counts.taskCount(subtopology);
      for (const { spec, changelog } of subtopology.stores) {
        if (changelog?.internal !== true) continue;
        const name = fullTopicName(changelog, applicationId);
        topics.push({ name, partitions, configs: this.#changelogConfig(spec) });
      }
    }
    return topics;
  }

  #changelogConfig(spec: StoreSpec): Record<string, string> {
    const { topicConfig, windowstoreChangelogAdditionalRetentionMs: additionalMs } = this.#settings;
    const given = { ...topicConfig, ...spec.logConfig };
    switch (spec.kind) {
      case 'window':
      case 'session':
        return {
          'cleanup.policy': 'compact,delete',
          'retention.ms': retentionOf(spec.retentionMs + additionalMs),
          ...given,
        };
      case 'versioned':
        return {
          'cleanup.policy': 'compact',
          'min.compaction.lag.ms': String(spec.historyMs + DAY_MS),
          ...given,
        };
      default:
        return { 'cleanup.policy': 'compact', ...given };
    }
  }

  /** Another instance may make the same topics at the same time. */
  async #create(topics: readonly NewTopicParts[]): Promise<void> {
    if (topics.length === 0) return;
    const { replicationFactor } = this.#settings;
    const timed = { 'message.timestamp.type': 'CreateTime' };
    const wanted: NewTopic[] = topics.map(({ name, partitions, configs }) => {
      return { name, partitions, replicationFactor, configs: { ...timed, ...configs } };
    });
    const outcomes = await this.#admin.topics.create(wanted);
    for (const outcome of outcomes.values()) {
      if (!isKafkaError(outcome, 'TOPIC_ALREADY_EXISTS')) required(outcome);
    }
  }
}

/** Windows without an end are kept for ever. */
function retentionOf(ms: number): string {
  return Number.isSafeInteger(ms) ? String(ms) : FOREVER_MS;
}

interface NewTopicParts {
  readonly name: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}
