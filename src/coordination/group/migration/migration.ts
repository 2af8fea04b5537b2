import { ERROR } from '../../../base/kafka-errors.ts';
import { joinBody, syncBody } from '../classic/classic-bodies.ts';
import { CLASSIC_STATE, ClassicGroup } from '../classic/classic-group.ts';
import { ClassicMember } from '../classic/classic-member.ts';
import {
  answerJoin,
  answerSync,
  prepareRebalance,
  renewSession,
} from '../classic/classic-rebalance.ts';
import type { NamedPartitions } from '../classic/consumer-protocol.ts';
import {
  CONSUMER_PROTOCOL_TYPE,
  consumerProtocolVersionOf,
  readAssignment,
  readSubscription,
  writeAssignment,
} from '../classic/consumer-protocol.ts';
import type { Assignment } from '../consumer/assignment.ts';
import { ownedSince } from '../consumer/assignment.ts';
import { cancelMemberDeadlines } from '../consumer/consumer-deadlines.ts';
import type { ConsumerGroup } from '../consumer/consumer-group.ts';
import type { ConsumerMember } from '../consumer/consumer-member.ts';
import {
  heldBy,
  isReconciledTo,
  MEMBER_STATE,
  newConsumerMember,
  sortedNames,
} from '../consumer/consumer-member.ts';
import {
  consumerGroupTombstones,
  currentRecord,
  groupEpochRecord,
  memberRecord,
  targetEpochRecord,
  targetRecord,
} from '../consumer/consumer-records.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { cancelClassicDeadlines } from '../group-deletion.ts';
import { GroupError } from '../group-error.ts';
import { groupMetadataRecord, groupTombstone } from '../group-records.ts';
import { metadataHashOf } from '../metadata-hash.ts';
import { applyRecords } from '../replay.ts';
import type { StreamsGroup } from '../streams/streams-group.ts';
import { streamsGroupTombstones } from '../streams/streams-records.ts';

/** Deletes an empty classic group, so that a consumer group can take its name. */
export function deleteEmptyClassicGroup(state: CoordinatorState, group: ClassicGroup): void {
  cancelClassicDeadlines(state, group);
  state.groups.delete(group.groupId);
  state.persist(groupTombstone(group.groupId));
}

/** Deletes an empty consumer group, so that a classic group can take its name. */
export function deleteEmptyConsumerGroup(state: CoordinatorState, group: ConsumerGroup): void {
  applyRecords(state, consumerGroupTombstones(group));
}

/** Deletes an empty streams group, so that a classic group can take its name. */
export function deleteEmptyStreamsGroup(state: CoordinatorState, group: StreamsGroup): void {
  state.cancel(group.initialDelay);
  applyRecords(state, streamsGroupTombstones(group));
}

function refuseUpgrade(group: ClassicGroup, reason: string): never {
  throw new GroupError(
    ERROR.GROUP_ID_NOT_FOUND,
    `Cannot upgrade classic group ${group.groupId} to consumer group because ${reason}.`,
  );
}

/**
 * Turns a classic group into a consumer group while its members are working. They keep their
 * partitions and their protocol, which classic-in-consumer serves from now on. Throws where the
 * group cannot be converted, before anything has changed.
 */
export function convertToConsumerGroup(
  state: CoordinatorState,
  group: ClassicGroup,
): ConsumerGroup {
  const policy = state.settings.consumerMigrationPolicy;
  if (policy !== 'bidirectional' && policy !== 'upgrade') {
    refuseUpgrade(group, 'online upgrade is disabled');
  }
  if (!group.usesConsumerProtocol) {
    refuseUpgrade(group, 'the group does not use the consumer embedded protocol');
  }
  if (group.members.size > state.settings.consumerMaxSize) {
    refuseUpgrade(group, 'the group size exceeds the consumer group maximum size');
  }
  const taken = new Set<string>();
  const assigned = [...group.members.values()].map((member) =>
    upgradedMember(state, group, member, taken),
  );
  const members = assigned.map((each) => withPending(state, each, taken));
  for (const member of group.members.values()) {
    answerJoin(state, group, member, (version) =>
      joinBody(version, {
        memberId: member.memberId,
        errorCode: ERROR.REBALANCE_IN_PROGRESS,
      }),
    );
    answerSync(state, member, syncBody({ errorCode: ERROR.REBALANCE_IN_PROGRESS }));
  }
  deleteEmptyClassicGroup(state, group);
  writeUpgraded(state, group, members);
  return state.groups.get(group.groupId) as ConsumerGroup;
}

