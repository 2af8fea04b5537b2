import { MillraceError, reasonOf } from '../../base/errors.ts';
import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR, errorName } from '../../base/kafka-errors.ts';
import type { BrokerConfig } from '../../metadata/config/broker-config.ts';
import type {
  MetadataChanges,
  ProducerIdBlock,
  TopicOutcome,
} from '../../metadata/metadata-changes.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import type { CreatedTopic, NewTopic } from '../../metadata/plan-topics.ts';
import {
  CREATE_TOPICS,
  type CreateTopicsResponse,
  type CreateTopicsResponseCreatableTopicResult,
} from '../../protocol/schema/19-create-topics.ts';
import {
  ALLOCATE_PRODUCER_IDS,
  type AllocateProducerIdsResponse,
} from '../../protocol/schema/67-allocate-producer-ids.ts';
import type { ClusterMember } from '../membership/cluster-member.ts';
import type { ActiveController } from '../quorum/active-controller.ts';
import { isElsewhere } from '../quorum/is-elsewhere.ts';

export interface ClusterChangesOptions {
  readonly controller: ActiveController;
  readonly view: MetadataView;
  readonly member: Pick<ClusterMember, 'epoch' | 'isFenced'>;
  readonly limitMs: number;
}

const CREATE_VERSION = 7;
/** A topic is made once the controllers say so; this node may hear of it a little later. */
const SHOWN_LIMIT_MS = 5000;
const LOOK_MS = 5;

/**
 * The changes that a broker of a cluster asks the controllers for by itself. What clients ask for
 * is forwarded as it came, and never passes here.
 */
export class ClusterChanges implements MetadataChanges {
  readonly #options: ClusterChangesOptions;

  constructor(options: ClusterChangesOptions) {
    this.#options = options;
  }

  get failure(): string | null {
    return this.#options.member.isFenced ? 'the controllers have fenced this broker' : null;
  }

  async createTopics(
    topics: readonly NewTopic[],
    validateOnly: boolean,
  ): Promise<TopicOutcome<CreatedTopic>[]> {
    const { controller, view, limitMs } = this.#options;
    const wanted = topics.map((topic) => creatable(topic, view.config));
    const question = {
      api: CREATE_TOPICS,
      version: CREATE_VERSION,
      body: { topics: wanted, timeoutMs: limitMs, validateOnly },
      isElsewhere: (answer: CreateTopicsResponse) => {
        return answer.topics.some(isElsewhere);
      },
    };
    let answer: CreateTopicsResponse;
    try {
      answer = await controller.ask(question, limitMs);
    } catch (thrown) {
      const message = `no controller answers: ${reasonOf(thrown)}`;
      const refused = { errorCode: ERROR.LEADER_NOT_AVAILABLE, message };
      return topics.map(() => ({ refused, result: null }));
    }
    const results = new Map(answer.topics.map((result) => [result.name, result]));
    const made = answer.topics.filter(({ errorCode }) => errorCode === ERROR.NONE);
    if (!validateOnly) await this.#untilShown(made.map(({ topicId }) => topicId));
    return topics.map(({ name }) => outcomeOf(results.get(name)));
  }

  async allocateProducerIds(): Promise<ProducerIdBlock> {
    const { controller, view, member, limitMs } = this.#options;
    const question = {
      api: ALLOCATE_PRODUCER_IDS,
      version: 0,
      body: { brokerId: view.image.nodeId, brokerEpoch: member.epoch },
      isElsewhere,
    };
    let answer: AllocateProducerIdsResponse;
    try {
      answer = await controller.ask(question, limitMs);
    } catch (thrown) {
      throw unavailable(reasonOf(thrown), thrown);
    }
    if (answer.errorCode !== ERROR.NONE) throw unavailable(errorName(answer.errorCode));
    const { producerIdStart: first, producerIdLen } = answer;
    return { first, end: first + producerIdLen };
  }

  async #untilShown(ids: readonly string[]): Promise<void> {
    const { view } = this.#options;
    const untilMs = performance.now() + SHOWN_LIMIT_MS;
    while (!ids.every((id) => view.image.topicsById.has(id)) && performance.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  readonly createPartitions = forwardedOnly;
  readonly deleteTopics = forwardedOnly;
  readonly incrementalAlterConfigs = forwardedOnly;
  readonly alterConfigs = forwardedOnly;
  readonly alterClientQuota = forwardedOnly;
  readonly alterScramCredentials = forwardedOnly;
  readonly createAcls = forwardedOnly;
  readonly deleteAcls = forwardedOnly;
  readonly changeToken = forwardedOnly;
  readonly electLeader = forwardedOnly;
  readonly reassignPartition = forwardedOnly;
  readonly setFeature = forwardedOnly;
}

/** The handlers of a cluster forward such a request; whoever comes here has a defect. */
async function forwardedOnly(): Promise<never> {
  throw new MillraceError('MILLRACE_ASSERTION', 'the controllers decide about this');
}

function unavailable(why: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'MILLRACE_STORAGE',
    `the controllers gave no producer ids: ${why}`,
    cause,
  );
}

/** Defaults that are set on this broker go before those of the controllers. */
function creatable(topic: NewTopic, config: BrokerConfig) {
  const { name, partitions, replicationFactor, assignments, configs } = topic;
  return {
    name,
    numPartitions: orSet(partitions, 'num.partitions', config),
    replicationFactor: orSet(replicationFactor, 'default.replication.factor', config),
    assignments: (assignments ?? []).map(({ partition, replicas }) => {
      return { partitionIndex: partition, brokerIds: [...replicas] };
    }),
    configs: (configs ?? []).map((config) => ({ ...config })),
  };
}

function orSet(given: number, name: string, config: BrokerConfig): number {
  return given < 0 && config.isSet(name) ? config.number(name) : given;
}

function outcomeOf(
  result: CreateTopicsResponseCreatableTopicResult | undefined,
): TopicOutcome<CreatedTopic> {
  const errorCode = result?.errorCode ?? ERROR.UNKNOWN_SERVER_ERROR;
  if (result === undefined || errorCode !== ERROR.NONE) {
    const message = result?.errorMessage ?? errorMessage(errorCode);
    return { refused: { errorCode, message }, result: null };
  }
  const { topicId: id, numPartitions: partitions, replicationFactor, configs } = result;
  const texts = (configs ?? []).map(({ name, value }) => [name, value ?? ''] as const);
  const created = { id, partitions, replicationFactor, configs: new Map(texts) };
  return { refused: null, result: created };
}
