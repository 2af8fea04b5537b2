import { ERROR } from '../../../base/kafka-errors.ts';
import type { HeartbeatRequest } from '../../../protocol/schema/12-heartbeat.ts';
import type { SyncGroupRequest } from '../../../protocol/schema/14-sync-group.ts';
import { joinBody, syncBody } from '../classic/classic-bodies.ts';
import type { JoinCall } from '../classic/classic-join.ts';
import { MEMBER_ID_REQUIRED_VERSION, rebalanceTimeoutOf } from '../classic/classic-join.ts';
import { copyProtocols } from '../classic/classic-member.ts';
import type { Leaver, LeaverAnswer } from '../classic/classic-presence.ts';
import type { ConsumerSubscription } from '../classic/consumer-protocol.ts';
import { CONSUMER_PROTOCOL_TYPE, readSubscription } from '../classic/consumer-protocol.ts';
import type { TopicPartitions } from '../consumer/assignment.ts';
import { partitionsOf } from '../consumer/assignment.ts';
import {
  cancelMemberDeadline,
  hasMemberDeadline,
  setMemberDeadline,
} from '../consumer/consumer-deadlines.ts';
import type { ConsumerGroup } from '../consumer/consumer-group.ts';
import type { ConsumerMember } from '../consumer/consumer-member.ts';
import { MEMBER_STATE, newConsumerMember, sortedNames } from '../consumer/consumer-member.ts';
import { replaceMember } from '../consumer/static-replacement.ts';
import {
  bumpEpoch,
  bumpEpochIfTopicsChanged,
  updateTarget,
} from '../consumer/target-assignment.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { bytesOfProtocols, hasRoomForMember, MEMBER_BYTES_MAX } from '../group-bounds.ts';
import { errorCodeOf, GroupError } from '../group-error.ts';
import {
  canDowngradeReplacing,
  convertToClassicGroup,
  embeddedAssignment,
} from '../migration/migration.ts';
import { fenceMember, fenceMembers, renewMember } from './consumer-departure.ts';
import { reconcileMember, subscribe } from './consumer-heartbeat.ts';

/**
 * Members of the classic protocol inside a consumer group. Their generation is the member epoch.
 * Each gets REBALANCE_IN_PROGRESS on its own, joins again and is answered at once.
 */
export function joinConsumerGroup(
  state: CoordinatorState,
  group: ConsumerGroup,
  call: JoinCall,
): void {
  try {
    join(state, group, call);
  } catch (thrown) {
    const errorCode = errorCodeOf(thrown);
    const { memberId } = call.request;
    state.answer(call.ticket, joinBody(call.version, { memberId, errorCode }));
  }
}

function join(state: CoordinatorState, group: ConsumerGroup, call: JoinCall): void {
  const { request, version, ticket } = call;
  const { groupInstanceId: instanceId } = request;
  const memberId = request.memberId === '' ? state.newId() : request.memberId;
  const subscription = checkJoin(state, group, call);
  if (request.memberId === '' && instanceId === null && version >= MEMBER_ID_REQUIRED_VERSION) {
    const errorCode = ERROR.MEMBER_ID_REQUIRED;
    state.answer(ticket, joinBody(version, { memberId, errorCode }));
    return;
  }
  // Nothing is refused from here on.
  const existing = group.staticMember(instanceId);
  const isDowngrade = canDowngradeReplacing(state, group, existing);
  let member = group.members.get(memberId) ?? newConsumerMember(memberId);
  if (existing !== undefined && existing.memberId !== memberId) {
    member = replaceMember(state, group, existing, memberId);
  }
  const updated = withSubscription(member, call, subscription);
  const hasChanged = subscribe(state, group, member, updated);
  if (hasChanged || group.groupEpoch === 0) bumpEpoch(state, group);
  else bumpEpochIfTopicsChanged(state, group);
  if (!isDowngrade) updateTarget(state, group);
  const owned = idsOf(state, subscription);
  const isStale = isDowngrade && group.assignmentEpoch < group.groupEpoch;
  const moved = isStale ? updated : reconcileMember(state, group, updated, hasChanged, owned);
  cancelMemberDeadline(state, group, memberId, 'join');
  if (isDowngrade) {
    convertToClassicGroup(state, group, []);
  } else {
    renewMember(state, group, moved);
    const timeoutMs = rebalanceTimeoutOf(call);
    setMemberDeadline(state, group, memberId, 'sync', timeoutMs, fenceMember);
  }
  const fields = {
    memberId,
    generationId: moved.memberEpoch,
    protocolType: CONSUMER_PROTOCOL_TYPE,
    protocolName: moved.classic!.protocols[0]!.name,
  };
  state.answer(ticket, joinBody(version, fields));
}

