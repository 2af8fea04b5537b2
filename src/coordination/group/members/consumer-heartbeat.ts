import { ERROR } from '../../../base/kafka-errors.ts';
import { refusedConsumerHeartbeat } from '../../../protocol/group-refusals.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../protocol/schema/68-consumer-group-heartbeat.ts';
import type { Unthrottled } from '../../../protocol/throttle-time.ts';
import type { RequestContext } from '../../coordinator-shard.ts';
import type { TopicPartitions } from '../consumer/assignment.ts';
import {
  areAllOwned,
  isSameOwnership,
  partitionsOf,
  toTopicPartitions,
} from '../consumer/assignment.ts';
import { ConsumerGroup } from '../consumer/consumer-group.ts';
import type { ConsumerMember } from '../consumer/consumer-member.ts';
import {
  isReconciledTo,
  isSameNames,
  isSameProgress,
  isSameSubscription,
  LEAVE_EPOCH,
  newConsumerMember,
  STATIC_LEAVE_EPOCH,
  sortedNames,
} from '../consumer/consumer-member.ts';
import { currentRecord, memberRecord } from '../consumer/consumer-records.ts';
import { reconcile } from '../consumer/reconcile.ts';
import { checkRegex, updateRegexes } from '../consumer/regex-subscription.ts';
import { replaceMember } from '../consumer/static-replacement.ts';
import {
  bumpEpoch,
  bumpEpochIfTopicsChanged,
  subscribedTopicIds,
  updateTarget,
} from '../consumer/target-assignment.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import {
  GROUP_BYTES_MAX,
  hasRoomForGroup,
  hasRoomForMember,
  MEMBER_BYTES_MAX,
} from '../group-bounds.ts';
import { GroupError } from '../group-error.ts';
import { checkHeartbeat } from '../heartbeat-check.ts';
import { convertToConsumerGroup, deleteEmptyClassicGroup } from '../migration/migration.ts';
import { applyRecords } from '../replay.ts';
import { fenceMember, leaveForNow, renewMember, watchRevocation } from './consumer-departure.ts';

/** ConsumerGroupHeartbeat: members join, stay, receive assignments and leave by it. */
export function consumerGroupHeartbeat(
  state: CoordinatorState,
  version: number,
  request: ConsumerGroupHeartbeatRequest,
  context: RequestContext,
): Unthrottled<ConsumerGroupHeartbeatResponse> {
  try {
    checkHeartbeat(state, version, request);
    const { memberEpoch } = request;
    return memberEpoch === LEAVE_EPOCH || memberEpoch === STATIC_LEAVE_EPOCH
      ? leave(state, request)
      : stay(state, request, context);
  } catch (thrown) {
    if (!(thrown instanceof GroupError)) throw thrown;
    return refusedConsumerHeartbeat(thrown.errorCode, thrown.message);
  }
}

function leave(
  state: CoordinatorState,
  request: ConsumerGroupHeartbeatRequest,
): Unthrottled<ConsumerGroupHeartbeatResponse> {
  const { groupId, memberId, instanceId, memberEpoch } = request;
  const group = consumerGroup(state, groupId);
  const member =
    instanceId === null
      ? knownMember(group, memberId)
      : knownStaticMember(group, memberId, instanceId);
  if (memberEpoch === STATIC_LEAVE_EPOCH) leaveForNow(state, group, member);
  else fenceMember(state, group, member);
  return heartbeatBody(member.memberId, memberEpoch, 0);
}

function stay(
  state: CoordinatorState,
  request: ConsumerGroupHeartbeatRequest,
  context: RequestContext,
): Unthrottled<ConsumerGroupHeartbeatResponse> {
  const { groupId } = request;
  if (request.subscribedTopicRegex) checkRegex(request.subscribedTopicRegex);
  checkSubscriptionSize(request.subscribedTopicNames ?? []);
  const wasClassic = state.groups.get(groupId)?.type === 'classic';
  const group = groupForHeartbeat(state, request, context);
  // Nothing is refused from here on, because what follows changes the group step by step.
  const member = memberForHeartbeat(state, group, request);
  const updated = withSubscription(member, request, context);
  const hasChanged = subscribe(state, group, member, updated);
  // A member with epoch 0 wants to join, so a group must not stay at epoch 0. A converted group
  // needs a new target too: the leader of the classic group may not have assigned every partition.
  if (hasChanged || wasClassic || group.groupEpoch === 0) bumpEpoch(state, group);
  else bumpEpochIfTopicsChanged(state, group);
  updateTarget(state, group);
  const moved = reconcileMember(state, group, updated, hasChanged, request.topicPartitions);
  renewMember(state, group, moved);
  const intervalMs = state.settings.consumerHeartbeatIntervalMs(groupId);
  const body = heartbeatBody(moved.memberId, moved.memberEpoch, intervalMs);
  if (
    request.memberEpoch === 0 ||
    isFullRequest(request) ||
    !isSameOwnership(member.assigned, moved.assigned)
  ) {
    body.assignment = { topicPartitions: toTopicPartitions(partitionsOf(moved.assigned)) };
  }
  return body;
}

