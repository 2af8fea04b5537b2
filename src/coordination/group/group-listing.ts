import { ERROR } from '../../base/kafka-errors.ts';
import { OPERATIONS_NOT_ASKED } from '../../protocol/operations-not-asked.ts';
import type {
  DescribeGroupsRequest,
  DescribeGroupsResponse,
} from '../../protocol/schema/15-describe-groups.ts';
import type {
  ListGroupsRequest,
  ListGroupsResponse,
} from '../../protocol/schema/16-list-groups.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { ClassicGroup } from './classic/classic-group.ts';
import { CLASSIC_STATE } from './classic/classic-group.ts';
import { NO_ASSIGNMENT } from './classic/classic-member.ts';
import type { CoordinatorState } from './coordinator-state.ts';

/** From this version of DescribeGroups on a missing group is an error, not a dead group. */
const NOT_FOUND_VERSION = 6;

/** READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS: all that exist for a group. */
const ALL_GROUP_OPERATIONS = (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11);

export function authorizedOperations(isAsked: boolean): number {
  return isAsked ? ALL_GROUP_OPERATIONS : OPERATIONS_NOT_ASKED;
}

/** The groups of this shard; filters ignore case, an empty one lets everything through. */
export function listGroups(
  state: CoordinatorState,
  request: ListGroupsRequest,
): Unthrottled<ListGroupsResponse> {
  const states = new Set(request.statesFilter.map((name) => name.trim().toLowerCase()));
  const types = new Set(request.typesFilter.map((name) => name.trim().toLowerCase()));
  const groups: ListGroupsResponse['groups'] = [];
  for (const group of state.groups.values()) {
    if (states.size > 0 && !isIn(states, group.state)) continue;
    if (types.size > 0 && !types.has(group.type)) continue;
    groups.push({
      groupId: group.groupId,
      protocolType: group.protocolType ?? '',
      groupState: group.state,
      groupType: group.type,
    });
  }
  return { errorCode: ERROR.NONE, groups };
}

/** Kafka asks for groups that are not ready under a name of its own. */
function isIn(states: ReadonlySet<string>, state: string): boolean {
  return states.has(state.toLowerCase()) || (state === 'NotReady' && states.has('not_ready'));
}

type DescribedGroup = DescribeGroupsResponse['groups'][number];

export function describeGroups(
  state: CoordinatorState,
  version: number,
  request: DescribeGroupsRequest,
): Unthrottled<DescribeGroupsResponse> {
  const operations = authorizedOperations(request.includeAuthorizedOperations);
  const groups = request.groups.map((groupId) => {
    const group = state.groups.get(groupId);
    const described =
      group?.type === 'classic' ? describe(group) : notFound(version, groupId, group !== undefined);
    if (described.errorCode === ERROR.NONE) described.authorizedOperations = operations;
    return described;
  });
  return { groups };
}

function describe(group: ClassicGroup): DescribedGroup {
  const isStable = group.isIn(CLASSIC_STATE.stable);
  const members: DescribedGroup['members'] = [];
  for (const member of group.members.values()) {
    members.push({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? member.metadata(group.protocolName) : NO_ASSIGNMENT,
      memberAssignment: member.assignment,
    });
  }
  return {
    errorCode: ERROR.NONE,
    errorMessage: null,
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members,
    authorizedOperations: OPERATIONS_NOT_ASKED,
  };
}

function notFound(version: number, groupId: string, isOtherType: boolean): DescribedGroup {
  const isError = version >= NOT_FOUND_VERSION;
  const message = `Group ${groupId} ${isOtherType ? 'is not a classic group' : 'not found'}.`;
  return {
    errorCode: isError ? ERROR.GROUP_ID_NOT_FOUND : ERROR.NONE,
    errorMessage: isError ? message : null,
    groupId,
    groupState: CLASSIC_STATE.dead,
    protocolType: '',
    protocolData: '',
    members: [],
    authorizedOperations: OPERATIONS_NOT_ASKED,
  };
}
