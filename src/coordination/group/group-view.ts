import type { ClassicGroup } from './classic/classic-group.ts';
import { readAssignment } from './classic/consumer-protocol.ts';
import type { ConsumerGroup } from './consumer/consumer-group.ts';
import type { CoordinatorState, Group } from './coordinator-state.ts';
import type { CommittedOffset } from './offsets/offset-store.ts';
import type { StreamsGroup } from './streams/streams-group.ts';
import { sourcesOf } from './streams/streams-topology.ts';

/** A group as metrics and tools see it. */
export interface GroupView {
  readonly groupId: string;
  readonly type: 'classic' | 'consumer' | 'streams';
  readonly state: string;
  readonly protocolType: string;
  /** The generation of a classic group, the group epoch of another one. */
  readonly epoch: number;
  readonly memberCount: number;
  members(): Iterable<MemberView>;
  offsets(): Iterable<OffsetView>;
  /** What transactions would commit. */
  pending(): Iterable<{ topic: string; partition: number; offset: number }>;
}

export interface MemberView {
  memberId: string;
  instanceId: string | null;
  clientId: string;
  clientHost: string;
  /**
   * The assigned partitions by topic name; empty for protocols whose assignments the broker cannot
   * read.
   */
  partitions: { topic: string; partitions: number[] }[];
}

export interface OffsetView extends Readonly<CommittedOffset> {
  readonly topic: string;
  readonly partition: number;
}

export function* viewGroups(state: CoordinatorState): Iterable<GroupView> {
  for (const group of state.groups.values()) yield viewOf(state, group);
}

function viewOf(state: CoordinatorState, group: Group): GroupView {
  return {
    groupId: group.groupId,
    type: group.type,
    state: group.state,
    protocolType: group.protocolType ?? '',
    epoch: group.type === 'classic' ? group.generationId : group.groupEpoch,
    memberCount: group.members.size,
    members: () => membersOf(state, group),
    offsets: () => offsetsOf(state, group.groupId),
    pending: () => state.offsets.pendingOf(group.groupId),
  };
}

function membersOf(state: CoordinatorState, group: Group): Iterable<MemberView> {
  if (group.type === 'classic') return classicMembers(group);
  return group.type === 'consumer' ? consumerMembers(state, group) : streamsMembers(group);
}

function* classicMembers(group: ClassicGroup): Iterable<MemberView> {
  for (const member of group.members.values()) {
    const assignment = group.usesConsumerProtocol ? readAssignment(member.assignment) : null;
    yield {
      memberId: member.memberId,
      instanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      partitions: assignment?.assignedPartitions ?? [],
    };
  }
}

function* consumerMembers(state: CoordinatorState, group: ConsumerGroup): Iterable<MemberView> {
  for (const member of group.members.values()) {
    const partitions: MemberView['partitions'] = [];
    for (const [topicId, epochs] of member.assigned) {
      const topic = state.topics.topicName(topicId);
      if (topic !== undefined) partitions.push({ topic, partitions: [...epochs.keys()] });
    }
    const { memberId, instanceId, clientId, clientHost } = member;
    yield { memberId, instanceId, clientId, clientHost, partitions };
  }
}

/** The partitions that the member's active tasks read. */
function* streamsMembers({ members, topology }: StreamsGroup): Iterable<MemberView> {
  for (const { memberId, instanceId, clientId, clientHost, owned } of members.values()) {
    const partitions: MemberView['partitions'] = [];
    for (const [id, epochs] of owned.active) {
      const subtopology = topology?.subtopologies.get(id);
      for (const topic of subtopology === undefined ? [] : sourcesOf(subtopology)) {
        partitions.push({ topic, partitions: [...epochs.keys()] });
      }
    }
    yield { memberId, instanceId, clientId, clientHost, partitions };
  }
}

function* offsetsOf(state: CoordinatorState, groupId: string): Iterable<OffsetView> {
  for (const [topic, partitions] of state.offsets.ofGroup(groupId) ?? []) {
    for (const [partition, committed] of partitions) yield { ...committed, topic, partition };
  }
}
