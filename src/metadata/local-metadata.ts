import { MillraceError, reasonOf } from '../base/errors.ts';
import { nextTurn } from '../base/next-turn.ts';
import type { AclFilter } from './acl-filter.ts';
import type { AclRule } from './acl-rule.ts';
import { planAlterQuota, type QuotaAlteration, type QuotaEntityPart } from './client-quotas.ts';
import type { ConfigAlteration, ConfigChange } from './config/alter.ts';
import type { BrokerConfig } from './config/broker-config.ts';
import { EachTopic, type TopicsRequest } from './each-topic.ts';
import { type MetadataImage, NO_CONFIGS, type TopicMetadata } from './image.ts';
import { ImageDraft } from './image-draft.ts';
import type {
  AclDeletion,
  AlterResource,
  MetadataChanges,
  ProducerIdBlock,
  TopicOutcome,
} from './metadata-changes.ts';
import type { MetadataStore } from './metadata-store.ts';
import type { MetadataChange, MetadataQuorum, MetadataView } from './metadata-view.ts';
import { type MutationBudget, UNBOUNDED } from './mutation-budget.ts';
import { planCreateAcls, planDeleteAcls } from './plan-acls.ts';
import { type ConfigPlanning, planIncrementalAlter, planReplacingAlter } from './plan-configs.ts';
import { planElection, planReassignment } from './plan-replicas.ts';
import {
  planAlterScram,
  type ScramDeletion,
  type ScramOutcome,
  type ScramUpsertion,
} from './plan-scram.ts';
import { planToken, planTokenSweep, type TokenChange, type TokenOutcome } from './plan-tokens.ts';
import {
  type CreatedTopic,
  type MorePartitions,
  type NewTopic,
  planCreatePartitions,
  planCreateTopic,
  planDeleteTopic,
  type TopicReference,
} from './plan-topics.ts';
import type { MetadataRecord } from './records.ts';
import type { Refusal } from './refusal.ts';
import type { ReplicaReports } from './replica-reports.ts';
import { randomUuid } from './uuid.ts';

const PRODUCER_ID_BLOCK = 1000;

export interface LocalMetadataOptions {
  readonly store: MetadataStore;
  readonly config: BrokerConfig;
  readonly nodeId: number;
  /** Tests replace it to know the ids. */
  readonly newUuid?: () => string;
  /** Why the broker cannot go on with a configuration that was asked for, or null. */
  readonly errorOfBrokerConfig?: ConfigPlanning['errorOfBrokerConfig'];
}

interface Step<Result> {
  readonly records: readonly MetadataRecord[];
  readonly result: Result;
}

/** Topics of one request that one commit takes. Deciding about more would block the thread. */
const TOPICS_AT_ONCE = 256;

/** Decides against the draft. The caller applies the records, unless `applied` is true. */
type Plan<Result> = (draft: ImageDraft) => Step<Result> & { readonly applied?: boolean };

interface Pending {
  readonly plan: Plan<unknown>;
  readonly resolve: (result: never) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * Metadata of a node that decides alone. It decides against the newest image, commits to its own
 * log, and only then shows the result. Operations that wait together share one commit: each is
 * decided against the outcome of those before it. Every partition has one replica, on this node.
 */
export class LocalMetadata implements MetadataView, MetadataChanges, ReplicaReports {
  readonly #store: MetadataStore;
  readonly #newUuid: () => string;
  readonly #listeners: ((change: MetadataChange) => void)[] = [];
  #queue: Pending[] = [];
  #draining: Promise<void> | null = null;
  #image: MetadataImage;
  #offset = 0;
  #config: BrokerConfig;
  readonly #errorOfBrokerConfig: ConfigPlanning['errorOfBrokerConfig'];

  private constructor(store: MetadataStore, image: MetadataImage, options: LocalMetadataOptions) {
    this.#store = store;
    this.#image = image;
    this.#newUuid = options.newUuid ?? randomUuid;
    this.#config = withDynamic(options.config, image, options.nodeId);
    this.#errorOfBrokerConfig = options.errorOfBrokerConfig ?? (() => null);
  }

  /** Loads the store. In a new directory it writes the cluster id and the node id. */
  static async start(options: LocalMetadataOptions): Promise<LocalMetadata> {
    const image = await options.store.load();
    const metadata = new LocalMetadata(options.store, image, options);
    if (image.clusterId === '') {
      const clusterId = metadata.#newUuid();
      const record = { clusterId, nodeId: options.nodeId, brokerEpoch: 0 };
      await metadata.#run(() => ({ records: [{ type: 'cluster', ...record }], result: null }));
    } else if (image.nodeId !== options.nodeId) {
      const message =
        `this data directory belongs to node ${image.nodeId}, but node.id is ${options.nodeId}: ` +
        'set node.id back or use another directory';
      throw new MillraceError('MILLRACE_DATA_DIR', message);
    }
    return metadata;
  }

