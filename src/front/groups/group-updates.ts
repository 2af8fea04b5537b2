import type { GroupRules, KnownTopic, TopicChanges } from '../../exchange/group-messages.ts';
import { groupSettings } from '../../metadata/config/broker-settings.ts';
import { resolveGroupConfig } from '../../metadata/config/group-config.ts';
import { type MetadataImage, NO_CONFIGS, type TopicMetadata } from '../../metadata/image.ts';
import type { MetadataChange, MetadataView } from '../../metadata/metadata-view.ts';
import type { Workers } from '../partitions/workers.ts';

const TOPICS_PER_COMMAND = 1000;

/** Tells the group coordinators in the workers of topics and of the settings for groups. */
export class GroupUpdates {
  readonly #metadata: MetadataView;
  readonly #workers: Workers;

  constructor(metadata: MetadataView, workers: Workers) {
    this.#metadata = metadata;
    this.#workers = workers;
  }

  /** Tells everything now and each change from now on. Called before clients are let in. */
  start(): void {
    const { image } = this.#metadata;
    this.#tellTopics([], [...image.topicsByName.values()].map(knownTopic));
    this.#tellRules(image);
    this.#metadata.onChange((change) => this.#follow(change));
  }

  #follow({ before, after }: MetadataChange): void {
    if (before.topicsById !== after.topicsById) {
      const { removed, changed } = changesBetween(before, after);
      if (removed.length + changed.length > 0) this.#tellTopics(removed, changed);
    }
    const rulesMoved =
      before.brokerConfigs !== after.brokerConfigs || before.groupConfigs !== after.groupConfigs;
    if (rulesMoved) this.#tellRules(after);
  }

  /** In bounded pieces: the ring of a worker has room for a few hundred KB. */
  #tellTopics(removed: readonly KnownTopic[], changed: readonly KnownTopic[]): void {
    const most = Math.max(removed.length, changed.length);
    for (let from = 0; from < most; from += TOPICS_PER_COMMAND) {
      const to = from + TOPICS_PER_COMMAND;
      const changes = { removed: removed.slice(from, to), changed: changed.slice(from, to) };
      for (let worker = 0; worker < this.#workers.workerCount; worker++) {
        this.#workers.tell(worker, { kind: 'topics-changed', changes });
      }
    }
  }

  #tellRules(image: MetadataImage): void {
    const rules = this.#rulesOf(image);
    for (let worker = 0; worker < this.#workers.workerCount; worker++) {
      this.#workers.tell(worker, { kind: 'group-rules', rules });
    }
  }

  #rulesOf(image: MetadataImage): GroupRules {
    const { config } = this.#metadata;
    const groups = groupSettings(config);
    return {
      minSessionTimeoutMs: groups.sessionTimeoutMinMs,
      maxSessionTimeoutMs: groups.sessionTimeoutMaxMs,
      initialRebalanceDelayMs: groups.initialRebalanceDelayMs,
      maxSize: groups.membersMax,
      maxGroups: groups.groupsPerPartitionMax,
      offsetMetadataMaxBytes: groups.offsetMetadataBytesMax,
      offsetsRetentionMs: groups.offsetsRetentionMs,
      offsetsRetentionCheckIntervalMs: groups.offsetsRetentionCheckMs,
      consumerMaxSize: groups.consumerMembersMax,
      consumerAssignors: groups.consumerAssignors,
      consumerMigrationPolicy: groups.consumerMigration,
      consumerRegexRefreshIntervalMs: groups.consumerRegexRefreshMs,
      streamsMaxSize: groups.streamsMembersMax,
      common: resolveGroupConfig(NO_CONFIGS, config),
      own: [...image.groupConfigs].map(([groupId, own]) => {
        return [groupId, resolveGroupConfig(own, config)] as const;
      }),
    };
  }
}

function knownTopic({ name, id, partitions }: TopicMetadata): KnownTopic {
  return { name, id, partitions: partitions.length };
}

function changesBetween(before: MetadataImage, after: MetadataImage): TopicChanges {
  const removed: KnownTopic[] = [];
  const changed: KnownTopic[] = [];
  for (const topic of before.topicsById.values()) {
    if (!after.topicsById.has(topic.id)) removed.push(knownTopic(topic));
  }
  for (const topic of after.topicsById.values()) {
    const old = before.topicsById.get(topic.id);
    if (old?.partitions.length !== topic.partitions.length) changed.push(knownTopic(topic));
  }
  return { removed, changed };
}
