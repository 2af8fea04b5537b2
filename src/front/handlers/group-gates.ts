import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { API } from '../../protocol/api-keys.ts';
import {
  refusedClassicGroup,
  refusedConsumerGroup,
  refusedConsumerHeartbeat,
} from '../../protocol/group-refusals.ts';
import { OPERATIONS_NOT_ASKED } from '../../protocol/operations-not-asked.ts';
import type * as consumer from '../../protocol/schema/69-consumer-group-describe.ts';
import type { Operation } from '../requests/needed-action.ts';
import { authorizedOperations, GROUP_OPERATION_NAMES } from './authorized-operations.ts';
import type { Gate, Passage, Permits } from './gate.ts';

/** The gates of requests about groups, but for those about their offsets. */

const errorCode = ERROR.GROUP_AUTHORIZATION_FAILED;
const NO_ID = '';
const NO_BYTES = Buffer.alloc(0);

interface DescribedGroup {
  readonly groupId: string;
  authorizedOperations: number;
}

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
  const refuse = (code: number) => refusal(refusedConsumerHeartbeat(code, errorMessage(code)));
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
  const refused = denied.map((groupId) => refusedClassicGroup(groupId, errorCode));
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
  return passDescriptions(request, permits, {
    topicsOf,
    refused: refusedConsumerGroup,
    hiddenTopics: 'The group has described topic(s) that the client is not authorized to describe.',
  });
};

/** What the descriptions of one kind of group tell of topics. */
interface Descriptions<Group> {
  readonly topicsOf: (group: Group) => readonly string[];
  readonly refused: (groupId: string, errorCode: number, errorMessage?: string) => Group;
  /** Said to a client that may not see one of the topics. */
  readonly hiddenTopics: string;
}

/** Of a group whose topics the client may not see nothing is told. */
export function passDescriptions<
  Request extends { readonly groupIds: string[] },
  Group extends DescribedGroup,
>(
  request: Request,
  permits: Permits,
  descriptions: Descriptions<Group>,
): Passage<Request, { groups: Group[] }> {
  const [allowed, denied] = splitGroups(request.groupIds, 'DESCRIBE', permits);
  const refused = denied.map((groupId) => descriptions.refused(groupId, errorCode));
  return {
    passed: allowed.length === 0 && denied.length > 0 ? null : { ...request, groupIds: allowed },
    complete: (answer) => {
      const described = (answer?.groups ?? []).map((group) => {
        const names = descriptions.topicsOf(group);
        if (names.every((name) => permits.allows('DESCRIBE', 'TOPIC', name))) {
          allowOnly(group, permits);
          return group;
        }
        const code = ERROR.TOPIC_AUTHORIZATION_FAILED;
        return descriptions.refused(group.groupId, code, descriptions.hiddenTopics);
      });
      return { groups: [...refused, ...described] };
    },
  };
}

export function refusal<Answer>(answer: Answer) {
  return { passed: null, complete: () => answer };
}

function splitGroups(groupIds: readonly string[], operation: Operation, permits: Permits) {
  const allowed: string[] = [];
  const denied: string[] = [];
  for (const groupId of groupIds) {
    (permits.allows(operation, 'GROUP', groupId) ? allowed : denied).push(groupId);
  }
  return [allowed, denied] as const;
}

/** The coordinator tells all operations that groups have, where the client asked for them. */
function allowOnly(group: DescribedGroup, permits: Permits) {
  if (group.authorizedOperations === OPERATIONS_NOT_ASKED) return;
  group.authorizedOperations = authorizedOperations(GROUP_OPERATION_NAMES, (operation) =>
    permits.allows(operation, 'GROUP', group.groupId),
  );
}

function topicsOf(group: consumer.ConsumerGroupDescribeResponseDescribedGroup): string[] {
  return group.members.flatMap(({ subscribedTopicNames, assignment, targetAssignment }) => [
    ...subscribedTopicNames,
    ...assignment.topicPartitions.map(({ topicName }) => topicName),
    ...targetAssignment.topicPartitions.map(({ topicName }) => topicName),
  ]);
}
