import type {
  StreamsGroupDescribeResponseDescribedGroup,
  StreamsGroupDescribeResponseTaskIds,
  StreamsGroupDescribeResponseTaskOffset,
  StreamsGroupDescribeResponseTopicInfo,
} from '../../protocol/schema/89-streams-group-describe.ts';
import type { BrokerNode } from '../net/network.ts';

/** Tasks of one subtopology. */
export interface StreamsTasks {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

export interface StreamsAssignment {
  readonly active: readonly StreamsTasks[];
  readonly standby: readonly StreamsTasks[];
  readonly warmup: readonly StreamsTasks[];
}

export interface StreamsTaskOffset {
  readonly subtopologyId: string;
  readonly partition: number;
  readonly offset: number;
}

export interface StreamsMember {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly topologyEpoch: number;
  readonly processId: string;
  /** Where the application answers interactive queries. */
  readonly endpoint: { readonly host: string; readonly port: number } | null;
  readonly clientTags: Readonly<Record<string, string>>;
  readonly taskOffsets: readonly StreamsTaskOffset[];
  readonly taskEndOffsets: readonly StreamsTaskOffset[];
  readonly assignment: StreamsAssignment;
  readonly targetAssignment: StreamsAssignment;
  /** Whether it speaks the classic protocol. */
  readonly isClassic: boolean;
}

/** An internal topic of a subtopology. */
export interface StreamsTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

export interface StreamsSubtopology {
  readonly subtopologyId: string;
  readonly sourceTopics: readonly string[];
  readonly repartitionSinkTopics: readonly string[];
  readonly stateChangelogTopics: readonly StreamsTopic[];
  readonly repartitionSourceTopics: readonly StreamsTopic[];
}

/** A group of Kafka Streams applications (KIP-1071). */
export interface StreamsGroupDescription {
  readonly groupId: string;
  readonly type: 'streams';
  readonly state: string;
  readonly groupEpoch: number;
  readonly assignmentEpoch: number;
  /** -1 while the group has no topology. */
  readonly topologyEpoch: number;
  readonly subtopologies: readonly StreamsSubtopology[];
  readonly members: readonly StreamsMember[];
  readonly coordinator: BrokerNode;
}

type Group = StreamsGroupDescribeResponseDescribedGroup;

export function streamsGroup(group: Group, coordinator: BrokerNode): StreamsGroupDescription {
  return {
    groupId: group.groupId,
    type: 'streams',
    state: group.groupState,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    topologyEpoch: group.topology?.epoch ?? -1,
    subtopologies: (group.topology?.subtopologies ?? []).map((each) => ({
      subtopologyId: each.subtopologyId,
      sourceTopics: each.sourceTopics,
      repartitionSinkTopics: each.repartitionSinkTopics,
      stateChangelogTopics: each.stateChangelogTopics.map(topicOf),
      repartitionSourceTopics: each.repartitionSourceTopics.map(topicOf),
    })),
    members: group.members.map(memberOf),
    coordinator,
  };
}

function memberOf(member: Group['members'][number]): StreamsMember {
  const { userEndpoint: endpoint } = member;
  return {
    memberId: member.memberId,
    memberEpoch: member.memberEpoch,
    instanceId: member.instanceId,
    rackId: member.rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    topologyEpoch: member.topologyEpoch,
    processId: member.processId,
    endpoint: endpoint === null ? null : { host: endpoint.host, port: endpoint.port },
    clientTags: recordOf(member.clientTags),
    taskOffsets: member.taskOffsets.map(offsetOf),
    taskEndOffsets: member.taskEndOffsets.map(offsetOf),
    assignment: assignmentOf(member.assignment),
    targetAssignment: assignmentOf(member.targetAssignment),
    isClassic: member.isClassic,
  };
}

function assignmentOf(given: Group['members'][number]['assignment']): StreamsAssignment {
  return {
    active: given.activeTasks.map(tasksOf),
    standby: given.standbyTasks.map(tasksOf),
    warmup: given.warmupTasks.map(tasksOf),
  };
}

function tasksOf({ subtopologyId, partitions }: StreamsGroupDescribeResponseTaskIds): StreamsTasks {
  return { subtopologyId, partitions };
}

function offsetOf(given: StreamsGroupDescribeResponseTaskOffset): StreamsTaskOffset {
  const { subtopologyId, partition, offset } = given;
  return { subtopologyId, partition, offset };
}

function topicOf(given: StreamsGroupDescribeResponseTopicInfo): StreamsTopic {
  const { name, partitions, replicationFactor, topicConfigs } = given;
  return { name, partitions, replicationFactor, configs: recordOf(topicConfigs) };
}

function recordOf(pairs: readonly { readonly key: string; readonly value: string }[]) {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
