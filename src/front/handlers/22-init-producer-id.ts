import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  InitProducerIdRequest,
  InitProducerIdResponse,
} from '../../protocol/schema/22-init-producer-id.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Handler } from '../requests/handler.ts';
import { anyOf, forRequest } from '../requests/needed-action.ts';
import { orRefusal } from './partition-checks.ts';

const NONE = -1;

/**
 * InitProducerId (22), versions 0 to 5, for idempotent producers. Each call gets a fresh id with
 * epoch 0, also when an id and epoch are given. That is as in Kafka: such producers raise their
 * epoch by themselves. A transactional id is refused with the error that every client takes as
 * final.
 */
export const initProducerId: Handler<InitProducerIdRequest, InitProducerIdResponse, 'producerIds'> =
  {
    key: API.INIT_PRODUCER_ID,
    versions: '0-5',
    // The first is for requests with a transactional id, the second for those without one.
    needs: [
      forRequest('WRITE', 'TRANSACTIONAL_ID'),
      anyOf(forRequest('IDEMPOTENT_WRITE', 'CLUSTER'), forRequest('WRITE', 'TOPIC')),
    ],
    async handle(request, _call, services) {
      const { transactionalId, producerId, producerEpoch } = request;
      if ((producerId === NONE) !== (producerEpoch === NONE)) return refusal(ERROR.INVALID_REQUEST);
      if (transactionalId === '') return refusal(ERROR.INVALID_REQUEST);
      if (transactionalId !== null) return refusal(ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
      return orRefusal(services.producerIds.next().then(granted), () =>
        refusal(ERROR.COORDINATOR_NOT_AVAILABLE),
      );
    },
  };

function granted(producerId: number): Unthrottled<InitProducerIdResponse> {
  return { ...refusal(0), producerId, producerEpoch: 0 };
}

function refusal(errorCode: number): Unthrottled<InitProducerIdResponse> {
  return {
    errorCode,
    producerId: NONE,
    producerEpoch: NONE,
    ongoingTxnProducerId: NONE,
    ongoingTxnProducerEpoch: NONE,
  };
}
