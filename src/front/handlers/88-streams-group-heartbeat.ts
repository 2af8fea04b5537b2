import { ERROR } from '../../base/kafka-errors.ts';
import { answerPartsOf, TOPICS_VERSION } from '../../exchange/answer-parts.ts';
import { resolveGroupConfig } from '../../metadata/config/group-config.ts';
import { NO_CONFIGS } from '../../metadata/image.ts';
import { errorOfTopicName, isInternalTopic } from '../../metadata/topic-name.ts';
import { API } from '../../protocol/api-keys.ts';
import { codecFor } from '../../protocol/api-registry.ts';
import { refusedStreamsHeartbeat } from '../../protocol/group-refusals.ts';
import { decodeMessage } from '../../protocol/message-bytes.ts';
import type { CreateTopicsRequest } from '../../protocol/schema/19-create-topics.ts';
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from '../../protocol/schema/88-streams-group-heartbeat.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Call } from '../net/call.ts';
import type { Replies } from '../requests/front-replies.ts';
import type { Services } from '../requests/front-services.ts';
import { ANSWERED_LATER, type RawHandler } from '../requests/handler.ts';
import { anyOf, forEach, forRequest } from '../requests/needed-action.ts';
import { forwardOne, type GroupServiceName } from './group-forwarding.ts';
import { topicsOf } from './streams-gate.ts';
import { servesStreams } from './streams-protocol.ts';

type ServiceName = GroupServiceName | 'rights' | 'features' | 'streamsTopics';
type Needed = Services<ServiceName>;
type Response = Unthrottled<StreamsGroupHeartbeatResponse>;
type Topics = CreateTopicsRequest['topics'];

/** The status of a group that has internal topics to be made. */
const MISSING_INTERNAL_TOPICS = 3;
/** Failures that are told of. */
const FAILURES_SHOWN = 3;

/**
 * StreamsGroupHeartbeat (88), version 0, served by the group's coordinator. The coordinator decides
 * which internal topics are missing. They are made here, with the rights of the client.
 */
export const streamsGroupHeartbeat: RawHandler<ServiceName> = {
  key: API.STREAMS_GROUP_HEARTBEAT,
  versions: '0',
  needs: [
    forRequest('READ', 'GROUP'),
    forRequest('DESCRIBE', 'TOPIC'),
    anyOf(forRequest('CREATE', 'CLUSTER'), forEach('CREATE', 'TOPIC')),
  ],
  appends: true,
  handleRaw(body, call, services) {
    const { request } = codecFor(API.STREAMS_GROUP_HEARTBEAT);
    const asked = request.decoder(call.apiVersion)(body, 0, body.length);
    const refused = refusalOf(asked, call, services);
    if (refused !== null) {
      services.replies.reply(call, refused);
      return ANSWERED_LATER;
    }
    const replies = new TopicMakingReplies(asked.groupId, services);
    const making: Needed = Object.create(services, { replies: { value: replies } });
    forwardOne(asked.groupId, body, call, making);
    return ANSWERED_LATER;
  },
};

/** Null where the request may pass. */
function refusalOf(
  { groupId, topology }: StreamsGroupHeartbeatRequest,
  call: Call,
  services: Needed,
): Response | null {
  if (!servesStreams(services)) return refusedStreamsHeartbeat(ERROR.UNSUPPORTED_VERSION);
  const { rights } = services;
  if (!rights.allows(call, 'READ', 'GROUP', groupId)) {
    return refusedStreamsHeartbeat(ERROR.GROUP_AUTHORIZATION_FAILED);
  }
  const names = [...new Set(topicsOf(topology))];
  const internal = names.filter(isInternalTopic);
  if (internal.length > 0) {
    const topics = `Kafka internal topics ${internal.join(',')}`;
    const message = `Use of ${topics} in a Kafka Streams topology is prohibited.`;
    return refusedStreamsHeartbeat(ERROR.STREAMS_INVALID_TOPOLOGY, message);
  }
  const invalid = names.filter((name) => errorOfTopicName(name) !== null);
  if (invalid.length > 0) {
    const message = `Topic names ${invalid.join(',')} are not valid topic names.`;
    return refusedStreamsHeartbeat(ERROR.STREAMS_INVALID_TOPOLOGY, message);
  }
  const isAllowed = names.every((name) => rights.allows(call, 'DESCRIBE', 'TOPIC', name));
  return isAllowed ? null : refusedStreamsHeartbeat(ERROR.TOPIC_AUTHORIZATION_FAILED);
}

/** Has the topics made that a coordinator asks for with its answer. */
class TopicMakingReplies implements Replies {
  readonly #groupId: string;
  readonly #services: Needed;

  constructor(groupId: string, services: Needed) {
    this.#groupId = groupId;
    this.#services = services;
  }

  replyBody(call: Call, body: Buffer): void {
    const { response, topics } = answerPartsOf(body);
    if (topics.length === 0) {
      this.#services.replies.replyBody(call, response);
      return;
    }
    const heartbeat = codecFor(API.STREAMS_GROUP_HEARTBEAT).response.schema;
    const creation = codecFor(API.CREATE_TOPICS).request.schema;
    const answer = decodeMessage(heartbeat, call.apiVersion, response);
    const wanted = decodeMessage(creation, TOPICS_VERSION, topics).topics;
    const detail = this.#make(wanted, call);
    const status = answer.status!.find((each) => each.statusCode === MISSING_INTERNAL_TOPICS)!;
    status.statusDetail += detail;
    this.#services.replies.reply(call, answer);
  }

  /** Answers what there is to tell of it. */
  #make(topics: Topics, call: Call): string {
    const { rights, metadata, streamsTopics } = this.#services;
    const mayCreateAll = rights.allowsOnCluster(call, 'CREATE');
    const denied = mayCreateAll
      ? []
      : topics.filter(({ name }) => !rights.allows(call, 'CREATE', 'TOPIC', name));
    if (denied.length > 0) {
      return `; Unauthorized to CREATE on topics ${denied.map(({ name }) => name).join(', ')}.`;
    }
    const own = metadata.image.groupConfigs.get(this.#groupId) ?? NO_CONFIGS;
    const { heartbeatIntervalMs } = resolveGroupConfig(own, metadata.config).streams;
    const wanted = topics.map(({ name, numPartitions, replicationFactor, configs }) => {
      return { name, partitions: numPartitions, replicationFactor, configs };
    });
    streamsTopics.make(wanted, 2 * heartbeatIntervalMs);
    const failed = topics.flatMap(({ name }) => {
      const reason = streamsTopics.failureOf(name);
      return reason === null ? [] : [`${name} (${reason})`];
    });
    if (failed.length === 0) return '';
    const shown = failed.slice(0, FAILURES_SHOWN).join(', ');
    const more = failed.length - FAILURES_SHOWN;
    return `; Creation failed: ${shown}${more > 0 ? ` and ${more} more` : ''}.`;
  }

  reply(call: Call, response: object): void {
    this.#services.replies.reply(call, response);
  }

  fail(call: Call, thrown: unknown): void {
    this.#services.replies.fail(call, thrown);
  }

  readFailure(...failure: Parameters<Replies['readFailure']>): number {
    return this.#services.replies.readFailure(...failure);
  }
}
