import { ALL_SLOTS } from '../../exchange/messages.ts';
import { API } from '../../protocol/api-keys.ts';
import { anyOf, toSee } from '../requests/needed-action.ts';
import { type GateServiceName, gated } from './gate.ts';
import { askWorker } from './group-forwarding.ts';
import { listGate } from './group-gates.ts';

/** ListGroups (16), versions 0 to 5: every worker lists the groups that it coordinates. */
export const listGroups = gated<typeof API.LIST_GROUPS, GateServiceName>(
  API.LIST_GROUPS,
  {
    key: API.LIST_GROUPS,
    versions: '0-5',
    needs: [anyOf(toSee('DESCRIBE', 'CLUSTER'), toSee('DESCRIBE', 'GROUP'))],
    async handleRaw(body, call, services) {
      const workers = Array.from({ length: services.workers.workerCount }, (_, worker) => worker);
      const answers = await Promise.all(
        workers.map((worker) => {
          return askWorker(API.LIST_GROUPS, worker, ALL_SLOTS, body, call, services);
        }),
      );
      services.replies.reply(call, {
        errorCode: answers.find(({ errorCode }) => errorCode !== 0)?.errorCode ?? 0,
        groups: answers.flatMap(({ groups }) => groups),
      });
    },
  },
  listGate,
);
