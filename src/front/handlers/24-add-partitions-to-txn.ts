import { API } from '../../protocol/api-keys.ts';
import { TRANSACTIONS_TOPIC } from '../groups/internal-topics.ts';
import { forEach, forRequest } from '../requests/needed-action.ts';
import { gated } from './gate.ts';
import { forSeveralGroups } from './group-forwarding.ts';
import { addPartitionsGate } from './transaction-gates.ts';

/**
 * AddPartitionsToTxn (24), versions 0 to 5. Up to version 3 clients send it for one transactional
 * id, from then on brokers for several, which may belong to several coordinators.
 */
export const addPartitionsToTxn = gated(
  API.ADD_PARTITIONS_TO_TXN,
  forSeveralGroups({
    key: API.ADD_PARTITIONS_TO_TXN,
    versions: '0-5',
    needs: [
      // From version 4 on.
      forRequest('CLUSTER_ACTION', 'CLUSTER'),
      // Up to version 3.
      forRequest('WRITE', 'TRANSACTIONAL_ID'),
      forEach('WRITE', 'TOPIC'),
    ],
    topic: TRANSACTIONS_TOPIC,
    groupIds: (request, version) => {
      if (version < 4) return [request.v3AndBelowTransactionalId];
      return request.transactions.map(({ transactionalId }) => transactionalId);
    },
    select: (request, indexes) => ({
      ...request,
      transactions: indexes.map((index) => request.transactions[index]!),
    }),
    merge: (answers) => ({
      errorCode: 0,
      resultsByTransaction: answers.flatMap(({ resultsByTransaction }) => resultsByTransaction),
      resultsByTopicV3AndBelow: [],
    }),
  }),
  addPartitionsGate,
);
