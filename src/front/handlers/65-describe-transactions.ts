import { API } from '../../protocol/api-keys.ts';
import { TRANSACTIONS_TOPIC } from '../groups/internal-topics.ts';
import { forEach, toSee } from '../requests/needed-action.ts';
import { gated } from './gate.ts';
import { forSeveralGroups } from './group-forwarding.ts';
import { describeTransactionsGate } from './transaction-gates.ts';

/** DescribeTransactions (65), version 0, served by the coordinators of the transactional ids. */
export const describeTransactions = gated(
  API.DESCRIBE_TRANSACTIONS,
  forSeveralGroups({
    key: API.DESCRIBE_TRANSACTIONS,
    versions: '0',
    needs: [forEach('DESCRIBE', 'TRANSACTIONAL_ID'), toSee('DESCRIBE', 'TOPIC')],
    topic: TRANSACTIONS_TOPIC,
    groupIds: (request) => request.transactionalIds,
    select: (request, indexes) => ({
      ...request,
      transactionalIds: indexes.map((index) => request.transactionalIds[index]!),
    }),
    merge: (answers) => ({
      transactionStates: answers.flatMap(({ transactionStates }) => transactionStates),
    }),
  }),
  describeTransactionsGate,
);
