import { ERROR } from '../../base/kafka-errors.ts';
import type { API } from '../../protocol/api-keys.ts';
import type * as describe from '../../protocol/schema/89-streams-group-describe.ts';
import { OPERATIONS_NOT_ASKED } from './authorized-operations.ts';
import type { Gate } from './gate.ts';
import { allowOnly, splitGroups } from './group-gates.ts';

type DescribedGroup = describe.StreamsGroupDescribeResponseDescribedGroup;

const HIDDEN_TOPICS =
  'The described group uses topics that the client is not authorized to describe.';

/** Of a group whose topics the client may not see nothing is told. */
export const describeStreamsGate: Gate<typeof API.STREAMS_GROUP_DESCRIBE> = (request, permits) => {
  const [allowed, denied] = splitGroups(request.groupIds, 'DESCRIBE', permits);
  const refused = denied.map((groupId) => {
    return refusedStreamsGroup(groupId, ERROR.GROUP_AUTHORIZATION_FAILED);
  });
  return {
    passed: allowed.length === 0 && denied.length > 0 ? null : { ...request, groupIds: allowed },
    complete: (answer) => {
      const described = (answer?.groups ?? []).map((group) => {
        if (topicsOf(group).every((name) => permits.allows('DESCRIBE', 'TOPIC', name))) {
          if (group.errorCode === ERROR.NONE) allowOnly(group, permits);
          return group;
        }
        const code = ERROR.TOPIC_AUTHORIZATION_FAILED;
        return refusedStreamsGroup(group.groupId, code, HIDDEN_TOPICS);
      });
      return { groups: [...refused, ...described] };
    },
  };
};

export function refusedStreamsGroup(
  groupId: string,
  errorCode: number,
  errorMessage: string | null = null,
): DescribedGroup {
  return {
    errorCode,
    errorMessage,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    topology: null,
    members: [],
    authorizedOperations: OPERATIONS_NOT_ASKED,
  };
}

function topicsOf({ topology }: DescribedGroup): string[] {
  return (topology?.subtopologies ?? []).flatMap((each) => [
    ...each.sourceTopics,
    ...each.repartitionSinkTopics,
    ...each.repartitionSourceTopics.map(({ name }) => name),
    ...each.stateChangelogTopics.map(({ name }) => name),
  ]);
}