function writeUpgraded(
  state: CoordinatorState,
  group: ClassicGroup,
  members: readonly UpgradedMember[],
): void {
  const { groupId, generationId } = group;
  const topics = new Set(members.flatMap(({ member }) => member.topicNames));
  applyRecords(state, [
    ...members.map(({ member }) => memberRecord(groupId, member)),
    groupEpochRecord(groupId, generationId, metadataHashOf(state.topics, topics)),
    ...members.map(({ member, target }) => targetRecord(groupId, member.memberId, target)),
    targetEpochRecord(groupId, generationId, 0),
    ...members.map(({ member }) => currentRecord(groupId, member)),
  ]);
}

interface UpgradedMember {
  readonly member: ConsumerMember;
  readonly target: Assignment;
  /** The partitions that it reported when it joined. */
  readonly said: readonly NamedPartitions[];
}

function upgradedMember(
  state: CoordinatorState,
  group: ClassicGroup,
  member: ClassicMember,
  taken: Set<string>,
): UpgradedMember {
  // A member that joined after the last generation may not know the protocol of that generation.
  const subscription =
    readSubscription(member.metadata(group.protocolName)) ??
    readSubscription(member.protocols[0]!.metadata);
  if (subscription === null) refuseUpgrade(group, 'the embedded consumer protocol is malformed');
  const target = assignedOf(state, group, member, taken);
  return {
    target,
    said: subscription.ownedPartitions,
    member: {
      ...newConsumerMember(member.memberId),
      memberEpoch: group.generationId,
      previousMemberEpoch: group.generationId,
      instanceId: member.instanceId,
      rackId: subscription.rackId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      topicNames: sortedNames(subscription.topics),
      assigned: ownedSince(target, group.generationId),
      classic: { sessionTimeoutMs: member.sessionTimeoutMs, protocols: member.protocols },
    },
  };
}

/**
 * A cooperative member gives up partitions only after it has received the assignment that takes
 * them away. They get no new owner until the member joins again and no longer reports them.
 */
function withPending(
  state: CoordinatorState,
  upgraded: UpgradedMember,
  taken: Set<string>,
): UpgradedMember {
  const kept = partitionsNamed(state, upgraded.said, taken);
  if (kept.size === 0) return upgraded;
  const { member } = upgraded;
  const pendingRevocation = ownedSince(kept, member.memberEpoch);
  const unrevoked = { ...member, state: MEMBER_STATE.unrevokedPartitions, pendingRevocation };
  return { ...upgraded, member: unrevoked };
}

/**
 * The partitions that the leader assigned to the member. A partition that it assigned twice keeps
 * its first owner.
 */
function assignedOf(
  state: CoordinatorState,
  group: ClassicGroup,
  member: ClassicMember,
  taken: Set<string>,
): Assignment {
  if (member.assignment.length === 0) return new Map();
  const assignment = readAssignment(member.assignment);
  if (assignment === null) refuseUpgrade(group, 'the embedded consumer protocol is malformed');
  if (assignment.hasUserData) refuseUpgrade(group, 'an unsupported custom assignor is in use');
  return partitionsNamed(state, assignment.assignedPartitions, taken);
}

/** Those of these partitions that are not in `taken`. They are added to it. */
function partitionsNamed(
  state: CoordinatorState,
  topics: readonly NamedPartitions[],
  taken: Set<string>,
): Assignment {
  const named = new Map<string, Set<number>>();
  for (const { topic, partitions } of topics) {
    const topicId = state.topics.topicId(topic);
    if (topicId === undefined) continue;
    const own = new Set<number>();
    for (const partition of partitions) {
      const name = `${topicId}:${partition}`;
      if (taken.has(name)) continue;
      taken.add(name);
      own.add(partition);
    }
    if (own.size > 0) named.set(topicId, own);
  }
  return named;
}

