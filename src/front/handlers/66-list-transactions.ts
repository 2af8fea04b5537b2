import { ALL_SLOTS } from '../../exchange/messages.ts';
import { API } from '../../protocol/api-keys.ts';
import { toSee } from '../requests/needed-action.ts';
import { type GateServiceName, gated } from './gate.ts';
import { askWorker } from './group-forwarding.ts';
import { listTransactionsGate } from './transaction-gates.ts';

/** ListTransactions (66), versions 0 to 2: every worker lists those that it coordinates. */
export const listTransactions = gated<typeof API.LIST_TRANSACTIONS, GateServiceName>(
  API.LIST_TRANSACTIONS,
  {
    key: API.LIST_TRANSACTIONS,
    versions: '0-2',
    needs: [toSee('DESCRIBE', 'TRANSACTIONAL_ID')],
    async handleRaw(body, call, services) {
      const workers = Array.from({ length: services.workers.workerCount }, (_, worker) => worker);
      const answers = await Promise.all(
        workers.map((worker) => {
          return askWorker(API.LIST_TRANSACTIONS, worker, ALL_SLOTS, body, call, services);
        }),
      );
      const errorCode = answers.find((answer) => answer.errorCode !== 0)?.errorCode ?? 0;
      const unknown = new Set(answers.flatMap(({ unknownStateFilters }) => unknownStateFilters));
      services.replies.reply(call, {
        errorCode,
        unknownStateFilters: [...unknown],
        transactionStates:
          errorCode === 0 ? answers.flatMap(({ transactionStates }) => transactionStates) : [],
      });
    },
  },
  listTransactionsGate,
);
