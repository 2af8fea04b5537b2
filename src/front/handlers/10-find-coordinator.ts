import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  FindCoordinatorResponseCoordinator,
} from '../../protocol/schema/10-find-coordinator.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import {
  type CoordinatorTopicServices,
  coordinatorIdOf,
  promiseCoordinators,
} from '../groups/coordinator-topic.ts';
import {
  type CoordinatorTopic,
  GROUPS_TOPIC,
  TRANSACTIONS_TOPIC,
} from '../groups/internal-topics.ts';
import type { Call } from '../net/call.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { orRefusal } from './partition-checks.ts';

/** By key type. */
const TOPICS: readonly CoordinatorTopic[] = [GROUPS_TOPIC, TRANSACTIONS_TOPIC];
const BATCHED_SINCE = 4;

type ServiceName = 'rights' | 'endpoints' | keyof CoordinatorTopicServices;
type Needed = Services<ServiceName>;
type Answer = FindCoordinatorResponseCoordinator;

/** FindCoordinator (10), versions 0 to 6, for groups and transactional ids. */
export const findCoordinator: Handler<
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  ServiceName
> = {
  key: API.FIND_COORDINATOR,
  versions: '0-6',
  needs: [forEach('DESCRIBE', 'GROUP'), forEach('DESCRIBE', 'TRANSACTIONAL_ID')],
  async handle(request, call, services) {
    const isBatched = call.apiVersion >= BATCHED_SINCE;
    const keys = isBatched ? request.coordinatorKeys : [request.key];
    const topic = TOPICS[request.keyType];
    const allowed = new Set(keys.filter((key) => isAllowed(request.keyType, key, call, services)));
    const refused = await refusalOf(topic, request.keyType, [...allowed], services);
    const coordinators = keys.map((key) => {
      if (!allowed.has(key)) return refuse(key, DENIALS[request.keyType]!);
      return refused === null ? coordinatorOf(topic!, key, call, services) : refuse(key, refused);
    });
    if (isBatched) return { ...NO_ANSWER, coordinators };
    const { nodeId, host, port, errorCode, errorMessage } = coordinators[0]!;
    return { ...NO_ANSWER, nodeId, host, port, errorCode, errorMessage };
  },
};

/** The fields of other versions keep their defaults. */
const NO_ANSWER: Unthrottled<FindCoordinatorResponse> = {
  errorCode: 0,
  errorMessage: null,
  nodeId: 0,
  host: '',
  port: 0,
  coordinators: [],
};

interface CoordinatorRefusal {
  readonly errorCode: number;
  readonly message: string;
}

/** By key type, as the topics. */
const RESOURCES = ['GROUP', 'TRANSACTIONAL_ID'] as const;
const DENIALS: readonly CoordinatorRefusal[] = [
  ERROR.GROUP_AUTHORIZATION_FAILED,
  ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
].map((errorCode) => ({ errorCode, message: errorMessage(errorCode) }));

function isAllowed(keyType: number, key: string, call: Call, { rights }: Needed): boolean {
  const resource = RESOURCES[keyType];
  return resource === undefined || rights.allowsNamed(call, 'DESCRIBE', resource, key);
}

const NOT_AVAILABLE: CoordinatorRefusal = {
  errorCode: ERROR.COORDINATOR_NOT_AVAILABLE,
  message: errorMessage(ERROR.COORDINATOR_NOT_AVAILABLE),
};

async function refusalOf(
  topic: CoordinatorTopic | undefined,
  keyType: number,
  keys: readonly string[],
  services: CoordinatorTopicServices,
): Promise<CoordinatorRefusal | null> {
  if (topic === undefined) {
    const message = `This broker has no coordinators of type ${keyType}.`;
    return { errorCode: ERROR.INVALID_REQUEST, message };
  }
  const isPromised = await orRefusal(promiseCoordinators(topic, keys, services), () => false);
  return isPromised ? null : NOT_AVAILABLE;
}

function refuse(key: string, { errorCode, message }: CoordinatorRefusal): Answer {
  return { key, nodeId: -1, host: '', port: -1, errorCode, errorMessage: message };
}

/** The coordinator is on the node that leads the partition of its topic. */
function coordinatorOf(
  topic: CoordinatorTopic,
  key: string,
  call: Call,
  { metadata, endpoints }: Needed,
): Answer {
  const endpoint = endpoints.nodeFor(coordinatorIdOf(metadata.image, topic, key), call);
  if (endpoint === null) return refuse(key, NOT_AVAILABLE);
  const { nodeId, host, port } = endpoint;
  return { key, nodeId, host, port, errorCode: 0, errorMessage: '' };
}
