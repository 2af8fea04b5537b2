import type { ClassicGroup } from './classic-group.ts';
import type { CoordinatorRecord } from './effects.ts';
import { RECORD_TYPE, recordKey } from './record-keys.ts';
import { RecordReader } from './record-reader.ts';
import { RecordWriter } from './record-writer.ts';

/** What Kafka writes; versions 0 to 4 are read. */
const VALUE_VERSION = 3;
const FLEXIBLE_VERSION = 4;

export interface GroupMetadataValue {
  protocolType: string;
  generation: number;
  protocol: string | null;
  leader: string | null;
  currentStateTimestamp: number;
  members: MemberMetadata[];
}

export interface MemberMetadata {
  memberId: string;
  groupInstanceId: string | null;
  clientId: string;
  clientHost: string;
  rebalanceTimeout: number;
  sessionTimeout: number;
  subscription: Buffer;
  assignment: Buffer;
}

/** The generation as it stands. */
export function groupMetadataRecord(group: ClassicGroup): CoordinatorRecord {
  const writer = new RecordWriter(VALUE_VERSION)
    .string(group.protocolType ?? '')
    .int32(group.generationId)
    .string(group.protocolName)
    .string(group.leaderId)
    .int64(group.stateTimestampMs)
    .int32(group.members.size);
  for (const member of group.members.values()) {
    writer
      .string(member.memberId)
      .string(member.instanceId)
      .string(member.clientId)
      .string(member.clientHost)
      .int32(member.rebalanceTimeoutMs)
      .int32(member.sessionTimeoutMs)
      .bytes(member.metadata(group.protocolName))
      .bytes(member.assignment);
  }
  return { key: keyOf(group.groupId), value: writer.finish() };
}

/** A group that has been made and has no generation yet. */
export function emptyGroupMetadataRecord(group: ClassicGroup): CoordinatorRecord {
  const writer = new RecordWriter(VALUE_VERSION)
    .string('')
    .int32(0)
    .string(null)
    .string(null)
    .int64(group.stateTimestampMs)
    .int32(0);
  return { key: keyOf(group.groupId), value: writer.finish() };
}

export function groupTombstone(groupId: string): CoordinatorRecord {
  return { key: keyOf(groupId), value: null };
}

function keyOf(groupId: string): Buffer {
  return recordKey(RECORD_TYPE.groupMetadata, groupId);
}

export function readGroupMetadataValue(bytes: Buffer): GroupMetadataValue {
  const reader = new RecordReader(bytes);
  const isFlexible = reader.version >= FLEXIBLE_VERSION;
  const text = () => (isFlexible ? reader.nullableCompactString() : reader.nullableString());
  const value: GroupMetadataValue = {
    protocolType: text() ?? '',
    generation: reader.int32(),
    protocol: text(),
    leader: text(),
    currentStateTimestamp: reader.version >= 2 ? reader.int64() : -1,
    members: [],
  };
  let left = isFlexible ? reader.compactCount() : reader.count();
  for (; left > 0; left--) value.members.push(readMember(reader, isFlexible));
  if (isFlexible) reader.tags();
  return value;
}

function readMember(reader: RecordReader, isFlexible: boolean): MemberMetadata {
  const { version } = reader;
  const text = () => (isFlexible ? reader.nullableCompactString() : reader.nullableString());
  const blob = () => (isFlexible ? reader.compactBytes() : reader.bytes());
  const member = {
    memberId: text() ?? '',
    groupInstanceId: version >= 3 ? text() : null,
    clientId: text() ?? '',
    clientHost: text() ?? '',
    rebalanceTimeout: version >= 1 ? reader.int32() : -1,
    sessionTimeout: reader.int32(),
    subscription: blob(),
    assignment: blob(),
  };
  if (isFlexible) reader.tags();
  return member;
}