function heartbeatBody(
  memberId: string,
  memberEpoch: number,
  heartbeatIntervalMs: number,
): Unthrottled<ConsumerGroupHeartbeatResponse> {
  return {
    errorCode: ERROR.NONE,
    errorMessage: null,
    memberId,
    memberEpoch,
    heartbeatIntervalMs,
    assignment: null,
  };
}

/** A client that lost an answer sends its whole state and gets the whole assignment again. */
function isFullRequest(request: ConsumerGroupHeartbeatRequest): boolean {
  return (
    request.rebalanceTimeoutMs !== -1 &&
    (request.subscribedTopicNames !== null || request.subscribedTopicRegex !== null) &&
    request.topicPartitions !== null
  );
}

export function consumerGroup(state: CoordinatorState, groupId: string): ConsumerGroup {
  const group = state.groups.get(groupId);
  if (group?.type === 'consumer') return group;
  const message =
    group === undefined
      ? `Consumer group ${groupId} not found.`
      : `Group ${groupId} is not a consumer group.`;
  throw new GroupError(ERROR.GROUP_ID_NOT_FOUND, message);
}

/** The group of the request. It is created, or converted, for a member that joins. */
function groupForHeartbeat(
  state: CoordinatorState,
  request: ConsumerGroupHeartbeatRequest,
  context: RequestContext,
): ConsumerGroup {
  const { groupId, memberId, memberEpoch } = request;
  const found = state.groups.get(groupId);
  if (memberEpoch !== 0 || (found !== undefined && found.type !== 'classic')) {
    const group = consumerGroup(state, groupId);
    checkRoom(state, group.members.size, group.members.has(memberId));
    checkMember(group, request);
    checkBytes(state, group, request, context);
    return group;
  }
  if (found !== undefined && !found.isEmpty) {
    checkRoom(state, found.members.size, found.members.has(memberId));
    const group = convertToConsumerGroup(state, found);
    for (const member of group.members.values()) renewMember(state, group, member);
    return group;
  }
  checkRoom(state, 0, false);
  if (found === undefined && !hasRoomForGroup(state)) {
    const message = 'The coordinator has no room for another group.';
    throw new GroupError(ERROR.GROUP_MAX_SIZE_REACHED, message);
  }
  if (found !== undefined) deleteEmptyClassicGroup(state, found);
  const group = new ConsumerGroup(groupId);
  state.groups.set(groupId, group);
  return group;
}

function checkSubscriptionSize(topicNames: readonly string[]): void {
  let bytes = 0;
  for (const name of topicNames) bytes += name.length;
  if (bytes <= MEMBER_BYTES_MAX) return;
  const message = `The names of the subscribed topics exceed ${MEMBER_BYTES_MAX} bytes.`;
  throw new GroupError(ERROR.INVALID_REQUEST, message);
}

function checkRoom(state: CoordinatorState, size: number, isMember: boolean): void {
  const { consumerMaxSize } = state.settings;
  if (size < consumerMaxSize || isMember) return;
  throw new GroupError(
    ERROR.GROUP_MAX_SIZE_REACHED,
    `The consumer group has reached its maximum capacity of ${consumerMaxSize} members.`,
  );
}

/** Only a member that sends more than before is refused, so that a full group goes on working. */
function checkBytes(
  state: CoordinatorState,
  group: ConsumerGroup,
  request: ConsumerGroupHeartbeatRequest,
  context: RequestContext,
): void {
  if (request.memberEpoch !== 0 && !isFullOrChanged(request)) return;
  const { memberId, instanceId } = request;
  const before = group.members.get(memberId) ?? group.staticMember(instanceId);
  const after = withSubscription(before ?? newConsumerMember(memberId), request, context);
  if (hasRoomForMember(group, before, after, state.topics)) return;
  const message = `The members of the consumer group take over ${GROUP_BYTES_MAX} bytes.`;
  throw new GroupError(ERROR.GROUP_MAX_SIZE_REACHED, message);
}

/** Whether the request has a subscription or a rack. */
function isFullOrChanged(request: ConsumerGroupHeartbeatRequest): boolean {
  const { subscribedTopicNames, subscribedTopicRegex, rackId } = request;
  return subscribedTopicNames !== null || subscribedTopicRegex !== null || rackId !== null;
}

/** Refuses a request whose member id or epoch is not the member's. */
function checkMember(group: ConsumerGroup, request: ConsumerGroupHeartbeatRequest): void {
  const { memberId, instanceId, memberEpoch } = request;
  if (memberEpoch === 0) {
    const existing = group.staticMember(instanceId);
    if (existing !== undefined) checkReleased(existing, memberId);
    return;
  }
  const member =
    instanceId === null
      ? knownMember(group, memberId)
      : knownStaticMember(group, memberId, instanceId);
  checkEpoch(member, memberEpoch, request.topicPartitions);
}

