import {
  CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE,
  CONSUMER_GROUP_MEMBER_METADATA_VALUE,
  CONSUMER_GROUP_METADATA_VALUE,
  CONSUMER_GROUP_REGULAR_EXPRESSION_VALUE,
  CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE,
  CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE,
} from '../../../protocol/schema/records-consumer-group.ts';
import type { CoordinatorRecord } from '../../effects.ts';
import type { RecordType } from '../record-keys.ts';
import { RECORD_TYPE } from '../record-keys.ts';
import { recordOf, tombstoneOf } from '../record-of.ts';
import type { Assignment, OwnedPartitions } from './assignment.ts';
import { toTopicPartitions } from './assignment.ts';
import type { ConsumerGroup, ResolvedRegex } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';

export function memberRecord(groupId: string, member: ConsumerMember): CoordinatorRecord {
  const { classic } = member;
  return recordOf(
    RECORD_TYPE.consumerGroupMemberMetadata,
    groupId,
    member.memberId,
    CONSUMER_GROUP_MEMBER_METADATA_VALUE,
    {
      instanceId: member.instanceId,
      rackId: member.rackId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopicNames: [...member.topicNames],
      subscribedTopicRegex: member.topicRegex,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      serverAssignor: member.serverAssignor,
      classicMemberMetadata:
        classic === null
          ? null
          : { sessionTimeoutMs: classic.sessionTimeoutMs, supportedProtocols: classic.protocols },
    },
  );
}

export function groupEpochRecord(
  groupId: string,
  epoch: number,
  metadataHash: number,
): CoordinatorRecord {
  const type = RECORD_TYPE.consumerGroupMetadata;
  const value = { epoch, metadataHash };
  return recordOf(type, groupId, undefined, CONSUMER_GROUP_METADATA_VALUE, value);
}

export function targetRecord(
  groupId: string,
  memberId: string,
  target: Assignment,
): CoordinatorRecord {
  const type = RECORD_TYPE.consumerGroupTargetAssignmentMember;
  const value = { topicPartitions: toTopicPartitions(target) };
  return recordOf(type, groupId, memberId, CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE, value);
}

export function targetEpochRecord(
  groupId: string,
  assignmentEpoch: number,
  assignmentTimestamp: number,
): CoordinatorRecord {
  return recordOf(
    RECORD_TYPE.consumerGroupTargetAssignmentMetadata,
    groupId,
    undefined,
    CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE,
    { assignmentEpoch, assignmentTimestamp },
  );
}

export function currentRecord(groupId: string, member: ConsumerMember): CoordinatorRecord {
  return recordOf(
    RECORD_TYPE.consumerGroupCurrentMemberAssignment,
    groupId,
    member.memberId,
    CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE,
    {
      memberEpoch: member.memberEpoch,
      previousMemberEpoch: member.previousMemberEpoch,
      state: member.state,
      assignedPartitions: ownedPartitions(member.assigned),
      partitionsPendingRevocation: ownedPartitions(member.pendingRevocation),
    },
  );
}

function ownedPartitions(owned: OwnedPartitions) {
  return Array.from(owned, ([topicId, epochs]) => ({
    topicId,
    partitions: [...epochs.keys()],
    assignmentEpochs: [...epochs.values()],
  }));
}

export function regexRecord(
  groupId: string,
  regex: string,
  resolved: ResolvedRegex,
): CoordinatorRecord {
  const type = RECORD_TYPE.consumerGroupRegularExpression;
  const { version, timestampMs: timestamp } = resolved;
  const value = { topics: [...resolved.topics].sort(), version, timestamp };
  return recordOf(type, groupId, regex, CONSUMER_GROUP_REGULAR_EXPRESSION_VALUE, value);
}

export function regexTombstone(groupId: string, regex: string): CoordinatorRecord {
  return tombstoneOf(RECORD_TYPE.consumerGroupRegularExpression, groupId, regex);
}

export function memberTombstones(groupId: string, memberId: string): CoordinatorRecord[] {
  return [
    tombstoneOf(RECORD_TYPE.consumerGroupCurrentMemberAssignment, groupId, memberId),
    tombstoneOf(RECORD_TYPE.consumerGroupTargetAssignmentMember, groupId, memberId),
    tombstoneOf(RECORD_TYPE.consumerGroupMemberMetadata, groupId, memberId),
  ];
}

export function consumerGroupTombstones(group: ConsumerGroup): CoordinatorRecord[] {
  const { groupId } = group;
  const memberIds = [...group.members.keys()];
  const ofMembers = (type: RecordType) => memberIds.map((id) => tombstoneOf(type, groupId, id));
  return [
    ...ofMembers(RECORD_TYPE.consumerGroupCurrentMemberAssignment),
    ...ofMembers(RECORD_TYPE.consumerGroupTargetAssignmentMember),
    tombstoneOf(RECORD_TYPE.consumerGroupTargetAssignmentMetadata, groupId),
    ...ofMembers(RECORD_TYPE.consumerGroupMemberMetadata),
    ...[...group.regexes.keys()].map((regex) => regexTombstone(groupId, regex)),
    tombstoneOf(RECORD_TYPE.consumerGroupPartitionMetadata, groupId),
    tombstoneOf(RECORD_TYPE.consumerGroupMetadata, groupId),
  ];
}
