import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { NO_LEADER } from '../../metadata/image.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  FindCoordinatorResponseCoordinator,
} from '../../protocol/schema/10-find-coordinator.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import {
  type GroupTopicServices,
  OFFSETS_TOPIC,
  offsetsPartitionOf,
  promiseCoordinators,
} from '../groups/offsets-topic.ts';
import type { Call } from '../net/call.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { orRefusal } from './partition-checks.ts';

const GROUP = 0;
const TRANSACTION = 1;
const BATCHED_SINCE = 4;

type ServiceName = 'endpoints' | keyof GroupTopicServices;
type Needed = Services<ServiceName>;
type Answer = FindCoordinatorResponseCoordinator;

/**
 * FindCoordinator (10), versions 0 to 6. Transactional ids are refused with the one error that
 * every client takes as final: librdkafka asks again after any other.
 */
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
    const refused = await refusalOf(request.keyType, keys, services);
    const coordinators = keys.map((key) => {
      return refused === null ? coordinatorOf(key, call, services) : refuse(key, refused);
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

const NOT_AVAILABLE: CoordinatorRefusal = {
  errorCode: ERROR.COORDINATOR_NOT_AVAILABLE,
  message: errorMessage(ERROR.COORDINATOR_NOT_AVAILABLE),
};

async function refusalOf(
  keyType: number,
  keys: readonly string[],
  services: GroupTopicServices,
): Promise<CoordinatorRefusal | null> {
  if (keyType === TRANSACTION) {
    const errorCode = ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    return { errorCode, message: 'This broker does not serve transactions.' };
  }
  if (keyType !== GROUP) {
    const message = `This broker has no coordinators of type ${keyType}.`;
    return { errorCode: ERROR.INVALID_REQUEST, message };
  }
  const isPromised = await orRefusal(promiseCoordinators(keys, services), () => false);
  return isPromised ? null : NOT_AVAILABLE;
}

function refuse(key: string, { errorCode, message }: CoordinatorRefusal): Answer {
  return { key, nodeId: -1, host: '', port: -1, errorCode, errorMessage: message };
}

/** The coordinator is on the node that leads the group's partition. */
function coordinatorOf(key: string, call: Call, { metadata, endpoints }: Needed): Answer {
  const partitions = metadata.image.topicsByName.get(OFFSETS_TOPIC)?.partitions ?? [];
  const partition = partitions[offsetsPartitionOf(key, partitions.length)];
  const endpoint = endpoints.nodeFor(partition?.leader ?? NO_LEADER, call);
  if (endpoint === null) return refuse(key, NOT_AVAILABLE);
  const { nodeId, host, port } = endpoint;
  return { key, nodeId, host, port, errorCode: 0, errorMessage: '' };
}
