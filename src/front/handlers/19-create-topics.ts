import { describeTopicConfig } from '../../metadata/config/describe.ts';
import type { TopicOutcome } from '../../metadata/controller.ts';
import type { CreatedTopic } from '../../metadata/plan-topics.ts';
import { API } from '../../protocol/api-keys.ts';
import { ERROR } from '../../protocol/error-codes.ts';
import type {
  CreateTopicsRequest,
  CreateTopicsRequestCreatableTopic,
  CreateTopicsResponse,
  CreateTopicsResponseCreatableTopicConfigs,
  CreateTopicsResponseCreatableTopicResult,
} from '../../protocol/schema/19-create-topics.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import type { FrontContext } from '../front-context.ts';
import type { Handler } from '../handler.ts';
import { orRefusal } from './partition-checks.ts';

type Answer = CreateTopicsResponseCreatableTopicResult;

/** Kafka's own metadata topic, which nobody but the controller may make. */
const CLUSTER_METADATA_TOPIC = '__cluster_metadata';

/** CreateTopics (19), versions 2 to 7. Answered when the partitions can be written. */
export const createTopics: Handler<CreateTopicsRequest, CreateTopicsResponse> = {
  key: API.CREATE_TOPICS,
  versions: '2-7',
  async handle(request, _call, front) {
    const { validateOnly } = request;
    const allowed = request.topics.filter(({ name }) => name !== CLUSTER_METADATA_TOPIC);
    const wanted = allowed.map(newTopicOf);
    const outcomes = await orRefusal(
      front.controller.createTopics(wanted, validateOnly),
      (refused) => wanted.map(() => ({ refused, result: null })),
    );
    if (!validateOnly) await front.directory.settled();
    const answers = new Map<string, Answer>();
    for (const [i, { name }] of allowed.entries()) {
      answers.set(name, answerFor(name, outcomes[i]!, front));
    }
    if (allowed.length < request.topics.length) {
      const message = `Creation of internal topic ${CLUSTER_METADATA_TOPIC} is prohibited.`;
      const code = ERROR.TOPIC_AUTHORIZATION_FAILED;
      answers.set(CLUSTER_METADATA_TOPIC, refusedTopic(CLUSTER_METADATA_TOPIC, code, message));
    }
    return { throttleTimeMs: 0, topics: [...answers.values()] };
  },
};

function newTopicOf(topic: CreateTopicsRequestCreatableTopic) {
  return {
    name: topic.name,
    partitions: topic.numPartitions,
    replicationFactor: topic.replicationFactor,
    assignments: topic.assignments.map(({ partitionIndex, brokerIds }) => {
      return { partition: partitionIndex, replicas: brokerIds };
    }),
    configs: topic.configs,
  };
}

function answerFor(
  name: string,
  { refused, result }: TopicOutcome<CreatedTopic>,
  front: FrontContext,
): Answer {
  if (refused !== null) return refusedTopic(name, refused.errorCode, refused.message);
  const { id, partitions, replicationFactor, configs } = result!;
  return {
    name,
    topicId: id,
    errorCode: 0,
    errorMessage: null,
    topicConfigErrorCode: 0,
    numPartitions: partitions,
    replicationFactor,
    configs: configsOf(configs, front),
  };
}

function configsOf(
  configs: ReadonlyMap<string, string>,
  front: FrontContext,
): CreateTopicsResponseCreatableTopicConfigs[] {
  return describeTopicConfig(configs, front.controller.config, null).map((entry) => ({
    name: entry.name,
    value: entry.value,
    readOnly: entry.readOnly,
    configSource: entry.source,
    isSensitive: entry.isSensitive,
  }));
}

function refusedTopic(name: string, errorCode: number, errorMessage: string): Answer {
  return {
    name,
    topicId: ZERO_UUID,
    errorCode,
    errorMessage,
    topicConfigErrorCode: 0,
    numPartitions: -1,
    replicationFactor: -1,
    configs: [],
  };
}
