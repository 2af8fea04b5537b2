import { decodeVersioned } from '../../../protocol/message-bytes.ts';
import type * as values from '../../../protocol/schema/records-consumer-group.ts';
import {
  CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE,
  CONSUMER_GROUP_MEMBER_METADATA_VALUE,
  CONSUMER_GROUP_METADATA_VALUE,
  CONSUMER_GROUP_REGULAR_EXPRESSION_VALUE,
  CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE,
  CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE,
} from '../../../protocol/schema/records-consumer-group.ts';
import { copyProtocols } from '../classic/classic-member.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import type { RecordKey } from '../record-keys.ts';
import { RECORD_TYPE } from '../record-keys.ts';
import type { Assignment, OwnedPartitions } from './assignment.ts';
import { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember, MemberState } from './consumer-member.ts';
import { LEAVE_EPOCH, MEMBER_STATE, newConsumerMember, sortedNames } from './consumer-member.ts';

const KNOWN_STATES: ReadonlySet<number> = new Set(Object.values(MEMBER_STATE));

export function replayConsumerRecord(
  state: CoordinatorState,
  key: RecordKey,
  value: Buffer | null,
): void {
  const group = groupFor(state, key.groupId, value !== null);
  if (group === null) return;
  switch (key.type) {
    case RECORD_TYPE.consumerGroupMetadata:
      if (value === null) state.groups.delete(key.groupId);
      else replayEpoch(group, value);
      return;
    case RECORD_TYPE.consumerGroupMemberMetadata:
      if (value === null) group.delete(key.name);
      else group.put({ ...memberOf(group, key.name), ...readMember(value) });
      return;
    case RECORD_TYPE.consumerGroupTargetAssignmentMetadata:
      replayTargetEpoch(group, value);
      return;
    case RECORD_TYPE.consumerGroupTargetAssignmentMember:
      if (value === null) group.targets.delete(key.name);
      else group.targets.set(key.name, readTarget(value));
      return;
    case RECORD_TYPE.consumerGroupCurrentMemberAssignment:
      replayCurrent(group, key.name, value);
      return;
    case RECORD_TYPE.consumerGroupRegularExpression:
      if (value === null) group.regexes.delete(key.name);
      else replayRegex(group, key.name, value);
  }
}

/** Null where there is no such group and it must not be created. */
function groupFor(
  state: CoordinatorState,
  groupId: string,
  isCreated: boolean,
): ConsumerGroup | null {
  const found = state.groups.get(groupId);
  if (found?.type === 'consumer') return found;
  if (!isCreated) return null;
  const group = new ConsumerGroup(groupId);
  state.groups.set(groupId, group);
  return group;
}

function memberOf(group: ConsumerGroup, memberId: string): ConsumerMember {
  return group.members.get(memberId) ?? newConsumerMember(memberId);
}

function replayEpoch(group: ConsumerGroup, bytes: Buffer): void {
  const { epoch, metadataHash } = decodeVersioned(CONSUMER_GROUP_METADATA_VALUE, bytes);
  group.groupEpoch = epoch;
  group.metadataHash = metadataHash;
}

function replayTargetEpoch(group: ConsumerGroup, bytes: Buffer | null): void {
  const value =
    bytes === null ? null : decodeVersioned(CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE, bytes);
  group.assignmentEpoch = value?.assignmentEpoch ?? -1;
  group.assignmentTimestampMs = value?.assignmentTimestamp ?? 0;
}

function replayRegex(group: ConsumerGroup, regex: string, bytes: Buffer): void {
  const value = decodeVersioned(CONSUMER_GROUP_REGULAR_EXPRESSION_VALUE, bytes);
  const { topics, version, timestamp: timestampMs } = value;
  group.regexes.set(regex, { topics: new Set(topics), version, timestampMs });
}

function replayCurrent(group: ConsumerGroup, memberId: string, value: Buffer | null): void {
  if (value !== null) {
    group.put({ ...memberOf(group, memberId), ...readCurrent(value) });
    return;
  }
  // The tombstones of a member come one after the other; this first one takes its partitions.
  const member = group.members.get(memberId);
  if (member === undefined) return;
  group.put({
    ...member,
    memberEpoch: LEAVE_EPOCH,
    previousMemberEpoch: LEAVE_EPOCH,
    assigned: new Map(),
    pendingRevocation: new Map(),
  });
}

function readMember(bytes: Buffer): Partial<ConsumerMember> {
  const value = decodeVersioned(CONSUMER_GROUP_MEMBER_METADATA_VALUE, bytes);
  const { classicMemberMetadata } = value;
  return {
    instanceId: value.instanceId,
    rackId: value.rackId,
    clientId: value.clientId,
    clientHost: value.clientHost,
    topicNames: sortedNames(value.subscribedTopicNames),
    topicRegex: value.subscribedTopicRegex ?? '',
    rebalanceTimeoutMs: value.rebalanceTimeoutMs,
    serverAssignor: value.serverAssignor,
    classic:
      classicMemberMetadata === null
        ? null
        : {
            sessionTimeoutMs: classicMemberMetadata.sessionTimeoutMs,
            protocols: copyProtocols(classicMemberMetadata.supportedProtocols),
          },
  };
}

function readTarget(bytes: Buffer): Assignment {
  const value = decodeVersioned(CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE, bytes);
  return new Map(
    value.topicPartitions.map(({ topicId, partitions }) => [topicId, new Set(partitions)]),
  );
}

function readCurrent(bytes: Buffer): Partial<ConsumerMember> {
  const value = decodeVersioned(CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE, bytes);
  const { memberEpoch, previousMemberEpoch } = value;
  const isKnown = KNOWN_STATES.has(value.state);
  return {
    memberEpoch,
    previousMemberEpoch,
    state: isKnown ? (value.state as MemberState) : MEMBER_STATE.unknown,
    assigned: ownedOf(value.assignedPartitions, memberEpoch),
    pendingRevocation: ownedOf(value.partitionsPendingRevocation, memberEpoch),
  };
}

/** Records of older brokers have no assignment epoch. The member's epoch takes its place. */
function ownedOf(
  topics: values.ConsumerGroupCurrentMemberAssignmentValue['assignedPartitions'],
  memberEpoch: number,
): OwnedPartitions {
  const owned = new Map<string, Map<number, number>>();
  for (const { topicId, partitions, assignmentEpochs } of topics) {
    const since = new Map<number, number>();
    partitions.forEach((partition, i) => {
      since.set(partition, assignmentEpochs?.[i] ?? memberEpoch);
    });
    owned.set(topicId, since);
  }
  return owned;
}
