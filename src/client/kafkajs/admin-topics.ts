import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { pause } from '../net/pause.ts';
import type { AdminParts } from './admin.ts';
import type { IResourceConfigEntry, ITopicConfig, ITopicPartitionConfig } from './admin-types.ts';
import { checkTopicEntries, invalid } from './checks.ts';
import {
  KafkaJSAggregateError,
  KafkaJSCreateTopicError,
  KafkaJSProtocolError,
  KafkaJSTimeout,
} from './errors.ts';
import { protocolError } from './protocol-error.ts';
import { retriedBut } from './retry.ts';

const TIMEOUT_MS = 5_000;
const LEADER_PAUSE_MS = 100;
/** The last version that names topics, not their ids. */
const DELETE_BY_NAME = 5;

/** What passes when the metadata is asked for anew. */
export function isNotController(thrown: unknown): boolean {
  return (thrown as { type?: unknown }).type === 'NOT_CONTROLLER';
}

function checkConfigEntries({ topic, configEntries }: ITopicConfig): void {
  if (configEntries === undefined || configEntries === null) return;
  const of = `Invalid configEntries for topic "${topic}"`;
  if (!Array.isArray(configEntries)) throw invalid(`${of}, must be an array`);
  for (const [index, entry] of configEntries.entries()) {
    if (typeof entry !== 'object' || entry === null) {
      throw invalid(`${of}. Entry ${index} must be an object`);
    }
    for (const name of ['name', 'value'] as const) {
      if (typeof (entry as Partial<IResourceConfigEntry>)[name] === 'string') continue;
      throw invalid(`${of}. Entry ${index} must have a valid "${name}" property`);
    }
  }
}

interface CreateTopics {
  readonly topics: ITopicConfig[];
  readonly validateOnly?: boolean | undefined;
  readonly timeout?: number | undefined;
  readonly waitForLeaders?: boolean | undefined;
}

/** False where all of the topics are there already. */
export async function createTopics(parts: AdminParts, options: CreateTopics): Promise<boolean> {
  const { topics, validateOnly = false, timeout = TIMEOUT_MS, waitForLeaders = true } = options;
  checkTopicEntries(topics, 'topics');
  for (const each of topics) checkConfigEntries(each);
  const { cluster, retry } = parts;
  return retriedBut(retry, isNotController, async () => {
    const answer = await cluster.askController((connection) =>
      connection.ask(API.CREATE_TOPICS, {
        topics: topics.map(newTopic),
        timeoutMs: timeout,
        validateOnly,
      }),
    );
    const errors = answer.topics.filter(({ errorCode }) => errorCode !== 0);
    if (errors.length > 0) {
      if (errors.every(({ errorCode }) => errorCode === ERROR.TOPIC_ALREADY_EXISTS)) return false;
      throw new KafkaJSAggregateError(
        'Topic creation errors',
        errors.map(({ errorCode, errorMessage, name }) => {
          const { type, code, retriable, message } = protocolError(errorCode, errorMessage);
          return new KafkaJSCreateTopicError({ type, code, retriable, message }, name);
        }),
      );
    }
    if (waitForLeaders && !validateOnly) await leadersOf(parts, topics, timeout);
    return true;
  });
}

function newTopic(topic: ITopicConfig) {
  const { replicaAssignment = [], configEntries = [] } = topic;
  return {
    name: topic.topic,
    numPartitions: topic.numPartitions ?? -1,
    replicationFactor: topic.replicationFactor ?? -1,
    assignments: replicaAssignment.map(({ partition, replicas }) => {
      return { partitionIndex: partition, brokerIds: replicas };
    }),
    configs: (configEntries ?? []).map(({ name, value }) => ({ name, value })),
  };
}

async function leadersOf(
  { cluster }: AdminParts,
  topics: readonly ITopicConfig[],
  limitMs: number,
) {
  const names = topics.map(({ topic }) => topic);
  const endMs = performance.now() + limitMs;
  for (;;) {
    try {
      await cluster.topicMetadata(names);
      return;
    } catch (thrown) {
      const isEarly = thrown instanceof KafkaJSProtocolError && thrown.retriable;
      if (!isEarly) throw thrown;
    }
    if (performance.now() > endMs) {
      throw new KafkaJSTimeout('Timed out while waiting for topic leaders');
    }
    await pause(LEADER_PAUSE_MS);
  }
}

export async function createPartitions(
  { cluster, retry }: AdminParts,
  options: {
    readonly topicPartitions: ITopicPartitionConfig[];
    readonly validateOnly?: boolean | undefined;
    readonly timeout?: number | undefined;
  },
): Promise<boolean> {
  const { topicPartitions, validateOnly = false, timeout = TIMEOUT_MS } = options;
  if (Array.isArray(topicPartitions) && topicPartitions.length === 0) {
    throw invalid('Empty topic partitions array');
  }
  checkTopicEntries(topicPartitions, 'topic partitions');
  return retriedBut(retry, isNotController, async () => {
    const answer = await cluster.askController((connection) =>
      connection.ask(API.CREATE_PARTITIONS, {
        topics: topicPartitions.map(({ topic: name, count, assignments }) => ({
          name,
          count,
          assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null,
        })),
        timeoutMs: timeout,
        validateOnly,
      }),
    );
    throwFirst(answer.results);
    return true;
  });
}

export async function deleteTopics(
  { cluster, retry, logger }: AdminParts,
  options: { readonly topics: string[]; readonly timeout?: number | undefined },
): Promise<void> {
  const { topics, timeout: timeoutMs = TIMEOUT_MS } = options;
  if (!topics || !Array.isArray(topics)) throw invalid(`Invalid topics array ${topics}`);
  if (topics.some((topic) => typeof topic !== 'string')) {
    throw invalid('Invalid topics array, the names must be a valid string');
  }
  const mayPass = (thrown: unknown) => {
    const { type } = thrown as { type?: unknown };
    return type === 'UNKNOWN_TOPIC_OR_PARTITION' || isNotController(thrown);
  };
  await retriedBut(retry, mayPass, async () => {
    const answer = await cluster.askController((connection) =>
      connection.ask(
        API.DELETE_TOPICS,
        { topicNames: topics, timeoutMs },
        { maxVersion: DELETE_BY_NAME },
      ),
    );
    const isLate = answer.responses.some(({ errorCode }) => errorCode === ERROR.REQUEST_TIMED_OUT);
    if (isLate) {
      logger.error('Could not delete topics, check if "delete.topic.enable" is set to "true"');
    }
    throwFirst(answer.responses);
    await cluster.removeTargetTopics(topics);
  });
}

interface Answered {
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

export function throwFirst(answers: readonly Answered[]): void {
  const failed = answers.find(({ errorCode }) => errorCode !== 0);
  if (failed !== undefined) throw protocolError(failed.errorCode, failed.errorMessage ?? null);
}