function isDowngradeAllowed(state: CoordinatorState, size: number): boolean {
  const { consumerMigrationPolicy: policy, maxSize } = state.settings;
  return size > 0 && size <= maxSize && (policy === 'bidirectional' || policy === 'downgrade');
}

/** Whether only classic members are left without these. */
export function canDowngradeWithout(
  state: CoordinatorState,
  group: ConsumerGroup,
  leaving: readonly ConsumerMember[],
): boolean {
  const classicLeaving = leaving.filter(({ classic }) => classic !== null).length;
  const left = group.members.size - leaving.length;
  return group.classicCount - classicLeaving === left && isDowngradeAllowed(state, left);
}

/**
 * Whether this static member, which a classic one replaces, is the only one that is not classic.
 */
export function canDowngradeReplacing(
  state: CoordinatorState,
  group: ConsumerGroup,
  replaced: ConsumerMember | undefined,
): boolean {
  if (replaced === undefined || replaced.classic !== null) return false;
  const { size } = group.members;
  return group.classicCount === size - 1 && isDowngradeAllowed(state, size);
}

/**
 * Turns a consumer group into a classic group of the members that stay, which are all classic. Each
 * keeps its partitions. They rebalance where these are not the whole target.
 */
export function convertToClassicGroup(
  state: CoordinatorState,
  group: ConsumerGroup,
  leaving: readonly ConsumerMember[],
): void {
  const gone = new Set(leaving.map(({ memberId }) => memberId));
  const classic = new ClassicGroup(group.groupId, state.wallMs);
  classic.generationId = group.groupEpoch;
  for (const member of group.members.values()) {
    if (!gone.has(member.memberId)) classic.add(downgradedMember(member));
  }
  classic.state = CLASSIC_STATE.stable;
  classic.protocolName = classic.selectProtocol();
  classic.refreshSubscribedTopics();
  for (const member of classic.members.values()) {
    const held = heldBy(group.members.get(member.memberId)!);
    member.assignment = embeddedAssignment(state, held, member.metadata(classic.protocolName));
  }
  const isSettled = gone.size === 0 && isAtTarget(group);
  for (const memberId of group.members.keys()) cancelMemberDeadlines(state, group, memberId);
  for (const record of consumerGroupTombstones(group)) state.persist(record);
  // A restart forgets the rebalance. The higher generation makes the members join again after it.
  state.persist(groupMetadataRecord(classic, group.groupEpoch + (isSettled ? 0 : 1)));
  state.groups.set(group.groupId, classic);
  for (const member of classic.members.values()) renewSession(state, classic, member);
  if (!isSettled) prepareRebalance(state, classic);
}

function isAtTarget(group: ConsumerGroup): boolean {
  const { groupEpoch, assignmentEpoch } = group;
  const members = [...group.members.values()];
  return assignmentEpoch === groupEpoch && members.every((one) => isReconciledTo(one, groupEpoch));
}

function downgradedMember(member: ConsumerMember): ClassicMember {
  return new ClassicMember({
    memberId: member.memberId,
    instanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    protocolType: CONSUMER_PROTOCOL_TYPE,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    sessionTimeoutMs: member.classic!.sessionTimeoutMs,
    protocols: member.classic!.protocols,
  });
}

/** An assignment in the version that the member's own subscription is in. */
export function embeddedAssignment(
  state: CoordinatorState,
  assignment: Assignment,
  subscription: Buffer,
): Buffer {
  const topics = [];
  for (const [topicId, partitions] of assignment) {
    const topic = state.topics.topicName(topicId);
    if (topic !== undefined) topics.push({ topic, partitions: [...partitions] });
  }
  return writeAssignment(topics, consumerProtocolVersionOf(subscription) ?? 0);
}