/** Returns the subscription in the member's first protocol. Throws where the join is refused. */
function checkJoin(
  state: CoordinatorState,
  group: ConsumerGroup,
  call: JoinCall,
): ConsumerSubscription {
  const { memberId, groupInstanceId: instanceId, protocols, protocolType } = call.request;
  const { consumerMigrationPolicy, consumerMaxSize } = state.settings;
  const names = protocols.map(({ name }) => name);
  if (consumerMigrationPolicy === 'disabled') {
    throw new GroupError(ERROR.INCONSISTENT_GROUP_PROTOCOL, 'group migration is disabled');
  }
  if (group.members.size >= consumerMaxSize && !group.members.has(memberId)) {
    throw new GroupError(ERROR.GROUP_MAX_SIZE_REACHED, 'the group is full');
  }
  if (!group.supportsClassic(protocolType, names)) {
    throw new GroupError(ERROR.INCONSISTENT_GROUP_PROTOCOL, 'protocols are not supported');
  }
  const subscription = readSubscription(protocols[0]!.metadata);
  if (subscription === null) {
    throw new GroupError(ERROR.INCONSISTENT_GROUP_PROTOCOL, 'subscription is malformed');
  }
  if (instanceId !== null && memberId !== '') knownMember(group, memberId, instanceId);
  checkBytes(state, group, call, subscription);
  return subscription;
}

function checkBytes(
  state: CoordinatorState,
  group: ConsumerGroup,
  call: JoinCall,
  subscription: ConsumerSubscription,
): void {
  const { memberId, groupInstanceId, protocols } = call.request;
  if (bytesOfProtocols(protocols) > MEMBER_BYTES_MAX) {
    throw new GroupError(ERROR.INVALID_REQUEST, 'the protocols are too large');
  }
  const before = group.members.get(memberId) ?? group.staticMember(groupInstanceId);
  const after = withSubscription(before ?? newConsumerMember(memberId), call, subscription);
  if (hasRoomForMember(group, before, after, state.topics)) return;
  throw new GroupError(ERROR.GROUP_MAX_SIZE_REACHED, 'the members of the group take too much');
}

function withSubscription(
  member: ConsumerMember,
  call: JoinCall,
  subscription: ConsumerSubscription,
): ConsumerMember {
  const { request, context } = call;
  const rebalanceTimeoutMs = rebalanceTimeoutOf(call);
  return {
    ...member,
    instanceId: request.groupInstanceId ?? member.instanceId,
    rackId: subscription.rackId ?? member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    topicNames: sortedNames(subscription.topics),
    topicRegex: '',
    clientId: context.clientId,
    clientHost: context.clientHost,
    classic: {
      sessionTimeoutMs: request.sessionTimeoutMs,
      protocols: copyProtocols(request.protocols),
    },
  };
}

/** The partitions that the member reports, by topic id. */
function idsOf(state: CoordinatorState, subscription: ConsumerSubscription): TopicPartitions[] {
  const owned: TopicPartitions[] = [];
  for (const { topic, partitions } of subscription.ownedPartitions) {
    const topicId = state.topics.topicId(topic);
    if (topicId !== undefined) owned.push({ topicId, partitions });
  }
  return owned;
}

/** The member that sent the request. Throws where there is none. */
function knownMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
): ConsumerMember {
  const member = instanceId === null ? group.members.get(memberId) : group.staticMember(instanceId);
  if (member === undefined) throw new GroupError(ERROR.UNKNOWN_MEMBER_ID, 'unknown member');
  if (member.memberId !== memberId) {
    throw new GroupError(ERROR.FENCED_INSTANCE_ID, 'another member has the instance id');
  }
  return member;
}

