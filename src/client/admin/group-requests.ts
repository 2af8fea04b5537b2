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

export const askClassicGroups: DescribeRequest<GroupDescription> = async (
  connection,
  groupIds,
  coordinator,
  outcomes,
) => {
  const body = { groups: [...groupIds], includeAuthorizedOperations: false };
  const answer = await connection.ask(API.DESCRIBE_GROUPS, body);
  for (const group of answer.groups) {
    // Before version 6 a group that is not there is described as a dead one.
    const isMissing = group.errorCode === ERROR.NONE && group.groupState === 'Dead';
    const errorCode = isMissing ? ERROR.GROUP_ID_NOT_FOUND : group.errorCode;
    const { groupId } = group;
    const value = () => classicGroup(group, coordinator);
    outcomes.set(groupId, outcomeOf(errorCode, group.errorMessage, groupText(groupId), value));
  }
};

export const askConsumerGroups: DescribeRequest<GroupDescription> = async (
  connection,
  groupIds,
  coordinator,
  outcomes,
) => {
  const body = { groupIds: [...groupIds], includeAuthorizedOperations: false };
  const answer = await connection.ask(API.CONSUMER_GROUP_DESCRIBE, body);
  for (const group of answer.groups) {
    const { groupId, errorCode, errorMessage } = group;
    const value = () => consumerGroup(group, coordinator);
    outcomes.set(groupId, outcomeOf(errorCode, errorMessage, groupText(groupId), value));
  }
};

export const askShareGroups: DescribeRequest<GroupDescription> = async (
  connection,
  groupIds,
  coordinator,
  outcomes,
) => {
  const body = { groupIds: [...groupIds], includeAuthorizedOperations: false };
  const answer = await connection.ask(API.SHARE_GROUP_DESCRIBE, body);
  for (const group of answer.groups) {
    const { groupId, errorCode, errorMessage } = group;
    const value = () => shareGroup(group, coordinator);
    outcomes.set(groupId, outcomeOf(errorCode, errorMessage, groupText(groupId), value));
  }
};

export const askStreamsGroups: DescribeRequest<StreamsGroupDescription> = async (
  connection,
  groupIds,
  coordinator,
  outcomes,
) => {
  const body = { groupIds: [...groupIds], includeAuthorizedOperations: false };
  const answer = await connection.ask(API.STREAMS_GROUP_DESCRIBE, body);
  for (const group of answer.groups) {
    const { groupId, errorCode, errorMessage } = group;
    const value = () => streamsGroup(group, coordinator);
    outcomes.set(groupId, outcomeOf(errorCode, errorMessage, groupText(groupId), value));
  }
};

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
