import { API } from '../../protocol/api-keys.ts';
import { forEach } from '../requests/needed-action.ts';
import { type GateServiceName, gated } from './gate.ts';
import { forOneGroup, forSeveralGroups } from './group-forwarding.ts';
import { offsetFetchGate } from './offset-gates.ts';

/** From this version on a request names any number of groups. */
const SEVERAL_SINCE = 8;

const NEEDS = [forEach('DESCRIBE', 'GROUP'), forEach('DESCRIBE', 'TOPIC')];

const ofOneGroup = forOneGroup({ key: API.OFFSET_FETCH, versions: '1-7', needs: NEEDS });

const ofSeveralGroups = forSeveralGroups({
  key: API.OFFSET_FETCH,
  versions: '8-10',
  needs: NEEDS,
  groupIds: (request) => request.groups.map(({ groupId }) => groupId),
  select: (request, indexes) => ({
    ...request,
    groups: indexes.map((index) => request.groups[index]!),
  }),
  merge: (answers) => ({
    topics: [],
    errorCode: 0,
    groups: answers.flatMap(({ groups }) => groups),
  }),
});

/** OffsetFetch (9), versions 1 to 10, served by the groups' coordinators. */
export const offsetFetch = gated<typeof API.OFFSET_FETCH, GateServiceName>(
  API.OFFSET_FETCH,
  {
    key: API.OFFSET_FETCH,
    versions: '1-10',
    needs: NEEDS,
    appends: true,
    handleRaw(body, call, services) {
      const handler = call.apiVersion < SEVERAL_SINCE ? ofOneGroup : ofSeveralGroups;
      return handler.handleRaw(body, call, services);
    },
  },
  offsetFetchGate,
);
