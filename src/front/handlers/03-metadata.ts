import { ERROR } from '../../base/kafka-errors.ts';
import type { TopicMetadata } from '../../metadata/image.ts';
import { errorOfTopicName, isInternalTopic } from '../../metadata/topic-name.ts';
import { API } from '../../protocol/api-keys.ts';
import { OPERATIONS_NOT_ASKED } from '../../protocol/operations-not-asked.ts';
import type {
  MetadataRequest,
  MetadataRequestTopic,
  MetadataResponse,
  MetadataResponseTopic,
} from '../../protocol/schema/03-metadata.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Call } from '../net/call.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { mapInTurns } from '../requests/in-turns.ts';
import { anyOf, forEach, forRequest } from '../requests/needed-action.ts';
import { shownClusterOperations, tellTopicOperations } from './authorized-operations.ts';
import { PartitionDescriber, unknownTopic } from './topic-description.ts';

type ServiceName =
  | 'metadata'
  | 'clock'
  | 'endpoints'
  | 'settings'
  | 'changes'
  | 'directory'
  | 'partitions'
  | 'rights'
  | 'throttling';
type Needed = Services<ServiceName>;

/** What the answer needs where no topic is created. */
export type DescribingName = Exclude<ServiceName, 'changes' | 'directory' | 'throttling'>;
type Describing = Services<DescribingName>;

const BY_ID_SINCE = 12;
const NONE_REFUSED: ReadonlyMap<string, number> = new Map();

/**
 * Metadata (3), versions 0 to 13. A request without topics means all of them in v0. From v1 on an
 * empty list means none, and null means all. A topic that the request creates can be used when the
 * answer is sent.
 */
export const metadata: Handler<MetadataRequest, MetadataResponse, ServiceName> = {
  key: API.METADATA,
  versions: '0-13',
  needs: [
    forEach('DESCRIBE', 'TOPIC'),
    anyOf(forRequest('CREATE', 'CLUSTER'), forEach('CREATE', 'TOPIC')),
  ],
  async handle(request, call, services) {
    const { topics, allowAutoTopicCreation } = request;
    const isCreating = topics !== null && allowAutoTopicCreation;
    const refused = isCreating ? await createMissing(topics, call, services) : NONE_REFUSED;
    return describeAll(request, refused, call, services);
  },
};

/** The same on a node that cannot create topics. */
export const observedMetadata: Handler<MetadataRequest, MetadataResponse, DescribingName> = {
  key: API.METADATA,
  versions: '0-13',
  needs: [forEach('DESCRIBE', 'TOPIC')],
  handle: (request, call, services) => describeAll(request, NONE_REFUSED, call, services),
};

async function describeAll(
  request: MetadataRequest,
  refused: ReadonlyMap<string, number>,
  call: Call,
  services: Describing,
): Promise<Unthrottled<MetadataResponse>> {
  const asked = request.topics;
  const wantsAll = asked === null || (call.apiVersion === 0 && asked.length === 0);
  const describer = new PartitionDescriber(call, services);
  let topics: MetadataResponseTopic[];
  if (wantsAll) {
    const all = [...services.metadata.image.topicsByName.values()].filter(({ name }) =>
      mayDescribe(name, call, services),
    );
    topics = await mapInTurns(all, services.clock, (topic) => describe(topic, describer));
  } else {
    topics = await mapInTurns(withoutRepeats(asked), services.clock, (topic) => {
      return answerFor(topic, refused, call, describer, services);
    });
  }
  if (request.includeTopicAuthorizedOperations) {
    tellTopicOperations(topics, call, services.rights);
  }
  return {
    brokers: services.endpoints.brokersFor(call),
    clusterId: services.metadata.image.clusterId,
    controllerId: services.endpoints.controllerFor(call),
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? shownClusterOperations(call, services.rights)
      : OPERATIONS_NOT_ASKED,
    errorCode: 0,
  };
}

function mayDescribe(topic: string, call: Call, { rights }: Describing): boolean {
  return rights.allows(call, 'DESCRIBE', 'TOPIC', topic);
}

function mayCreate(topic: string, call: Call, { rights }: Needed): boolean {
  return rights.allowsOnCluster(call, 'CREATE') || rights.allows(call, 'CREATE', 'TOPIC', topic);
}

/** A topic named several times is answered once, as in Kafka: answers are expensive. */
function withoutRepeats(asked: readonly MetadataRequestTopic[]): MetadataRequestTopic[] {
  const seen = new Set<string>();
  return asked.filter(({ topicId, name }) => {
    const key = `${topicId} ${name}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Creates the topics that do not exist. Answers with the refused names and their errors. */
async function createMissing(
  asked: readonly MetadataRequestTopic[],
  call: Call,
  services: Needed,
): Promise<ReadonlyMap<string, number>> {
  const refused = new Map<string, number>();
  if (!services.settings.topics.autoCreate) return refused;
  const { topicsByName } = services.metadata.image;
  const names = new Set<string>();
  for (const { name } of asked) {
    if (name === null || topicsByName.has(name) || isInternalTopic(name)) continue;
    if (errorOfTopicName(name) !== null || !mayDescribe(name, call, services)) continue;
    if (mayCreate(name, call, services)) names.add(name);
    else refused.set(name, ERROR.TOPIC_AUTHORIZATION_FAILED);
  }
  if (names.size === 0) return refused;
  const topics = [...names].map((name) => ({ name, partitions: -1, replicationFactor: -1 }));
  const budget = services.throttling.mutations(call, false);
  const outcomes = await services.changes.createTopics(topics, false, budget);
  await services.directory.settled();
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.refused !== null) refused.set(topics[i]!.name, outcome.refused.errorCode);
  }
  return refused;
}

function answerFor(
  asked: MetadataRequestTopic,
  refused: ReadonlyMap<string, number>,
  call: Call,
  describer: PartitionDescriber,
  services: Describing,
): MetadataResponseTopic {
  const image = services.metadata.image;
  const byId = call.apiVersion >= BY_ID_SINCE && asked.topicId !== ZERO_UUID;
  if (byId) {
    const topic = image.topicsById.get(asked.topicId);
    if (topic === undefined) return unknownTopic(null, asked.topicId, ERROR.UNKNOWN_TOPIC_ID);
    if (services.rights.allowsNamed(call, 'DESCRIBE', 'TOPIC', topic.name)) {
      return describe(topic, describer);
    }
    return unknownTopic(null, asked.topicId, ERROR.TOPIC_AUTHORIZATION_FAILED);
  }
  const name = asked.name;
  if (name === null) return unknownTopic('', ZERO_UUID, ERROR.INVALID_REQUEST);
  if (!services.rights.allowsNamed(call, 'DESCRIBE', 'TOPIC', name)) {
    return unknownTopic(name, ZERO_UUID, ERROR.TOPIC_AUTHORIZATION_FAILED);
  }
  const topic = image.topicsByName.get(name);
  if (topic !== undefined) return describe(topic, describer);
  if (errorOfTopicName(name) !== null)
    return unknownTopic(name, ZERO_UUID, ERROR.INVALID_TOPIC_EXCEPTION);
  return unknownTopic(name, ZERO_UUID, refused.get(name) ?? ERROR.UNKNOWN_TOPIC_OR_PARTITION);
}

function describe(topic: TopicMetadata, describer: PartitionDescriber): MetadataResponseTopic {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.internal,
    partitions: describer.describe(topic, topic.partitions),
    topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
  };
}