function knownClassicMember(
  group: ConsumerGroup,
  request: HeartbeatRequest | SyncGroupRequest,
): ConsumerMember {
  const member = knownMember(group, request.memberId, request.groupInstanceId);
  if (member.classic === null) {
    throw new GroupError(ERROR.UNKNOWN_MEMBER_ID, 'the member does not use the classic protocol');
  }
  if (member.memberEpoch !== request.generationId) {
    throw new GroupError(ERROR.ILLEGAL_GENERATION, 'the generation is not the member epoch');
  }
  return member;
}

/** A member that is told to join again has its rebalance timeout to do so. */
function awaitJoin(state: CoordinatorState, group: ConsumerGroup, member: ConsumerMember): void {
  const { memberId, rebalanceTimeoutMs } = member;
  if (hasMemberDeadline(group, memberId, 'join')) return;
  setMemberDeadline(state, group, memberId, 'join', rebalanceTimeoutMs, fenceMember);
}

export function syncConsumerGroup(
  state: CoordinatorState,
  group: ConsumerGroup,
  ticket: number,
  request: SyncGroupRequest,
): void {
  try {
    const member = knownClassicMember(group, request);
    checkProtocol(member, request);
    if (
      group.assignmentEpoch > member.memberEpoch &&
      member.state !== MEMBER_STATE.unrevokedPartitions
    ) {
      awaitJoin(state, group, member);
      throw new GroupError(ERROR.REBALANCE_IN_PROGRESS, 'the member has to join again');
    }
    cancelMemberDeadline(state, group, member.memberId, 'sync');
    renewMember(state, group, member);
    const metadata = member.classic!.protocols[0]!.metadata;
    const { protocolType, protocolName } = request;
    const assignment = embeddedAssignment(state, partitionsOf(member.assigned), metadata);
    state.answer(ticket, syncBody({ protocolType, protocolName, assignment }));
  } catch (thrown) {
    state.answer(ticket, syncBody({ errorCode: errorCodeOf(thrown) }));
  }
}

function checkProtocol(member: ConsumerMember, request: SyncGroupRequest): void {
  const { protocolType, protocolName } = request;
  const own = member.classic!.protocols[0]!.name;
  const isOtherType = protocolType !== null && protocolType !== CONSUMER_PROTOCOL_TYPE;
  if (isOtherType || (protocolName !== null && protocolName !== own)) {
    throw new GroupError(ERROR.INCONSISTENT_GROUP_PROTOCOL, 'not the protocol of the member');
  }
}

export function consumerGroupHeartbeatError(
  state: CoordinatorState,
  group: ConsumerGroup,
  request: HeartbeatRequest,
): number {
  try {
    const member = knownClassicMember(group, request);
    renewMember(state, group, member);
    // If all members are classic, no other request would notice that the target is out of date.
    bumpEpochIfTopicsChanged(state, group);
    updateTarget(state, group);
    if (!mustRejoin(group, member)) return ERROR.NONE;
    awaitJoin(state, group, member);
    return ERROR.REBALANCE_IN_PROGRESS;
  } catch (thrown) {
    return errorCodeOf(thrown);
  }
}

/** True where there is a new target, something to give up, or something that has become free. */
function mustRejoin(group: ConsumerGroup, member: ConsumerMember): boolean {
  if (member.memberEpoch < group.assignmentEpoch) return true;
  if (member.state === MEMBER_STATE.unrevokedPartitions) return true;
  return member.state === MEMBER_STATE.unreleasedPartitions && !group.isWaitingForRelease(member);
}

export function leaveConsumerGroup(
  state: CoordinatorState,
  group: ConsumerGroup,
  leavers: readonly Leaver[],
): LeaverAnswer[] {
  const leaving = new Map<string, ConsumerMember>();
  const answers = leavers.map(({ memberId, groupInstanceId }): LeaverAnswer => {
    let errorCode: number = ERROR.NONE;
    try {
      const isByInstance = memberId === '' && groupInstanceId !== null;
      const id = isByInstance ? (group.staticMembers.get(groupInstanceId) ?? '') : memberId;
      const member = knownMember(group, id, groupInstanceId);
      leaving.set(member.memberId, member);
    } catch (thrown) {
      errorCode = errorCodeOf(thrown);
    }
    return { memberId, groupInstanceId, errorCode };
  });
  fenceMembers(state, group, [...leaving.values()]);
  return answers;
}
