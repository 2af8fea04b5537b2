import { API } from '../../protocol/api-keys.ts';
import { forEach } from '../requests/needed-action.ts';
import { gated } from './gate.ts';
import { forSeveralGroups } from './group-forwarding.ts';
import { describeGate } from './group-gates.ts';

/** DescribeGroups (15), versions 0 to 6, served by the groups' coordinators. */
export const describeGroups = gated(
  API.DESCRIBE_GROUPS,
  forSeveralGroups({
    key: API.DESCRIBE_GROUPS,
    versions: '0-6',
    needs: [forEach('DESCRIBE', 'GROUP')],
    groupIds: (request) => request.groups,
    select: (request, indexes) => ({
      ...request,
      groups: indexes.map((index) => request.groups[index]!),
    }),
    merge: (answers) => ({
      groups: answers.flatMap(({ groups }) => groups),
    }),
  }),
  describeGate,
);
