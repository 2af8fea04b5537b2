import { ERROR } from '../../base/kafka-errors.ts';
import type { TopicMetadata } from '../../metadata/image.ts';
import type { TopicOutcome } from '../../metadata/metadata-changes.ts';
import type { TopicReference } from '../../metadata/plan-topics.ts';
import type { Refusal } from '../../metadata/refusal.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DeleteTopicsRequest,
  DeleteTopicsResponse,
  DeleteTopicsResponseDeletableTopicResult,
} from '../../protocol/schema/20-delete-topics.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import type { Call } from '../net/call.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { anyOf, forEach, forRequest, toSee } from '../requests/needed-action.ts';
import { orRefusal } from './partition-checks.ts';
import { TOPIC_DENIED } from './topic-denied.ts';

type Answer = DeleteTopicsResponseDeletableTopicResult;

const BY_ID_SINCE = 6;
/** Clients know the error of a quota since this version. */
const QUOTA_ERROR_SINCE = 5;
/** Clients know the error that says that deletion is switched off since this version. */
const DISABLED_KNOWN_SINCE = 3;

/** DeleteTopics (20), versions 1 to 6. Answered when the partitions are unreachable for clients. */
export const deleteTopics: Handler<
  DeleteTopicsRequest,
  DeleteTopicsResponse,
  'changes' | 'directory' | 'metadata' | 'rights' | 'throttling'
> = {
  key: API.DELETE_TOPICS,
  versions: '1-6',
  needs: [
    anyOf(forRequest('DELETE', 'CLUSTER'), forEach('DELETE', 'TOPIC')),
    toSee('DESCRIBE', 'TOPIC'),
  ],
  async handle(request, call, services) {
    const references = referencesOf(request, call.apiVersion);
    const errors = references.map((reference) => {
      return errorOfReference(reference) ?? denialOf(reference, call, services);
    });
    const allowed = references.filter((_, at) => errors[at] === null);
    const refused = references.map((each, at) => {
      return errors[at] === null ? each : named(each, call, services);
    });
    const budget = services.throttling.mutations(call, call.apiVersion >= QUOTA_ERROR_SINCE);
    const outcomes = await orRefusal(services.changes.deleteTopics(allowed, budget), (refusal) =>
      allowed.map(() => ({ refused: refusal, result: null })),
    );
    await services.directory.settled();
    let next = 0;
    const responses = references.map((reference, at) => {
      const wrong = errors[at]!;
      if (wrong !== null) return refusedTopic(refused[at]!, wrong);
      return answerFor(reference, outcomes[next++]!, call.apiVersion);
    });
    return { responses };
  },
};

function referencesOf(request: DeleteTopicsRequest, version: number): TopicReference[] {
  if (version < BY_ID_SINCE) return request.topicNames.map((name) => ({ name, id: null }));
  return request.topics.map(({ name, topicId }) => {
    return { name, id: topicId === ZERO_UUID ? null : topicId };
  });
}

function errorOfReference({ name, id }: TopicReference): Refusal | null {
  const errorCode = ERROR.INVALID_REQUEST;
  if (name === null && id === null) {
    return { errorCode, message: 'Neither topic name nor id were specified.' };
  }
  if (name === null || id === null) return null;
  return { errorCode, message: 'Topic name and topic ID can not both be specified.' };
}

/**
 * A topic that nobody knows by the id is told so. Who knows the id needs the right to delete, and
 * who says the name that to describe as well: it is told that the topic is not there, or that it
 * may not delete it.
 */
function denialOf(
  { name, id }: TopicReference,
  call: Call,
  { rights, metadata }: Services<'rights' | 'metadata'>,
): Refusal | null {
  if (rights.allowsOnCluster(call, 'DELETE')) return null;
  const { topicsById, topicsByName } = metadata.image;
  const { errorCode, errorMessage: message } = TOPIC_DENIED;
  if (name !== null && !rights.allows(call, 'DESCRIBE', 'TOPIC', name)) {
    return { errorCode, message };
  }
  const topic = name === null ? topicsById.get(id!) : topicsByName.get(name);
  const mayDelete = topic === undefined || rights.allows(call, 'DELETE', 'TOPIC', topic.name);
  return mayDelete ? null : { errorCode, message };
}

/** Who asked by the id hears the name where it may describe the topic. */
function named(
  reference: TopicReference,
  call: Call,
  { rights, metadata }: Services<'rights' | 'metadata'>,
): TopicReference {
  if (reference.name !== null || reference.id === null) return reference;
  const name = metadata.image.topicsById.get(reference.id)?.name;
  if (name === undefined || !rights.allows(call, 'DESCRIBE', 'TOPIC', name)) return reference;
  return { ...reference, name };
}

function answerFor(
  reference: TopicReference,
  { refused, result }: TopicOutcome<TopicMetadata>,
  version: number,
): Answer {
  if (refused !== null) {
    const { TOPIC_DELETION_DISABLED } = ERROR;
    const isUnknownToClient =
      version < DISABLED_KNOWN_SINCE && refused.errorCode === TOPIC_DELETION_DISABLED;
    const errorCode = isUnknownToClient ? ERROR.INVALID_REQUEST : refused.errorCode;
    return refusedTopic(reference, { errorCode, message: refused.message });
  }
  const { name, id } = result!;
  return { name, topicId: id, errorCode: 0, errorMessage: null };
}

function refusedTopic({ name, id }: TopicReference, refused: Refusal): Answer {
  const { errorCode, message } = refused;
  return { name, topicId: id ?? ZERO_UUID, errorCode, errorMessage: message };
}
