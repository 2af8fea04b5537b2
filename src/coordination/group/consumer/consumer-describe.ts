import { ERROR } from '../../../base/kafka-errors.ts';
import { refusedConsumerGroup } from '../../../protocol/group-refusals.ts';
import type {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from '../../../protocol/schema/69-consumer-group-describe.ts';
import type { Unthrottled } from '../../../protocol/throttle-time.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { authorizedOperations } from '../group-listing.ts';
import type { Assignment } from './assignment.ts';
import { toTopicPartitions } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { heldBy } from './consumer-member.ts';
import { preferredAssignor } from './target-assignment.ts';

type DescribedGroup = ConsumerGroupDescribeResponse['groups'][number];
type DescribedMember = DescribedGroup['members'][number];

const CLASSIC_MEMBER = 0;
const CONSUMER_MEMBER = 1;

export function describeConsumerGroups(
  state: CoordinatorState,
  request: ConsumerGroupDescribeRequest,
): Unthrottled<ConsumerGroupDescribeResponse> {
  const operations = authorizedOperations(request.includeAuthorizedOperations);
  const groups = request.groupIds.map((groupId) => describeOne(state, groupId, operations));
  return { groups };
}

function describeOne(state: CoordinatorState, groupId: string, authorized: number): DescribedGroup {
  if (groupId === '') return refusedConsumerGroup(groupId, ERROR.INVALID_GROUP_ID);
  const group = state.groups.get(groupId);
  if (group?.type === 'consumer') return described(state, group, authorized);
  const problem = group === undefined ? 'not found' : 'is not a consumer group';
  const message = `Group ${groupId} ${problem}.`;
  return refusedConsumerGroup(groupId, ERROR.GROUP_ID_NOT_FOUND, message);
}

function described(
  state: CoordinatorState,
  group: ConsumerGroup,
  operations: number,
): DescribedGroup {
  const members: DescribedMember[] = [];
  for (const member of group.members.values()) {
    members.push(describeMember(state, member, group.target(member.memberId)));
  }
  return {
    errorCode: ERROR.NONE,
    errorMessage: null,
    groupId: group.groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: preferredAssignor(state, group),
    members,
    authorizedOperations: operations,
  };
}

function describeMember(
  state: CoordinatorState,
  member: ConsumerMember,
  target: Assignment,
): DescribedMember {
  return {
    memberId: member.memberId,
    instanceId: member.instanceId,
    rackId: member.rackId,
    memberEpoch: member.memberEpoch,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: [...member.topicNames],
    subscribedTopicRegex: member.topicRegex,
    assignment: { topicPartitions: named(state, heldBy(member)) },
    targetAssignment: { topicPartitions: named(state, target) },
    memberType: member.classic === null ? CONSUMER_MEMBER : CLASSIC_MEMBER,
  };
}

function named(state: CoordinatorState, assignment: Assignment) {
  const topics = [];
  for (const { topicId, partitions } of toTopicPartitions(assignment)) {
    const topicName = state.topics.topicName(topicId);
    if (topicName !== undefined) topics.push({ topicId, topicName, partitions });
  }
  return topics;
}
