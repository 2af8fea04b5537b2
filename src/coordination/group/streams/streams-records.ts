import {
  STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE,
  STREAMS_GROUP_MEMBER_METADATA_VALUE,
  STREAMS_GROUP_METADATA_VALUE,
  STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE,
  STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE,
  STREAMS_GROUP_TOPOLOGY_VALUE,
} from '../../../protocol/schema/records-streams-group.ts';
import type { CoordinatorRecord } from '../../effects.ts';
import type { RecordType } from '../record-keys.ts';
import { RECORD_TYPE } from '../record-keys.ts';
import { recordOf, tombstoneOf } from '../record-of.ts';
import type { StreamsGroup } from './streams-group.ts';
import type { StreamsMember } from './streams-member.ts';
import type { StreamsTopology } from './streams-topology.ts';
import type { EpochTasks, TaskSet } from './tasks.ts';
import { toTaskIds } from './tasks.ts';

/** The fields of a group's own record. */
export interface GroupEpoch {
  readonly epoch: number;
  readonly metadataHash: number;
  readonly validatedTopologyEpoch: number;
  readonly assignmentConfigs: ReadonlyMap<string, string>;
}

export function streamsEpochRecord(groupId: string, group: GroupEpoch): CoordinatorRecord {
  const { epoch, metadataHash, validatedTopologyEpoch, assignmentConfigs } = group;
  const type = RECORD_TYPE.streamsGroupMetadata;
  return recordOf(type, groupId, undefined, STREAMS_GROUP_METADATA_VALUE, {
    epoch,
    metadataHash,
    validatedTopologyEpoch,
    lastAssignmentConfigs: Array.from(assignmentConfigs, ([key, value]) => ({ key, value })),
  });
}

export function streamsTopologyRecord(
  groupId: string,
  topology: StreamsTopology,
): CoordinatorRecord {
  const type = RECORD_TYPE.streamsGroupTopology;
  return recordOf(type, groupId, undefined, STREAMS_GROUP_TOPOLOGY_VALUE, topology.value);
}

export function streamsMemberRecord(groupId: string, member: StreamsMember): CoordinatorRecord {
  const type = RECORD_TYPE.streamsGroupMemberMetadata;
  return recordOf(type, groupId, member.memberId, STREAMS_GROUP_MEMBER_METADATA_VALUE, {
    instanceId: member.instanceId,
    rackId: member.rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    topologyEpoch: member.topologyEpoch,
    processId: member.processId,
    userEndpoint: member.endpoint,
    clientTags: member.clientTags.map(({ key, value }) => ({ key, value })),
  });
}

export function streamsTargetRecord(
  groupId: string,
  memberId: string,
  target: TaskSet,
): CoordinatorRecord {
  const type = RECORD_TYPE.streamsGroupTargetAssignmentMember;
  return recordOf(type, groupId, memberId, STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE, {
    activeTasks: toTaskIds(target.active),
    standbyTasks: toTaskIds(target.standby),
    warmupTasks: toTaskIds(target.warmup),
  });
}

export function streamsTargetEpochRecord(
  groupId: string,
  assignmentEpoch: number,
  assignmentTimestamp: number,
): CoordinatorRecord {
  const type = RECORD_TYPE.streamsGroupTargetAssignmentMetadata;
  const value = { assignmentEpoch, assignmentTimestamp };
  return recordOf(type, groupId, undefined, STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE, value);
}

export function streamsCurrentRecord(groupId: string, member: StreamsMember): CoordinatorRecord {
  const { owned, pendingRevocation: pending } = member;
  const type = RECORD_TYPE.streamsGroupCurrentMemberAssignment;
  return recordOf(type, groupId, member.memberId, STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE, {
    memberEpoch: member.memberEpoch,
    previousMemberEpoch: member.previousMemberEpoch,
    state: member.state,
    activeTasks: withEpochs(owned.active),
    standbyTasks: toTaskIds(owned.standby),
    warmupTasks: toTaskIds(owned.warmup),
    activeTasksPendingRevocation: withEpochs(pending.active),
    standbyTasksPendingRevocation: toTaskIds(pending.standby),
    warmupTasksPendingRevocation: toTaskIds(pending.warmup),
  });
}

function withEpochs(tasks: EpochTasks) {
  return toTaskIds(tasks).map(({ subtopologyId, partitions }) => {
    const epochs = tasks.get(subtopologyId)!;
    const assignmentEpochs = partitions.map((partition) => epochs.get(partition)!);
    return { subtopologyId, partitions, assignmentEpochs };
  });
}

export function streamsMemberTombstones(groupId: string, memberId: string): CoordinatorRecord[] {
  return [
    tombstoneOf(RECORD_TYPE.streamsGroupCurrentMemberAssignment, groupId, memberId),
    tombstoneOf(RECORD_TYPE.streamsGroupTargetAssignmentMember, groupId, memberId),
    tombstoneOf(RECORD_TYPE.streamsGroupMemberMetadata, groupId, memberId),
  ];
}

export function streamsGroupTombstones(group: StreamsGroup): CoordinatorRecord[] {
  const { groupId } = group;
  const memberIds = [...group.members.keys()];
  const ofMembers = (type: RecordType) => memberIds.map((id) => tombstoneOf(type, groupId, id));
  return [
    ...ofMembers(RECORD_TYPE.streamsGroupCurrentMemberAssignment),
    ...ofMembers(RECORD_TYPE.streamsGroupTargetAssignmentMember),
    tombstoneOf(RECORD_TYPE.streamsGroupTargetAssignmentMetadata, groupId),
    ...ofMembers(RECORD_TYPE.streamsGroupMemberMetadata),
    tombstoneOf(RECORD_TYPE.streamsGroupMetadata, groupId),
    tombstoneOf(RECORD_TYPE.streamsGroupTopology, groupId),
  ];
}
