import { ERROR } from '../../base/kafka-errors.ts';
import type { TopicMetadata } from '../../metadata/image.ts';
import { errorOfTopicName, isInternalTopic } from '../../metadata/topic-name.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  MetadataRequest,
  MetadataRequestTopic,
  MetadataResponse,
  MetadataResponseTopic,
} from '../../protocol/schema/03-metadata.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import type { Call } from '../net/call.ts';
import type { FrontContext } from '../requests/front-context.ts';
import type { Handler } from '../requests/handler.ts';
import { mapInTurns } from '../requests/in-turns.ts';
import {
  CLUSTER_OPERATIONS,
  OPERATIONS_NOT_ASKED,
  TOPIC_OPERATIONS,
} from './authorized-operations.ts';
import { describePartitions, unknownTopic } from './topic-description.ts';

const BY_ID_SINCE = 12;

/**
 * Metadata (3), versions 0 to 13. Names no topic: all in v0, none from v1 on (null is all there).
 * A topic that is created on the way is ready when the answer is sent.
 */
export const metadata: Handler<MetadataRequest, MetadataResponse> = {
  key: API.METADATA,
  versions: '0-13',
  async handle(request, call, front) {
    const asked = request.topics;
    const wantsAll = asked === null || (call.apiVersion === 0 && asked.length === 0);
    let topics: MetadataResponseTopic[];
    if (wantsAll) {
      const all = [...front.metadata.image.topicsByName.values()];
      topics = await mapInTurns(all, front.clock, (topic) => describe(topic, front));
    } else {
      const refused = await createMissing(asked, request.allowAutoTopicCreation, front);
      topics = await mapInTurns(withoutRepeats(asked), front.clock, (topic) => {
        return answerFor(topic, refused, call, front);
      });
    }
    if (request.includeTopicAuthorizedOperations) {
      for (const topic of topics) {
        if (topic.errorCode === 0) topic.topicAuthorizedOperations = TOPIC_OPERATIONS;
      }
    }
    return {
      throttleTimeMs: 0,
      brokers: [front.endpoints.brokerFor(call)],
      clusterId: front.metadata.image.clusterId,
      controllerId: front.metadata.image.nodeId,
      topics,
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? CLUSTER_OPERATIONS
        : OPERATIONS_NOT_ASKED,
      errorCode: 0,
    };
  },
};

/** A name said a thousand times is answered once, as in Kafka: the answer is what costs. */
function withoutRepeats(asked: readonly MetadataRequestTopic[]): MetadataRequestTopic[] {
  const seen = new Set<string>();
  return asked.filter(({ topicId, name }) => {
    const key = `${topicId} ${name}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Creates what is asked for and not there; says which names were refused, and with what error. */
async function createMissing(
  asked: readonly MetadataRequestTopic[],
  allowed: boolean,
  front: FrontContext,
): Promise<ReadonlyMap<string, number>> {
  const refused = new Map<string, number>();
  if (!allowed || !front.settings.topics.autoCreate) return refused;
  const { topicsByName } = front.metadata.image;
  const names = new Set<string>();
  for (const { name } of asked) {
    if (name === null || topicsByName.has(name) || isInternalTopic(name)) continue;
    if (errorOfTopicName(name) === null) names.add(name);
  }
  if (names.size === 0) return refused;
  const topics = [...names].map((name) => ({ name, partitions: -1, replicationFactor: -1 }));
  const outcomes = await front.changes.createTopics(topics, false);
  await front.directory.settled();
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.refused !== null) refused.set(topics[i]!.name, outcome.refused.errorCode);
  }
  return refused;
}

function answerFor(
  asked: MetadataRequestTopic,
  refused: ReadonlyMap<string, number>,
  call: Call,
  front: FrontContext,
): MetadataResponseTopic {
  const image = front.metadata.image;
  const byId = call.apiVersion >= BY_ID_SINCE && asked.topicId !== ZERO_UUID;
  if (byId) {
    const topic = image.topicsById.get(asked.topicId);
    if (topic !== undefined) return describe(topic, front);
    return unknownTopic(null, asked.topicId, ERROR.UNKNOWN_TOPIC_ID);
  }
  const name = asked.name;
  if (name === null) return unknownTopic('', ZERO_UUID, ERROR.INVALID_REQUEST);
  const topic = image.topicsByName.get(name);
  if (topic !== undefined) return describe(topic, front);
  if (errorOfTopicName(name) !== null)
    return unknownTopic(name, ZERO_UUID, ERROR.INVALID_TOPIC_EXCEPTION);
  return unknownTopic(name, ZERO_UUID, refused.get(name) ?? ERROR.UNKNOWN_TOPIC_OR_PARTITION);
}

function describe(topic: TopicMetadata, front: FrontContext): MetadataResponseTopic {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.internal,
    partitions: describePartitions(topic, topic.partitions, front),
    topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
  };
}
