import { ERROR } from '../base/kafka-errors.ts';
import { API } from '../protocol/api-keys.ts';
import type { MetadataResponseTopic } from '../protocol/schema/03-metadata.ts';
import { ZERO_UUID } from '../protocol/schema-dsl.ts';
import type { Cluster } from './cluster.ts';
import { onlyAnswer } from './only-answer.ts';
import { isResponseError, refuseError } from './response-error.ts';

export interface NewTopic {
  readonly name: string;
  /** -1: as many as the broker's num.partitions. */
  readonly partitions?: number;
  /** -1: the broker's default.replication.factor. */
  readonly replicationFactor?: number;
  readonly configs?: ReadonlyMap<string, string>;
}

export interface PartitionDescription {
  readonly partition: number;
  /** -1 where there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface TopicDescription {
  readonly name: string;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly PartitionDescription[];
}

const BROKER_DEFAULT = -1;
/** From this version on topics are named in a list that takes ids as well. */
const DELETE_BY_STATE_VERSION = 6;

function describe(topic: MetadataResponseTopic): TopicDescription {
  const partitions = topic.partitions.map((each) => ({
    partition: each.partitionIndex,
    leader: each.leaderId,
    leaderEpoch: each.leaderEpoch,
    replicas: each.replicaNodes,
    isr: each.isrNodes,
  }));
  return {
    name: topic.name ?? '',
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    partitions: partitions.sort((one, other) => one.partition - other.partition),
  };
}

function byName(one: TopicDescription, other: TopicDescription): number {
  return one.name < other.name ? -1 : 1;
}

/** Topics: make, show, grow, remove. */
export class TopicAdmin {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Every topic by name. */
  async list(): Promise<TopicDescription[]> {
    const { topics } = await this.#cluster.metadata(null);
    return topics.map(describe).sort(byName);
  }

  /** The topics named, in their order; throws for one that is not there. */
  async describe(names: readonly string[]): Promise<TopicDescription[]> {
    if (names.length === 0) return [];
    const { topics } = await this.#cluster.metadata(names);
    for (const topic of topics) refuseTopic(topic);
    return names.map((name) => {
      const named = topics.filter((topic) => topic.name === name);
      return describe(onlyAnswer(named, `topic ${name}`));
    });
  }

  /** False where the topic was there already and that is allowed. */
  create(topic: NewTopic, options: CreateOptions = {}): Promise<boolean> {
    const subject = `topic ${topic.name}`;
    return this.#cluster.atController(async (connection) => {
      const answer = await connection.ask(API.CREATE_TOPICS, {
        topics: [
          {
            name: topic.name,
            numPartitions: topic.partitions ?? BROKER_DEFAULT,
            replicationFactor: topic.replicationFactor ?? BROKER_DEFAULT,
            assignments: [],
            configs: configList(topic.configs),
          },
        ],
        timeoutMs: this.#cluster.requestTimeoutMs,
        validateOnly: options.validateOnly ?? false,
      });
      const result = onlyAnswer(answer.topics, subject);
      const exists = result.errorCode === ERROR.TOPIC_ALREADY_EXISTS;
      if (exists && options.ifNotExists === true) return false;
      refuseError(result.errorCode, result.errorMessage, subject);
      return true;
    });
  }

  async delete(name: string): Promise<void> {
    await this.#cluster.atController(async (connection) => {
      const answer = await connection.ask(API.DELETE_TOPICS, (version) => {
        const timeoutMs = this.#cluster.requestTimeoutMs;
        return version < DELETE_BY_STATE_VERSION
          ? { topicNames: [name], timeoutMs }
          : { topics: [{ name, topicId: ZERO_UUID }], timeoutMs };
      });
      const result = onlyAnswer(answer.responses, `topic ${name}`);
      refuseError(result.errorCode, result.errorMessage, `topic ${name}`);
    });
  }

  /** Grows a topic to this many partitions. */
  async grow(name: string, partitions: number): Promise<void> {
    await this.#cluster.atController(async (connection) => {
      const answer = await connection.ask(API.CREATE_PARTITIONS, {
        topics: [{ name, count: partitions, assignments: null }],
        timeoutMs: this.#cluster.requestTimeoutMs,
        validateOnly: false,
      });
      const result = onlyAnswer(answer.results, `topic ${name}`);
      refuseError(result.errorCode, result.errorMessage, `topic ${name}`);
    });
  }

  /** Whether the topic exists. */
  async exists(name: string): Promise<boolean> {
    try {
      await this.describe([name]);
      return true;
    } catch (thrown) {
      if (isResponseError(thrown, ERROR.UNKNOWN_TOPIC_OR_PARTITION)) return false;
      throw thrown;
    }
  }
}

export interface CreateOptions {
  readonly validateOnly?: boolean;
  readonly ifNotExists?: boolean;
}

function configList(
  configs: ReadonlyMap<string, string> | undefined,
): { name: string; value: string }[] {
  return Array.from(configs ?? [], ([name, value]) => ({ name, value }));
}

function refuseTopic(topic: MetadataResponseTopic): void {
  if (topic.errorCode === ERROR.LEADER_NOT_AVAILABLE) return;
  const subject = `topic ${topic.name ?? topic.topicId}`;
  const unknown = topic.errorCode === ERROR.UNKNOWN_TOPIC_OR_PARTITION;
  refuseError(topic.errorCode, unknown ? 'there is no such topic' : null, subject);
}
