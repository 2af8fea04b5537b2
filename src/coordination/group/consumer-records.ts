import type { Assignment, OwnedPartitions } from './assignment.ts';
import type { ConsumerGroup, ResolvedRegex } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import type { CoordinatorRecord } from './effects.ts';
import type { RecordType } from './record-keys.ts';
import { RECORD_TYPE, recordKey } from './record-keys.ts';
import { RecordWriter } from './record-writer.ts';

/** Every value of a consumer group is at version 0, which is flexible. */
const VALUE_VERSION = 0;

function tombstone(type: RecordType, groupId: string, name?: string): CoordinatorRecord {
  return { key: recordKey(type, groupId, name), value: null };
}

export function memberRecord(groupId: string, member: ConsumerMember): CoordinatorRecord {
  const writer = new RecordWriter(VALUE_VERSION)
    .compactString(member.instanceId)
    .compactString(member.rackId)
    .compactString(member.clientId)
    .compactString(member.clientHost)
    .compactCount(member.topicNames.length);
  for (const name of member.topicNames) writer.compactString(name);
  writer
    .compactString(member.topicRegex)
    .int32(member.rebalanceTimeoutMs)
    .compactString(member.serverAssignor);
  const { classic } = member;
  if (classic === null) {
    writer.noTags();
  } else {
    writer.oneTag(0, (field) => {
      // A nullable struct begins with a byte that says it is there.
      field.int8(1).int32(classic.sessionTimeoutMs).compactCount(classic.protocols.length);
      for (const { name, metadata } of classic.protocols) {
        field.compactString(name).compactBytes(metadata).noTags();
      }
      field.noTags();
    });
  }
  const type = RECORD_TYPE.consumerGroupMemberMetadata;
  return { key: recordKey(type, groupId, member.memberId), value: writer.finish() };
}

export function groupEpochRecord(
  groupId: string,
  epoch: number,
  metadataHash: number,
): CoordinatorRecord {
  const writer = new RecordWriter(VALUE_VERSION).int32(epoch);
  if (metadataHash === 0) writer.noTags();
  else writer.oneTag(0, (field) => field.int64(metadataHash));
  return { key: recordKey(RECORD_TYPE.consumerGroupMetadata, groupId), value: writer.finish() };
}

export function targetRecord(
  groupId: string,
  memberId: string,
  target: Assignment,
): CoordinatorRecord {
  const writer = new RecordWriter(VALUE_VERSION).compactCount(target.size);
  for (const [topicId, partitions] of target) {
    writer
      .uuid(topicId)
      .compactInt32s([...partitions])
      .noTags();
  }
  const type = RECORD_TYPE.consumerGroupTargetAssignmentMember;
  return { key: recordKey(type, groupId, memberId), value: writer.noTags().finish() };
}

export function targetEpochRecord(
  groupId: string,
  epoch: number,
  timestampMs: number,
): CoordinatorRecord {
  const writer = new RecordWriter(VALUE_VERSION).int32(epoch);
  if (timestampMs === 0) writer.noTags();
  else writer.oneTag(0, (field) => field.int64(timestampMs));
  const type = RECORD_TYPE.consumerGroupTargetAssignmentMetadata;
  return { key: recordKey(type, groupId), value: writer.finish() };
}

export function currentRecord(groupId: string, member: ConsumerMember): CoordinatorRecord {
  const writer = new RecordWriter(VALUE_VERSION)
    .int32(member.memberEpoch)
    .int32(member.previousMemberEpoch)
    .int8(member.state);
  writeOwned(writer, member.assigned);
  writeOwned(writer, member.pendingRevocation);
  const type = RECORD_TYPE.consumerGroupCurrentMemberAssignment;
  return { key: recordKey(type, groupId, member.memberId), value: writer.noTags().finish() };
}

function writeOwned(writer: RecordWriter, owned: OwnedPartitions): void {
  writer.compactCount(owned.size);
  for (const [topicId, epochs] of owned) {
    writer.uuid(topicId).compactInt32s([...epochs.keys()]);
    writer.oneTag(0, (field) => field.compactInt32s([...epochs.values()]));
  }
}

export function regexRecord(
  groupId: string,
  regex: string,
  resolved: ResolvedRegex,
): CoordinatorRecord {
  const topics = [...resolved.topics].sort();
  const writer = new RecordWriter(VALUE_VERSION).compactCount(topics.length);
  for (const topic of topics) writer.compactString(topic);
  writer.int64(resolved.version).int64(resolved.timestampMs).noTags();
  const type = RECORD_TYPE.consumerGroupRegularExpression;
  return { key: recordKey(type, groupId, regex), value: writer.finish() };
}

export function regexTombstone(groupId: string, regex: string): CoordinatorRecord {
  return tombstone(RECORD_TYPE.consumerGroupRegularExpression, groupId, regex);
}

export function memberTombstones(groupId: string, memberId: string): CoordinatorRecord[] {
  return [
    tombstone(RECORD_TYPE.consumerGroupCurrentMemberAssignment, groupId, memberId),
    tombstone(RECORD_TYPE.consumerGroupTargetAssignmentMember, groupId, memberId),
    tombstone(RECORD_TYPE.consumerGroupMemberMetadata, groupId, memberId),
  ];
}

export function consumerGroupTombstones(group: ConsumerGroup): CoordinatorRecord[] {
  const { groupId } = group;
  const memberIds = [...group.members.keys()];
  const ofMembers = (type: RecordType) => memberIds.map((id) => tombstone(type, groupId, id));
  return [
    ...ofMembers(RECORD_TYPE.consumerGroupCurrentMemberAssignment),
    ...ofMembers(RECORD_TYPE.consumerGroupTargetAssignmentMember),
    tombstone(RECORD_TYPE.consumerGroupTargetAssignmentMetadata, groupId),
    ...ofMembers(RECORD_TYPE.consumerGroupMemberMetadata),
    ...[...group.regexes.keys()].map((regex) => regexTombstone(groupId, regex)),
    tombstone(RECORD_TYPE.consumerGroupPartitionMetadata, groupId),
    tombstone(RECORD_TYPE.consumerGroupMetadata, groupId),
  ];
}
