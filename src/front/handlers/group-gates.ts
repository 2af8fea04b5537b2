import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { API } from '../../protocol/api-keys.ts';
import type * as describe from '../../protocol/schema/15-describe-groups.ts';
import type * as consumer from '../../protocol/schema/69-consumer-group-describe.ts';
import type { Operation } from '../requests/needed-action.ts';
import {
  authorizedOperations,
  GROUP_OPERATION_NAMES,
  OPERATIONS_NOT_ASKED,
} from './authorized-operations.ts';
import type { Gate, Permits } from './gate.ts';

/** The gates of requests about groups, but for those about their offsets. */

const errorCode = ERROR.GROUP_AUTHORIZATION_FAILED;
const NO_ID = '';
const NO_BYTES = Buffer.alloc(0);

function isReader(groupId: string, permits: Permits): boolean {
  return permits.allows('READ', 'GROUP', groupId);
}

export const joinGate: Gate<typeof API.JOIN_GROUP> = ({ groupId, memberId }, permits) => {
  if (isReader(groupId, permits)) return null;
  const none = { protocolType: null, leader: NO_ID, skipAssignment: false, members: [] };
  // Clients before version 7 know no protocol that is null.
  const protocolName = permits.version >= 7 ? null : NO_ID;
  return refusal({ ...none, errorCode, generationId: -1, protocolName, memberId });
};

export const syncGate: Gate<typeof API.SYNC_GROUP> = (request, permits) => {
  const { groupId, protocolType, protocolName } = request;
  // A request without them is refused by the coordinator, whoever sends it.
  const isWhole = permits.version < 5 || (protocolType !== null && protocolName !== null);
  if (!isWhole || isReader(groupId, permits)) return null;
  return refusal({ errorCode, protocolType: null, protocolName: null, assignment: NO_BYTES });
};

export const heartbeatGate: Gate<typeof API.HEARTBEAT> = ({ groupId }, permits) => {
  return isReader(groupId, permits) ? null : refusal({ errorCode });
};

export const leaveGate: Gate<typeof API.LEAVE_GROUP> = ({ groupId }, permits) => {
  return isReader(groupId, permits) ? null : refusal({ errorCode, members: [] });
};

export const consumerHeartbeatGate: Gate<typeof API.CONSUMER_GROUP_HEARTBEAT> = (
  { groupId, subscribedTopicNames },
  permits,
) => {
  const none = { memberId: null, memberEpoch: 0, heartbeatIntervalMs: 0, assignment: null };
  const refuse = (code: number) => {
    return refusal({ ...none, errorCode: code, errorMessage: errorMessage(code) });
  };
  if (!isReader(groupId, permits)) return refuse(errorCode);
  const names = subscribedTopicNames ?? [];
  if (names.every((name) => permits.allows('DESCRIBE', 'TOPIC', name))) return null;
  return refuse(ERROR.TOPIC_AUTHORIZATION_FAILED);
};

export const listGate: Gate<typeof API.LIST_GROUPS> = (request, permits) => {
  if (permits.allowsOnCluster('DESCRIBE')) return null;
  return {
    passed: request,
    complete: (answer) => {
      const { errorCode: code, groups } = answer!;
      const shown = groups.filter(({ groupId }) => permits.allows('DESCRIBE', 'GROUP', groupId));
      return { errorCode: code, groups: shown };
    },
  };
};

export const deleteGate: Gate<typeof API.DELETE_GROUPS> = ({ groupsNames }, permits) => {
  const [allowed, denied] = splitGroups(groupsNames, 'DELETE', permits);
  if (denied.length === 0) return null;
  const refused = denied.map((groupId) => ({ groupId, errorCode }));
  return {
    passed: allowed.length === 0 ? null : { groupsNames: allowed },
    complete: (answer) => ({ results: [...refused, ...(answer?.results ?? [])] }),
  };
};

export const describeGate: Gate<typeof API.DESCRIBE_GROUPS> = (request, permits) => {
  const [allowed, denied] = splitGroups(request.groups, 'DESCRIBE', permits);
  const refused = denied.map(refusedDescription);
  return {
    passed: allowed.length === 0 && denied.length > 0 ? null : { ...request, groups: allowed },
    complete: (answer) => {
      const described = answer?.groups ?? [];
      for (const group of described) allowOnly(group, permits);
      return { groups: [...refused, ...described] };
    },
  };
};

export const describeConsumerGate: Gate<typeof API.CONSUMER_GROUP_DESCRIBE> = (
  request,
  permits,
) => {
  const [allowed, denied] = splitGroups(request.groupIds, 'DESCRIBE', permits);
  const refused = denied.map((groupId) => refusedConsumerGroup(groupId, errorCode));
  return {
    passed: allowed.length === 0 && denied.length > 0 ? null : { ...request, groupIds: allowed },
    complete: (answer) => {
      const described = (answer?.groups ?? []).map((group) => {
        if (topicsOf(group).every((name) => permits.allows('DESCRIBE', 'TOPIC', name))) {
          allowOnly(group, permits);
          return group;
        }
        const code = ERROR.TOPIC_AUTHORIZATION_FAILED;
        return refusedConsumerGroup(group.groupId, code, HIDDEN_TOPICS);
      });
      return { groups: [...refused, ...described] };
    },
  };
};

const HIDDEN_TOPICS =
  'The group has described topic(s) that the client is not authorized to describe.';

export function refusal<Answer>(answer: Answer) {
  return { passed: null, complete: () => answer };
}

export function splitGroups(groupIds: readonly string[], operation: Operation, permits: Permits) {
  const allowed: string[] = [];
  const denied: string[] = [];
  for (const groupId of groupIds) {
    (permits.allows(operation, 'GROUP', groupId) ? allowed : denied).push(groupId);
  }
  return [allowed, denied] as const;
}

/** The coordinator tells all operations that groups have, where the client asked for them. */
export function allowOnly(
  group: { authorizedOperations: number; groupId: string },
  permits: Permits,
) {
  if (group.authorizedOperations === OPERATIONS_NOT_ASKED) return;
  group.authorizedOperations = authorizedOperations(GROUP_OPERATION_NAMES, (operation) =>
    permits.allows(operation, 'GROUP', group.groupId),
  );
}

function refusedDescription(groupId: string): describe.DescribeGroupsResponseDescribedGroup {
  return {
    errorCode,
    errorMessage: null,
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [],
    authorizedOperations: OPERATIONS_NOT_ASKED,
  };
}

function refusedConsumerGroup(
  groupId: string,
  code: number,
  message: string | null = null,
): consumer.ConsumerGroupDescribeResponseDescribedGroup {
  return {
    errorCode: code,
    errorMessage: message,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
    authorizedOperations: OPERATIONS_NOT_ASKED,
  };
}

function topicsOf(group: consumer.ConsumerGroupDescribeResponseDescribedGroup): string[] {
  return group.members.flatMap(({ subscribedTopicNames, assignment, targetAssignment }) => [
    ...subscribedTopicNames,
    ...assignment.topicPartitions.map(({ topicName }) => topicName),
    ...targetAssignment.topicPartitions.map(({ topicName }) => topicName),
  ]);
}
