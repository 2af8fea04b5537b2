import { decodeVersioned } from '../../../protocol/message-bytes.ts';
import type * as values from '../../../protocol/schema/records-streams-group.ts';
import {
  STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE,
  STREAMS_GROUP_MEMBER_METADATA_VALUE,
  STREAMS_GROUP_METADATA_VALUE,
  STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE,
  STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE,
  STREAMS_GROUP_TOPOLOGY_VALUE,
} from '../../../protocol/schema/records-streams-group.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import type { RecordKey } from '../record-keys.ts';
import { RECORD_TYPE } from '../record-keys.ts';
import { StreamsGroup } from './streams-group.ts';
import type { StreamsMember, StreamsMemberState } from './streams-member.ts';
import { newStreamsMember, STREAMS_LEAVE_EPOCH, STREAMS_MEMBER_STATE } from './streams-member.ts';
import { StreamsTopology } from './streams-topology.ts';
import type { EpochTasks, TaskSet } from './tasks.ts';
import { fromTaskIds, NO_OWNED_TASKS } from './tasks.ts';

const NO_ASSIGNMENT_EPOCH = -1;
const KNOWN_STATES: ReadonlySet<number> = new Set(Object.values(STREAMS_MEMBER_STATE));

export function replayStreamsRecord(
  state: CoordinatorState,
  key: RecordKey,
  value: Buffer | null,
): void {
  const group = groupFor(state, key.groupId, value !== null);
  if (group === null) return;
  switch (key.type) {
    case RECORD_TYPE.streamsGroupMetadata:
      if (value === null) state.groups.delete(key.groupId);
      else replayEpoch(group, value);
      return;
    case RECORD_TYPE.streamsGroupTopology:
      group.topology = value === null ? null : readTopology(value);
      return;
    case RECORD_TYPE.streamsGroupMemberMetadata:
      if (value === null) group.delete(key.name);
      else group.put({ ...memberOf(group, key.name), ...readMember(value) });
      return;
    case RECORD_TYPE.streamsGroupTargetAssignmentMetadata:
      replayTargetEpoch(group, value);
      return;
    case RECORD_TYPE.streamsGroupTargetAssignmentMember:
      if (value === null) group.targets.delete(key.name);
      else group.targets.set(key.name, readTarget(value));
      return;
    case RECORD_TYPE.streamsGroupCurrentMemberAssignment:
      replayCurrent(group, key.name, value);
  }
}

/** Null where there is no such group and it must not be created. */
function groupFor(
  state: CoordinatorState,
  groupId: string,
  isCreated: boolean,
): StreamsGroup | null {
  const found = state.groups.get(groupId);
  if (found?.type === 'streams') return found;
  if (!isCreated) return null;
  const group = new StreamsGroup(groupId);
  state.groups.set(groupId, group);
  return group;
}

function memberOf(group: StreamsGroup, memberId: string): StreamsMember {
  return group.members.get(memberId) ?? newStreamsMember(memberId);
}

function replayEpoch(group: StreamsGroup, bytes: Buffer): void {
  const value = decodeVersioned(STREAMS_GROUP_METADATA_VALUE, bytes);
  group.groupEpoch = value.epoch;
  group.metadataHash = value.metadataHash;
  group.validatedTopologyEpoch = value.validatedTopologyEpoch;
  const configs = value.lastAssignmentConfigs ?? [];
  group.assignmentConfigs = new Map(configs.map((config) => [config.key, config.value]));
}

function readTopology(bytes: Buffer): StreamsTopology {
  return new StreamsTopology(decodeVersioned(STREAMS_GROUP_TOPOLOGY_VALUE, bytes));
}

function replayTargetEpoch(group: StreamsGroup, bytes: Buffer | null): void {
  const value =
    bytes === null ? null : decodeVersioned(STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE, bytes);
  group.assignmentEpoch = value?.assignmentEpoch ?? NO_ASSIGNMENT_EPOCH;
  group.assignmentTimestampMs = value?.assignmentTimestamp ?? 0;
}

function replayCurrent(group: StreamsGroup, memberId: string, value: Buffer | null): void {
  if (value !== null) {
    group.put({ ...memberOf(group, memberId), ...readCurrent(value) });
    return;
  }
  // The tombstones of a member come one after the other. This first one takes its tasks.
  const member = group.members.get(memberId);
  if (member === undefined) return;
  group.put({
    ...member,
    memberEpoch: STREAMS_LEAVE_EPOCH,
    previousMemberEpoch: STREAMS_LEAVE_EPOCH,
    owned: NO_OWNED_TASKS,
    pendingRevocation: NO_OWNED_TASKS,
  });
}

function readMember(bytes: Buffer): Partial<StreamsMember> {
  const { userEndpoint, ...value } = decodeVersioned(STREAMS_GROUP_MEMBER_METADATA_VALUE, bytes);
  return { ...value, endpoint: userEndpoint };
}

function readTarget(bytes: Buffer): TaskSet {
  const value = decodeVersioned(STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE, bytes);
  return {
    active: fromTaskIds(value.activeTasks),
    standby: fromTaskIds(value.standbyTasks),
    warmup: fromTaskIds(value.warmupTasks),
  };
}

function readCurrent(bytes: Buffer): Partial<StreamsMember> {
  const value = decodeVersioned(STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE, bytes);
  const { memberEpoch, previousMemberEpoch } = value;
  const isKnown = KNOWN_STATES.has(value.state);
  return {
    memberEpoch,
    previousMemberEpoch,
    state: isKnown ? (value.state as StreamsMemberState) : STREAMS_MEMBER_STATE.unknown,
    owned: {
      active: epochTasksOf(value.activeTasks, memberEpoch),
      standby: fromTaskIds(value.standbyTasks),
      warmup: fromTaskIds(value.warmupTasks),
    },
    pendingRevocation: {
      active: epochTasksOf(value.activeTasksPendingRevocation, memberEpoch),
      standby: fromTaskIds(value.standbyTasksPendingRevocation),
      warmup: fromTaskIds(value.warmupTasksPendingRevocation),
    },
  };
}

/** Records of older brokers have no assignment epochs. The member's epoch takes their place. */
function epochTasksOf(
  ids: readonly values.StreamsGroupCurrentMemberAssignmentValueTaskIds[],
  memberEpoch: number,
): EpochTasks {
  const tasks = new Map<string, Map<number, number>>();
  for (const { subtopologyId, partitions, assignmentEpochs } of ids) {
    const epochs = new Map<number, number>();
    const hasEpochs = assignmentEpochs?.length === partitions.length;
    partitions.forEach((partition, i) => {
      epochs.set(partition, hasEpochs ? assignmentEpochs![i]! : memberEpoch);
    });
    tasks.set(subtopologyId, epochs);
  }
  return tasks;
}