  get image(): MetadataImage {
    return this.#image;
  }

  get config(): BrokerConfig {
    return this.#config;
  }

  get quorum(): MetadataQuorum {
    const { nodeId, brokerEpoch } = this.#image;
    return {
      leaderId: nodeId,
      leaderEpoch: brokerEpoch,
      highWatermark: this.#offset,
      voters: [nodeId],
    };
  }

  get failure(): string | null {
    return this.#store.failure;
  }

  onChange(listener: (change: MetadataChange) => void): void {
    this.#listeners.push(listener);
  }

  createTopics(
    topics: readonly NewTopic[],
    validateOnly: boolean,
    budget: MutationBudget = UNBOUNDED,
  ): Promise<TopicOutcome<CreatedTopic>[]> {
    return this.#forEachTopic({
      items: topics,
      keys: topics.map(({ name }) => name),
      validateOnly,
      duplicateMessage: 'Duplicate topic name.',
      budget,
      plan: (image, topic) =>
        planCreateTopic(image, topic, { config: this.#config, newTopicId: this.#newUuid }),
    });
  }

  createPartitions(
    topics: readonly MorePartitions[],
    validateOnly: boolean,
    budget: MutationBudget = UNBOUNDED,
  ): Promise<TopicOutcome<TopicMetadata>[]> {
    return this.#forEachTopic({
      items: topics,
      keys: topics.map(({ name }) => name),
      validateOnly,
      duplicateMessage: 'Duplicate topic name.',
      budget,
      plan: (image, topic) => planCreatePartitions(image, topic, this.#config),
    });
  }

