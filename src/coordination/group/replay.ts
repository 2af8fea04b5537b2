import type { CoordinatorRecord } from '../effects.ts';
import { CLASSIC_STATE, ClassicGroup } from './classic/classic-group.ts';
import { ClassicMember } from './classic/classic-member.ts';
import { replayConsumerRecord } from './consumer/consumer-replay.ts';
import type { CoordinatorState } from './coordinator-state.ts';
import { readGroupMetadataValue } from './group-records.ts';
import { readOffsetCommitValue } from './offsets/offset-records.ts';
import type { RecordKey } from './record-keys.ts';
import { RECORD_TYPE, readRecordKey } from './record-keys.ts';
import { replayStreamsRecord } from './streams/streams-replay.ts';

/** Of a record outside of a transaction. */
const NO_PRODUCER = -1;

/**
 * Persists records of a consumer or streams group and applies them with the code that loads the
 * log, so that a restart comes to the same state.
 */
export function applyRecords(state: CoordinatorState, records: readonly CoordinatorRecord[]): void {
  for (const record of records) {
    state.persist(record);
    replayRecord(state, record.key, record.value, NO_PRODUCER);
  }
}

/**
 * Applies one record of the log, in order. After compaction the records of a group may have gaps,
 * so that a tombstone for what is not there is nothing special. `producerId` is -1 outside of a
 * transaction.
 */
export function replayRecord(
  state: CoordinatorState,
  keyBytes: Buffer,
  value: Buffer | null,
  producerId: number,
): void {
  const key = readRecordKey(keyBytes);
  if (key === null) return;
  switch (key.type) {
    case RECORD_TYPE.legacyOffsetCommit:
    case RECORD_TYPE.offsetCommit:
      replayOffset(state, key, value, producerId);
      return;
    case RECORD_TYPE.groupMetadata:
      replayClassicGroup(state, key.groupId, value);
      return;
    case RECORD_TYPE.streamsGroupMetadata:
    case RECORD_TYPE.streamsGroupMemberMetadata:
    case RECORD_TYPE.streamsGroupTargetAssignmentMetadata:
    case RECORD_TYPE.streamsGroupTargetAssignmentMember:
    case RECORD_TYPE.streamsGroupCurrentMemberAssignment:
    case RECORD_TYPE.streamsGroupTopology:
      replayStreamsRecord(state, key, value);
      return;
    default:
      replayConsumerRecord(state, key, value);
  }
}

function replayOffset(
  state: CoordinatorState,
  key: RecordKey,
  value: Buffer | null,
  producerId: number,
): void {
  const { groupId, name, partition } = key;
  if (value === null) {
    state.offsets.delete(groupId, name, partition);
    return;
  }
  // Offsets may have no group record. Then the group is one that only stores offsets.
  if (!state.groups.has(groupId)) {
    state.groups.set(groupId, new ClassicGroup(groupId, state.wallMs));
  }
  const committed = readOffsetCommitValue(value);
  if (producerId === NO_PRODUCER) state.offsets.put(groupId, name, partition, committed);
  else state.offsets.putPending(producerId, groupId, name, partition, committed);
}

function replayClassicGroup(state: CoordinatorState, groupId: string, bytes: Buffer | null): void {
  if (bytes === null) {
    if (state.groups.get(groupId)?.type === 'classic') state.groups.delete(groupId);
    return;
  }
  const value = readGroupMetadataValue(bytes);
  const group = new ClassicGroup(groupId, value.currentStateTimestamp);
  group.generationId = value.generation;
  for (const member of value.members) {
    const loaded = new ClassicMember({
      memberId: member.memberId,
      instanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      protocolType: value.protocolType,
      rebalanceTimeoutMs:
        member.rebalanceTimeout === -1 ? member.sessionTimeout : member.rebalanceTimeout,
      sessionTimeoutMs: member.sessionTimeout,
      protocols: [{ name: value.protocol ?? '', metadata: Buffer.from(member.subscription) }],
    });
    loaded.assignment = Buffer.from(member.assignment);
    group.add(loaded);
  }
  group.state = group.members.size === 0 ? CLASSIC_STATE.empty : CLASSIC_STATE.stable;
  group.protocolType = value.protocolType === '' ? null : value.protocolType;
  group.protocolName = value.protocol;
  if (value.leader !== null && group.members.has(value.leader)) group.leaderId = value.leader;
  group.refreshSubscribedTopics();
  state.groups.set(groupId, group);
}
