import type { AclFilter } from './acl-filter.ts';
import type { AclRule } from './acl-rule.ts';
import type { QuotaAlteration, QuotaEntityPart } from './client-quotas.ts';
import type { ConfigAlteration, ConfigChange } from './config/alter.ts';
import type { TopicMetadata } from './image.ts';
import type { MutationBudget } from './mutation-budget.ts';
import type { ScramDeletion, ScramOutcome, ScramUpsertion } from './plan-scram.ts';
import type { TokenChange, TokenOutcome } from './plan-tokens.ts';
import type { CreatedTopic, MorePartitions, NewTopic, TopicReference } from './plan-topics.ts';
import type { Refusal } from './refusal.ts';

/** The outcome for one topic of a request. `refused` says why nothing was changed. */
export interface TopicOutcome<Result> {
  readonly refused: Refusal | null;
  readonly result: Result | null;
}

export interface AlterResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** What one filter took away. */
export interface AclDeletion {
  readonly refused: Refusal | null;
  readonly deleted: readonly AclRule[];
}

export interface ProducerIdBlock {
  readonly first: number;
  /** The first id that does not belong to the block. */
  readonly end: number;
}

/**
 * Every change that clients may ask for. This node or another one decides, so each method is a
 * request: it resolves after the change is committed and this node's image has it. It rejects with
 * MILLRACE_STORAGE when the commit failed.
 */
export interface MetadataChanges {
  /** Why no change is possible any more, or null while changes are possible. */
  readonly failure: string | null;

  /** One outcome for each topic, in the order given. */
  createTopics(
    topics: readonly NewTopic[],
    validateOnly: boolean,
    budget?: MutationBudget,
  ): Promise<TopicOutcome<CreatedTopic>[]>;

  createPartitions(
    topics: readonly MorePartitions[],
    validateOnly: boolean,
    budget?: MutationBudget,
  ): Promise<TopicOutcome<TopicMetadata>[]>;

  deleteTopics(
    references: readonly TopicReference[],
    budget?: MutationBudget,
  ): Promise<TopicOutcome<TopicMetadata>[]>;

  incrementalAlterConfigs(
    resource: AlterResource,
    alterations: readonly ConfigAlteration[],
    validateOnly: boolean,
  ): Promise<Refusal | null>;

  alterConfigs(
    resource: AlterResource,
    given: readonly ConfigChange[],
    validateOnly: boolean,
  ): Promise<Refusal | null>;

  alterClientQuota(
    entity: readonly QuotaEntityPart[],
    alterations: readonly QuotaAlteration[],
    validateOnly: boolean,
  ): Promise<Refusal | null>;

  /** One outcome for each user that the request names. */
  alterScramCredentials(
    deletions: readonly ScramDeletion[],
    upsertions: readonly ScramUpsertion[],
  ): Promise<readonly ScramOutcome[]>;

  /** One outcome for each rule, in the order given. A rule that is there already is no error. */
  createAcls(rules: readonly AclRule[]): Promise<readonly (Refusal | null)[]>;

  /** For each filter the rules that it took away. */
  deleteAcls(filters: readonly AclFilter[]): Promise<readonly AclDeletion[]>;

  changeToken(change: TokenChange): Promise<TokenOutcome>;

  /** Asks for a leader election. Null when another leader was elected. */
  electLeader(topic: string, partition: number, isUnclean: boolean): Promise<Refusal | null>;

  /** Gives a partition these replicas. Null replicas end a reassignment that is under way. */
  reassignPartition(
    topic: string,
    partition: number,
    replicas: readonly number[] | null,
  ): Promise<Refusal | null>;

  /** No id of a block is given out again, not even after a restart. */
  allocateProducerIds(): Promise<ProducerIdBlock>;

  /** Finalizes a feature at a level; 0 switches it off. The caller checks what is supported. */
  setFeature(name: string, level: number): Promise<void>;
}
