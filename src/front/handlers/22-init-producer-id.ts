import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { codecFor } from '../../protocol/api-registry.ts';
import type { InitProducerIdResponse } from '../../protocol/schema/22-init-producer-id.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import { TRANSACTIONS_TOPIC } from '../groups/internal-topics.ts';
import { ANSWERED_LATER } from '../requests/handler.ts';
import { anyOf, forRequest } from '../requests/needed-action.ts';
import { type GateServiceName, gated } from './gate.ts';
import { forwardOne } from './group-forwarding.ts';
import { orRefusal } from './partition-checks.ts';
import { initProducerGate } from './transaction-gates.ts';

const NONE = -1;

/**
 * InitProducerId (22), versions 0 to 5. An idempotent producer without a transactional id gets a
 * fresh id with epoch 0 with each call, also when an id and epoch are given. That is as in Kafka:
 * such producers raise their epoch by themselves. One with a transactional id is served by the
 * coordinator of that id. Version 6 is unstable, and Kafka 4.3 does not offer it either.
 */
export const initProducerId = gated<typeof API.INIT_PRODUCER_ID, GateServiceName | 'producerIds'>(
  API.INIT_PRODUCER_ID,
  {
    key: API.INIT_PRODUCER_ID,
    versions: '0-5',
    // The first is for requests with a transactional id, the second for those without one.
    needs: [
      forRequest('WRITE', 'TRANSACTIONAL_ID'),
      anyOf(forRequest('IDEMPOTENT_WRITE', 'CLUSTER'), forRequest('WRITE', 'TOPIC')),
    ],
    appends: true,
    handleRaw(body, call, services) {
      const decode = codecFor(API.INIT_PRODUCER_ID).request.decoder(call.apiVersion);
      const { transactionalId, producerId, producerEpoch } = decode(body, 0, body.length);
      if (transactionalId !== null) {
        forwardOne(transactionalId, body, call, services, TRANSACTIONS_TOPIC);
        return ANSWERED_LATER;
      }
      if ((producerId === NONE) !== (producerEpoch === NONE)) {
        services.replies.reply(call, refusal(ERROR.INVALID_REQUEST));
        return ANSWERED_LATER;
      }
      const granted = orRefusal(services.producerIds.next().then(grant), () =>
        refusal(ERROR.COORDINATOR_NOT_AVAILABLE),
      );
      return granted.then((answer) => services.replies.reply(call, answer));
    },
  },
  initProducerGate,
);

function grant(producerId: number): Unthrottled<InitProducerIdResponse> {
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
