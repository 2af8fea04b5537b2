import { ERROR } from '../../../base/kafka-errors.ts';
import { refusedStreamsGroup } from '../../../protocol/group-refusals.ts';
import type {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
} from '../../../protocol/schema/89-streams-group-describe.ts';
import type { Unthrottled } from '../../../protocol/throttle-time.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { authorizedOperations } from '../group-listing.ts';
import type { InternalTopic } from './configured-topology.ts';
import type { StreamsGroup } from './streams-group.ts';
import type { StreamsMember } from './streams-member.ts';
import type { OwnedTasks, TaskSet } from './tasks.ts';
import { toTaskIds } from './tasks.ts';

type DescribedGroup = StreamsGroupDescribeResponse['groups'][number];
type DescribedTopology = NonNullable<DescribedGroup['topology']>;
type DescribedSubtopology = NonNullable<DescribedTopology['subtopologies']>[number];
type DescribedMember = DescribedGroup['members'][number];

export function describeStreamsGroups(
  state: CoordinatorState,
  request: StreamsGroupDescribeRequest,
): Unthrottled<StreamsGroupDescribeResponse> {
  const operations = authorizedOperations(request.includeAuthorizedOperations);
  return { groups: request.groupIds.map((groupId) => describeOne(state, groupId, operations)) };
}

function describeOne(state: CoordinatorState, groupId: string, authorized: number): DescribedGroup {
  if (groupId === '') return refusedStreamsGroup(groupId, ERROR.INVALID_GROUP_ID);
  const group = state.groups.get(groupId);
  if (group?.type === 'streams') return described(group, authorized);
  const problem = group === undefined ? 'not found' : 'is not a streams group';
  const message = `Group ${groupId} ${problem}.`;
  return refusedStreamsGroup(groupId, ERROR.GROUP_ID_NOT_FOUND, message);
}

function described(group: StreamsGroup, operations: number): DescribedGroup {
  const members: DescribedMember[] = [];
  for (const member of group.members.values()) {
    members.push(describeMember(member, group.target(member.memberId)));
  }
  return {
    errorCode: ERROR.NONE,
    errorMessage: null,
    groupId: group.groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    topology: describeTopology(group),
    members,
    authorizedOperations: operations,
  };
}

/** With the partitions that were decided, once all topics are there; before as the members tell. */
function describeTopology({ configured, topology }: StreamsGroup): DescribedTopology | null {
  if (topology === null) return null;
  const subtopologies: DescribedSubtopology[] = [];
  if (configured !== null && configured.problem === null) {
    for (const [subtopologyId, subtopology] of configured.subtopologies!) {
      const { changelogTopics, ...topics } = subtopology;
      const given = { ...topics, stateChangelogTopics: changelogTopics };
      subtopologies.push(describeSubtopology(subtopologyId, given));
    }
    return { epoch: configured.epoch, subtopologies };
  }
  for (const id of [...topology.subtopologies.keys()].sort()) {
    subtopologies.push(describeSubtopology(id, topology.subtopologies.get(id)!));
  }
  return { epoch: topology.epoch, subtopologies };
}

interface SubtopologyTopics {
  readonly sourceTopics: readonly string[];
  readonly repartitionSinkTopics: readonly string[];
  readonly repartitionSourceTopics: readonly InternalTopic[];
  readonly stateChangelogTopics: readonly InternalTopic[];
}

function describeSubtopology(
  subtopologyId: string,
  topics: SubtopologyTopics,
): DescribedSubtopology {
  return {
    subtopologyId,
    sourceTopics: [...topics.sourceTopics].sort(),
    repartitionSinkTopics: [...topics.repartitionSinkTopics].sort(),
    repartitionSourceTopics: describeTopics(topics.repartitionSourceTopics),
    stateChangelogTopics: describeTopics(topics.stateChangelogTopics),
  };
}

function describeTopics(topics: readonly InternalTopic[]) {
  const described = topics.map(({ name, partitions, replicationFactor, topicConfigs }) => {
    return { name, partitions, replicationFactor, topicConfigs };
  });
  return described.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function describeMember(member: StreamsMember, target: TaskSet): DescribedMember {
  const { endpoint } = member;
  return {
    memberId: member.memberId,
    memberEpoch: member.memberEpoch,
    instanceId: member.instanceId,
    rackId: member.rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    topologyEpoch: member.topologyEpoch,
    processId: member.processId,
    userEndpoint: endpoint === null ? null : { host: endpoint.host, port: endpoint.port },
    clientTags: member.clientTags.map(({ key, value }) => ({ key, value })),
    taskOffsets: [],
    taskEndOffsets: [],
    assignment: describeTasks(member.owned),
    targetAssignment: describeTasks(target),
    isClassic: false,
  };
}

function describeTasks({ active, standby, warmup }: OwnedTasks | TaskSet) {
  return {
    activeTasks: toTaskIds(active),
    standbyTasks: toTaskIds(standby),
    warmupTasks: toTaskIds(warmup),
  };
}