function knownMember(group: ConsumerGroup, memberId: string): ConsumerMember {
  const member = group.members.get(memberId);
  if (member !== undefined) return member;
  throw new GroupError(
    ERROR.UNKNOWN_MEMBER_ID,
    `Member ${memberId} is not a member of group ${group.groupId}.`,
  );
}

function knownStaticMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string,
): ConsumerMember {
  const member = group.staticMember(instanceId);
  if (member === undefined) {
    throw new GroupError(ERROR.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`);
  }
  if (member.memberId === memberId) return member;
  throw new GroupError(
    ERROR.FENCED_INSTANCE_ID,
    `Static member ${memberId} with instance id ${instanceId} was fenced by member ` +
      `${member.memberId}.`,
  );
}

/** A process may take over an instance id only after its owner has left. */
function checkReleased(existing: ConsumerMember, memberId: string): void {
  if (existing.classic !== null || existing.memberEpoch === STATIC_LEAVE_EPOCH) return;
  throw new GroupError(
    ERROR.UNRELEASED_INSTANCE_ID,
    `Static member ${memberId} with instance id ${existing.instanceId} cannot join the group ` +
      `because the instance id is owned by ${existing.memberId} member.`,
  );
}

/** The previous epoch is accepted too where the member may have missed the last answer. */
function checkEpoch(
  member: ConsumerMember,
  epoch: number,
  reported: readonly TopicPartitions[] | null,
): void {
  if (epoch === member.memberEpoch) return;
  const isRetry = epoch === member.previousMemberEpoch && areAllOwned(reported, member.assigned);
  if (epoch < member.memberEpoch && isRetry) return;
  const size = epoch > member.memberEpoch ? 'greater' : 'smaller';
  throw new GroupError(
    ERROR.FENCED_MEMBER_EPOCH,
    `The consumer group member has a ${size} member epoch (${epoch}) than the one known by the ` +
      `group coordinator (${member.memberEpoch}). The member must abandon all its partitions ` +
      'and rejoin.',
  );
}

/** The member of the request: a known one, a new one, or the new incarnation of a static one. */
function memberForHeartbeat(
  state: CoordinatorState,
  group: ConsumerGroup,
  request: ConsumerGroupHeartbeatRequest,
): ConsumerMember {
  const memberId = request.memberId === '' ? state.newId() : request.memberId;
  const existing = group.staticMember(request.instanceId);
  if (request.memberEpoch === 0 && existing !== undefined) {
    return replaceMember(state, group, existing, memberId);
  }
  return group.members.get(memberId) ?? newConsumerMember(memberId);
}

function withSubscription(
  member: ConsumerMember,
  request: ConsumerGroupHeartbeatRequest,
  context: RequestContext,
): ConsumerMember {
  const names = request.subscribedTopicNames;
  const topicNames = names === null ? member.topicNames : sortedNames(names);
  return {
    ...member,
    instanceId: request.instanceId ?? member.instanceId,
    rackId: request.rackId ?? member.rackId,
    clientId: context.clientId,
    clientHost: context.clientHost,
    rebalanceTimeoutMs:
      request.rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : request.rebalanceTimeoutMs,
    topicNames: isSameNames(topicNames, member.topicNames) ? member.topicNames : topicNames,
    topicRegex: request.subscribedTopicRegex ?? member.topicRegex,
    serverAssignor: request.serverAssignor ?? member.serverAssignor,
    classic: null,
  };
}

/** Persists what the member sent about itself. True where that changes the topics of the group. */
export function subscribe(
  state: CoordinatorState,
  group: ConsumerGroup,
  member: ConsumerMember,
  updated: ConsumerMember,
): boolean {
  const isNew = !group.members.has(updated.memberId);
  if (isNew || !isSameSubscription(member, updated)) {
    applyRecords(state, [memberRecord(group.groupId, updated)]);
  }
  const hasNewTopics = !isSameNames(member.topicNames, updated.topicNames);
  const hasNewRegexTopics = updateRegexes(state, group, member.topicRegex, updated.topicRegex);
  return hasNewTopics || hasNewRegexTopics;
}

export function reconcileMember(
  state: CoordinatorState,
  group: ConsumerGroup,
  member: ConsumerMember,
  hasSubscriptionChanged: boolean,
  reported: readonly TopicPartitions[] | null,
): ConsumerMember {
  if (!hasSubscriptionChanged && isReconciledTo(member, group.assignmentEpoch)) return member;
  const moved = reconcile(member, {
    group,
    targetEpoch: group.assignmentEpoch,
    target: group.target(member.memberId),
    subscribed: new Set(subscribedTopicIds(state, group, member)),
    hasSubscriptionChanged,
    reported,
  });
  if (isSameProgress(member, moved)) return member;
  applyRecords(state, [currentRecord(group.groupId, moved)]);
  watchRevocation(state, group, moved);
  return moved;
}
