import { API } from '../../protocol/api-keys.ts';
import { TRANSACTIONS_TOPIC } from '../groups/internal-topics.ts';
import { forRequest } from '../requests/needed-action.ts';
import { gated } from './gate.ts';
import { forOneGroup } from './group-forwarding.ts';
import { endTxnGate } from './transaction-gates.ts';

/**
 * EndTxn (26), versions 0 to 5, served by the coordinator of the transactional id. It is answered
 * when the decision is in the coordinator's log.
 */
export const endTxn = gated(
  API.END_TXN,
  forOneGroup({
    key: API.END_TXN,
    versions: '0-5',
    needs: [forRequest('WRITE', 'TRANSACTIONAL_ID')],
    topic: TRANSACTIONS_TOPIC,
  }),
  endTxnGate,
);