  deleteTopics(
    references: readonly TopicReference[],
    budget: MutationBudget = UNBOUNDED,
  ): Promise<TopicOutcome<TopicMetadata>[]> {
    return this.#forEachTopic({
      items: references,
      keys: references.map(({ name, id }) => name ?? id ?? ''),
      validateOnly: false,
      duplicateMessage: 'Duplicate topic.',
      budget,
      plan: (image, reference) => planDeleteTopic(image, reference, this.#config),
    });
  }

  forgetDeletedTopic(id: string): Promise<void> {
    return this.#run((image) => ({
      records: image.deletedTopics.has(id) ? [{ type: 'topic-removed', id }] : [],
      result: undefined,
    }));
  }

  incrementalAlterConfigs(
    resource: AlterResource,
    alterations: readonly ConfigAlteration[],
    validateOnly: boolean,
  ): Promise<Refusal | null> {
    return this.#run((image) => {
      const plan = planIncrementalAlter(image, resource, alterations, this.#planning);
      return { records: validateOnly ? [] : plan.records, result: plan.refused };
    });
  }

  alterConfigs(
    resource: AlterResource,
    given: readonly ConfigChange[],
    validateOnly: boolean,
  ): Promise<Refusal | null> {
    return this.#run((image) => {
      const plan = planReplacingAlter(image, resource, given, this.#planning);
      return { records: validateOnly ? [] : plan.records, result: plan.refused };
    });
  }

  get #planning(): ConfigPlanning {
    return { config: this.#config, errorOfBrokerConfig: this.#errorOfBrokerConfig };
  }

  alterClientQuota(
    entity: readonly QuotaEntityPart[],
    alterations: readonly QuotaAlteration[],
    validateOnly: boolean,
  ): Promise<Refusal | null> {
    return this.#run(() => {
      const plan = planAlterQuota(entity, alterations);
      return { records: validateOnly ? [] : plan.records, result: plan.refused };
    });
  }

  alterScramCredentials(
    deletions: readonly ScramDeletion[],
    upsertions: readonly ScramUpsertion[],
  ): Promise<readonly ScramOutcome[]> {
    return this.#run((image) => planAlterScram(image, deletions, upsertions));
  }

  createAcls(rules: readonly AclRule[]): Promise<readonly (Refusal | null)[]> {
    return this.#run((image) => planCreateAcls(image, rules));
  }

  deleteAcls(filters: readonly AclFilter[]): Promise<readonly AclDeletion[]> {
    return this.#run((image) => planDeleteAcls(image, filters));
  }

  changeToken(change: TokenChange): Promise<TokenOutcome> {
    const lifetimes = {
      maxMs: this.#config.number('delegation.token.max.lifetime.ms'),
      renewalMs: this.#config.number('delegation.token.expiry.time.ms'),
    };
    return this.#run((image) => planToken(image, change, lifetimes, Date.now()));
  }

  removeExpiredTokens(): Promise<void> {
    return this.#run((image) => ({
      records: planTokenSweep(image, Date.now()),
      result: undefined,
    }));
  }

  electLeader(topic: string, partition: number): Promise<Refusal | null> {
    const plan = (image: MetadataImage) => planElection(image, topic, partition);
    return this.#run((image) => ({ records: [], result: plan(image) }));
  }

  reassignPartition(
    topic: string,
    partition: number,
    replicas: readonly number[] | null,
  ): Promise<Refusal | null> {
    const plan = (image: MetadataImage) => planReassignment(image, topic, partition, replicas);
    return this.#run((image) => ({ records: [], result: plan(image) }));
  }

  allocateProducerIds(): Promise<ProducerIdBlock> {
    return this.#run((image) => {
      const first = image.nextProducerId;
      const end = first + PRODUCER_ID_BLOCK;
      return { records: [{ type: 'producer-ids', next: end }], result: { first, end } };
    });
  }

  bumpLeaderEpochs(topicId: string, partitions: readonly number[]): Promise<void> {
    return this.#run((image) => {
      const topic = image.topicsById.get(topicId);
      if (topic === undefined) return { records: [], result: undefined };
      const epochs = partitions
        .filter((index) => topic.partitions[index] !== undefined)
        .map((index) => [index, topic.partitions[index]!.leaderEpoch + 1] as const);
      const record = { type: 'leader-epochs', id: topicId, epochs } as const;
      return { records: epochs.length === 0 ? [] : [record], result: undefined };
    });
  }

  setFeature(name: string, level: number): Promise<void> {
    return this.#run((image) => ({
      records: image.features.get(name) === level ? [] : [{ type: 'feature', name, level }],
      result: undefined,
    }));
  }

  /** Waits for the operations that were asked for before, then closes the store. */
  async close(): Promise<void> {
    while (this.#draining !== null) await this.#draining;
    await this.#store.close();
  }

  async #forEachTopic<Item, Result>(
    request: TopicsRequest<Item, Result>,
  ): Promise<TopicOutcome<Result>[]> {
    const each = new EachTopic(request);
    for (let end = TOPICS_AT_ONCE; each.outcomes.length < request.items.length; ) {
      if (end > TOPICS_AT_ONCE) await nextTurn();
      await this.#run((image) => {
        return { records: each.decide(image, end), result: undefined, applied: true };
      });
      end += TOPICS_AT_ONCE;
    }
    return each.outcomes;
  }

  #run<Result>(plan: Plan<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#queue.push({ plan, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    // Operations asked for in the same turn of the event loop share the first commit.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#commit(batch);
      } catch (thrown) {
        // A plan or a listener threw. Callers that wait for this batch get the error.
        for (const { reject } of batch) reject(thrown as Error);
      }
    }
    this.#draining = null;
  }

  async #commit(batch: readonly Pending[]): Promise<void> {
    const draft = new ImageDraft(this.#image);
    const records: MetadataRecord[] = [];
    const results: unknown[] = [];
    for (const { plan } of batch) {
      const step = plan(draft);
      for (const record of step.records) {
        if (step.applied !== true) draft.apply(record);
        records.push(record);
      }
      results.push(step.result);
    }
    if (records.length > 0) {
      try {
        await this.#store.commit(records, draft);
      } catch (thrown) {
        const message = `the metadata log did not take a change: ${reasonOf(thrown)}`;
        const error = new MillraceError('MILLRACE_STORAGE', message, thrown);
        for (const { reject } of batch) reject(error);
        return;
      }
      this.#show(draft, records);
    }
    for (const [i, { resolve }] of batch.entries()) resolve(results[i] as never);
  }

  #show(after: ImageDraft, records: readonly MetadataRecord[]): void {
    const before = this.#image;
    this.#image = after;
    this.#offset += records.length;
    if (after.brokerConfigs !== before.brokerConfigs) {
      this.#config = withDynamic(this.#config, after, after.nodeId);
    }
    const change = { before, after, records };
    const failures: unknown[] = [];
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (thrown) {
        // The others must hear of the change too, or they go on with an image that is over.
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

function withDynamic(config: BrokerConfig, image: MetadataImage, nodeId: number): BrokerConfig {
  const forAll = image.brokerConfigs.get('') ?? NO_CONFIGS;
  const forThis = image.brokerConfigs.get(String(nodeId)) ?? NO_CONFIGS;
  return config.withDynamic(forAll, forThis);
}
