import type { Assignment, OwnedPartitions } from './assignment.ts';
import { ConsumerGroup } from './consumer-group.ts';
import type { ClassicMetadata, ConsumerMember, MemberState } from './consumer-member.ts';
import { LEAVE_EPOCH, MEMBER_STATE, newConsumerMember, sortedNames } from './consumer-member.ts';
import type { CoordinatorState } from './coordinator-state.ts';
import type { CoordinatorRecord } from './effects.ts';
import type { RecordKey } from './record-keys.ts';
import { RECORD_TYPE, readRecordKey } from './record-keys.ts';
import { RecordReader } from './record-reader.ts';

const KNOWN_STATES: ReadonlySet<number> = new Set(Object.values(MEMBER_STATE));

/**
 * Writes records down and takes their effect by the very way that loading goes, so that a restart
 * cannot come to another state.
 */
export function applyRecords(state: CoordinatorState, records: readonly CoordinatorRecord[]): void {
  for (const record of records) {
    state.persist(record);
    replayConsumerRecord(state, readRecordKey(record.key)!, record.value);
  }
}

export function replayConsumerRecord(
  state: CoordinatorState,
  key: RecordKey,
  value: Buffer | null,
): void {
  const group = groupFor(state, key.groupId, value !== null);
  if (group === null) return;
  const reader = value === null ? null : new RecordReader(value);
  switch (key.type) {
    case RECORD_TYPE.consumerGroupMetadata:
      if (reader === null) state.groups.delete(key.groupId);
      else replayEpoch(group, reader);
      return;
    case RECORD_TYPE.consumerGroupMemberMetadata:
      if (reader === null) group.delete(key.name);
      else group.put({ ...memberOf(group, key.name), ...readMember(reader) });
      return;
    case RECORD_TYPE.consumerGroupTargetAssignmentMetadata:
      replayTargetEpoch(group, reader);
      return;
    case RECORD_TYPE.consumerGroupTargetAssignmentMember:
      if (reader === null) group.targets.delete(key.name);
      else group.targets.set(key.name, readTarget(reader));
      return;
    case RECORD_TYPE.consumerGroupCurrentMemberAssignment:
      replayCurrent(group, key.name, reader);
      return;
    case RECORD_TYPE.consumerGroupRegularExpression:
      if (reader === null) group.regexes.delete(key.name);
      else replayRegex(group, key.name, reader);
  }
}

/** Null where there is no such group and none is to be made. */
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

function replayEpoch(group: ConsumerGroup, reader: RecordReader): void {
  group.groupEpoch = reader.int32();
  group.metadataHash = 0;
  reader.tags((tag) => {
    if (tag === 0) group.metadataHash = reader.int64();
  });
}

function replayTargetEpoch(group: ConsumerGroup, reader: RecordReader | null): void {
  group.assignmentEpoch = reader === null ? -1 : reader.int32();
  group.assignmentTimestampMs = 0;
  reader?.tags((tag) => {
    if (tag === 0) group.assignmentTimestampMs = reader.int64();
  });
}

function replayRegex(group: ConsumerGroup, regex: string, reader: RecordReader): void {
  const topics = new Set<string>();
  for (let left = reader.compactCount(); left > 0; left--) topics.add(reader.compactString());
  group.regexes.set(regex, { topics, version: reader.int64(), timestampMs: reader.int64() });
}

function replayCurrent(group: ConsumerGroup, memberId: string, reader: RecordReader | null): void {
  if (reader !== null) {
    group.put({ ...memberOf(group, memberId), ...readCurrent(reader) });
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

function readMember(reader: RecordReader): Partial<ConsumerMember> {
  const instanceId = reader.nullableCompactString();
  const rackId = reader.nullableCompactString();
  const clientId = reader.compactString();
  const clientHost = reader.compactString();
  const names: string[] = [];
  for (let left = reader.compactCount(); left > 0; left--) names.push(reader.compactString());
  const topicRegex = reader.compactString();
  const rebalanceTimeoutMs = reader.int32();
  const serverAssignor = reader.nullableCompactString();
  let classic: ClassicMetadata | null = null;
  reader.tags((tag) => {
    if (tag === 0 && reader.int8() !== -1) classic = readClassic(reader);
  });
  return {
    instanceId,
    rackId,
    clientId,
    clientHost,
    topicNames: sortedNames(names),
    topicRegex,
    rebalanceTimeoutMs,
    serverAssignor,
    classic,
  };
}

function readClassic(reader: RecordReader): ClassicMetadata {
  const classic: ClassicMetadata = { sessionTimeoutMs: reader.int32(), protocols: [] };
  for (let left = reader.compactCount(); left > 0; left--) {
    classic.protocols.push({ name: reader.compactString(), metadata: reader.compactBytes() });
    reader.tags();
  }
  return classic;
}

function readTarget(reader: RecordReader): Assignment {
  const target = new Map<string, Set<number>>();
  for (let left = reader.compactCount(); left > 0; left--) {
    target.set(reader.uuid(), new Set(reader.compactInt32s()));
    reader.tags();
  }
  return target;
}

function readCurrent(reader: RecordReader): Partial<ConsumerMember> {
  const memberEpoch = reader.int32();
  const previousMemberEpoch = reader.int32();
  const stateCode = reader.int8();
  return {
    memberEpoch,
    previousMemberEpoch,
    state: (KNOWN_STATES.has(stateCode) ? stateCode : MEMBER_STATE.unknown) as MemberState,
    assigned: readOwned(reader, memberEpoch),
    pendingRevocation: readOwned(reader, memberEpoch),
  };
}

/** Records of older brokers do not tell since when; then it is since the member's epoch. */
function readOwned(reader: RecordReader, memberEpoch: number): OwnedPartitions {
  const owned = new Map<string, Map<number, number>>();
  for (let left = reader.compactCount(); left > 0; left--) {
    const topicId = reader.uuid();
    const partitions = reader.compactInt32s();
    let epochs: number[] = [];
    reader.tags((tag) => {
      if (tag === 0) epochs = reader.compactInt32s();
    });
    const since = new Map<number, number>();
    partitions.forEach((partition, i) => {
      since.set(partition, epochs[i] ?? memberEpoch);
    });
    owned.set(topicId, since);
  }
  return owned;
}
