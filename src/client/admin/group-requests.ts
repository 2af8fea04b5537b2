import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import type { BrokerNode } from '../net/network.ts';
import {
  classicGroup,
  consumerGroup,
  type GroupDescription,
  shareGroup,
} from './group-description.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { type StreamsGroupDescription, streamsGroup } from './streams-group.ts';

/** Describes some groups at their coordinator. */
export type DescribeRequest<Description> = (
  connection: Connection,
  groupIds: readonly string[],
  coordinator: BrokerNode,
  outcomes: Map<string, Outcome<Description>>,
) => Promise<void>;

export function groupText(group: string): string {
  return `group ${group}`;
}

interface DescribedGroup {
  readonly groupId: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** Asks for groups of one type, and reads each by itself. */
function describing<Group extends DescribedGroup, Description>(
  ask: (connection: Connection, groupIds: string[]) => Promise<{ groups: readonly Group[] }>,
  read: (group: Group, coordinator: BrokerNode) => Description,
  errorOf: (group: Group) => number = ({ errorCode }) => errorCode,
): DescribeRequest<Description> {
  return async (connection, groupIds, coordinator, outcomes) => {
    const { groups } = await ask(connection, [...groupIds]);
    for (const group of groups) {
      const { groupId, errorMessage } = group;
      const value = () => read(group, coordinator);
      outcomes.set(groupId, outcomeOf(errorOf(group), errorMessage, groupText(groupId), value));
    }
  };
}

const includeAuthorizedOperations = false;

export const askClassicGroups: DescribeRequest<GroupDescription> = describing(
  (connection, groups) =>
    connection.ask(API.DESCRIBE_GROUPS, { groups, includeAuthorizedOperations }),
  classicGroup,
  ({ errorCode, groupState }) => {
    // Before version 6 a group that is not there is described as a dead one.
    const isMissing = errorCode === ERROR.NONE && groupState === 'Dead';
    return isMissing ? ERROR.GROUP_ID_NOT_FOUND : errorCode;
  },
);

export const askConsumerGroups: DescribeRequest<GroupDescription> = describing(
  (connection, groupIds) =>
    connection.ask(API.CONSUMER_GROUP_DESCRIBE, { groupIds, includeAuthorizedOperations }),
  consumerGroup,
);

export const askShareGroups: DescribeRequest<GroupDescription> = describing(
  (connection, groupIds) =>
    connection.ask(API.SHARE_GROUP_DESCRIBE, { groupIds, includeAuthorizedOperations }),
  shareGroup,
);

export const askStreamsGroups: DescribeRequest<StreamsGroupDescription> = describing(
  (connection, groupIds) =>
    connection.ask(API.STREAMS_GROUP_DESCRIBE, { groupIds, includeAuthorizedOperations }),
  streamsGroup,
);

/** By the new protocol, and what is not of it by the classic one. */
export const askAnyConsumers: DescribeRequest<GroupDescription> = async (
  connection,
  groupIds,
  coordinator,
  outcomes,
) => {
  if (!connection.serves(API.CONSUMER_GROUP_DESCRIBE)) {
    return askClassicGroups(connection, groupIds, coordinator, outcomes);
  }
  await askConsumerGroups(connection, groupIds, coordinator, outcomes);
  const others = groupIds.filter((group) => {
    const outcome = outcomes.get(group);
    if (!(outcome instanceof KafkaError)) return false;
    return outcome.code === 'GROUP_ID_NOT_FOUND' || outcome.code === 'UNSUPPORTED_VERSION';
  });
  if (others.length === 0) return;
  await askClassicGroups(connection, others, coordinator, outcomes);
};
