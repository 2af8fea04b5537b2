import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  FindCoordinatorResponseCoordinator,
} from '../../protocol/schema/10-find-coordinator.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import { type GroupTopicServices, promiseCoordinators } from '../groups/offsets-topic.ts';
import type { BrokerEndpoint } from '../net/endpoints.ts';
import type { Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { orRefusal } from './partition-checks.ts';

const GROUP = 0;
const TRANSACTION = 1;
const BATCHED_SINCE = 4;

type Answer = FindCoordinatorResponseCoordinator;

/**
 * FindCoordinator (10), versions 0 to 6. Every group is coordinated here. Transactional ids are
 * refused with the error that every client takes as final, librdkafka included, which goes on
 * asking after any other.
 */
export const findCoordinator: Handler<
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  'endpoints' | keyof GroupTopicServices
> = {
  key: API.FIND_COORDINATOR,
  versions: '0-6',
  needs: [forEach('DESCRIBE', 'GROUP'), forEach('DESCRIBE', 'TRANSACTIONAL_ID')],
  async handle(request, call, services) {
    const isBatched = call.apiVersion >= BATCHED_SINCE;
    const keys = isBatched ? request.coordinatorKeys : [request.key];
    const refused = await refusalOf(request.keyType, keys, services);
    const here = services.endpoints.brokerFor(call);
    const coordinators = keys.map((key) => answerFor(key, refused, here));
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
  const errorCode = ERROR.COORDINATOR_NOT_AVAILABLE;
  const isPromised = await orRefusal(promiseCoordinators(keys, services), () => false);
  return isPromised ? null : { errorCode, message: errorMessage(errorCode) };
}

function answerFor(
  key: string,
  refused: CoordinatorRefusal | null,
  { nodeId, host, port }: BrokerEndpoint,
): Answer {
  if (refused !== null) {
    const { errorCode, message } = refused;
    return { key, nodeId: -1, host: '', port: -1, errorCode, errorMessage: message };
  }
  return { key, nodeId, host, port, errorCode: 0, errorMessage: '' };
}
