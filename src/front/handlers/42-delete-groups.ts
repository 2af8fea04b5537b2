import { API } from '../../protocol/api-keys.ts';
import { forEach } from '../requests/needed-action.ts';
import { gated } from './gate.ts';
import { forSeveralGroups } from './group-forwarding.ts';
import { deleteGate } from './group-gates.ts';

/** DeleteGroups (42), versions 0 to 2, served by the groups' coordinators. */
export const deleteGroups = gated(
  API.DELETE_GROUPS,
  forSeveralGroups({
    key: API.DELETE_GROUPS,
    versions: '0-2',
    needs: [forEach('DELETE', 'GROUP')],
    groupIds: (request) => request.groupsNames,
    select: (request, indexes) => ({
      groupsNames: indexes.map((index) => request.groupsNames[index]!),
    }),
    merge: (answers) => ({
      results: answers.flatMap(({ results }) => results),
    }),
  }),
  deleteGate,
);
