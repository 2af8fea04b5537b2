import { API } from '../../protocol/api-keys.ts';
import { codecFor } from '../../protocol/api-registry.ts';
import { GROUPS_TOPIC, TRANSACTIONS_TOPIC } from '../groups/internal-topics.ts';
import { ANSWERED_LATER } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { type GateServiceName, gated } from './gate.ts';
import { forwardOne, madeTopic } from './group-forwarding.ts';
import { addOffsetsGate } from './transaction-gates.ts';

/**
 * AddOffsetsToTxn (25), versions 0 to 4, served by the coordinator of the transactional id. The
 * group's partition must exist to be part of the transaction.
 */
export const addOffsetsToTxn = gated<typeof API.ADD_OFFSETS_TO_TXN, GateServiceName>(
  API.ADD_OFFSETS_TO_TXN,
  {
    key: API.ADD_OFFSETS_TO_TXN,
    versions: '0-4',
    needs: [forRequest('WRITE', 'TRANSACTIONAL_ID'), forRequest('READ', 'GROUP')],
    appends: true,
    handleRaw(body, call, services) {
      const decode = codecFor(API.ADD_OFFSETS_TO_TXN).request.decoder(call.apiVersion);
      const { transactionalId } = decode(body, 0, body.length);
      if (services.partitions.topicByName(GROUPS_TOPIC.name) !== undefined) {
        forwardOne(transactionalId, body, call, services, TRANSACTIONS_TOPIC);
        return ANSWERED_LATER;
      }
      const copy = Buffer.from(body);
      return madeTopic(GROUPS_TOPIC, services).then(() => {
        forwardOne(transactionalId, copy, call, services, TRANSACTIONS_TOPIC);
      });
    },
  },
  addOffsetsGate,
);
