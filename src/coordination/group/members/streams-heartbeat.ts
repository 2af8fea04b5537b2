import { ERROR } from '../../../base/kafka-errors.ts';
import { refusedStreamsHeartbeat } from '../../../protocol/group-refusals.ts';
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from '../../../protocol/schema/88-streams-group-heartbeat.ts';
import type { Unthrottled } from '../../../protocol/throttle-time.ts';
import type { RequestContext } from '../../coordinator-shard.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { GroupError } from '../group-error.ts';
import { deleteEmptyClassicGroup } from '../migration/migration.ts';
import { applyRecords } from '../replay.ts';
import type { InternalTopic } from '../streams/configured-topology.ts';
import { checkStreamsHeartbeat } from '../streams/streams-check.ts';
import { startInitialDelay } from '../streams/streams-deadlines.ts';
import { partitionsByEndpoint } from '../streams/streams-endpoints.ts';
import type { StreamsGroup } from '../streams/streams-group.ts';
import type { StreamsMember } from '../streams/streams-member.ts';
import {
  isAtTarget,
  isSameDescription,
  isSameProgress,
  STREAMS_LEAVE_EPOCH,
} from '../streams/streams-member.ts';
import { reconcileStreams } from '../streams/streams-reconcile.ts';
import {
  streamsCurrentRecord,
  streamsEpochRecord,
  streamsMemberRecord,
  streamsTopologyRecord,
} from '../streams/streams-records.ts';
import { assignmentConfigs, updateStreamsTarget } from '../streams/streams-target.ts';
import type { TaskSet } from '../streams/tasks.ts';
import { isSameOwned, isSameTaskSet, NO_TASKS, toTaskIds } from '../streams/tasks.ts';
import type { StreamsStatus } from '../streams/topic-problem.ts';
import { STREAMS_STATUS } from '../streams/topic-problem.ts';
import {
  fenceStreamsMember,
  renewStreamsMember,
  watchStreamsRevocation,
} from './streams-departure.ts';
import type { StreamsStep } from './streams-step.ts';
import { knownStreamsMember, planStreamsStep } from './streams-step.ts';

/** The response, and the topics that have to be made before the application can work. */
export interface StreamsAnswer extends Unthrottled<StreamsGroupHeartbeatResponse> {
  topicsToMake?: readonly InternalTopic[];
}

/** StreamsGroupHeartbeat: members join, stay, receive tasks and leave by it. */
export function streamsGroupHeartbeat(
  state: CoordinatorState,
  request: StreamsGroupHeartbeatRequest,
  context: RequestContext,
): StreamsAnswer {
  try {
    checkStreamsHeartbeat(request);
    if (request.memberEpoch === STREAMS_LEAVE_EPOCH) return leave(state, request);
    return stay(state, planStreamsStep(state, request, context));
  } catch (thrown) {
    if (!(thrown instanceof GroupError)) throw thrown;
    return refusedStreamsHeartbeat(thrown.errorCode, thrown.message);
  }
}

function leave(state: CoordinatorState, request: StreamsGroupHeartbeatRequest): StreamsAnswer {
  const { groupId, memberId, memberEpoch } = request;
  const group = state.groups.get(groupId);
  if (group?.type !== 'streams') {
    const problem = group === undefined ? 'not found' : 'is not a streams group';
    throw new GroupError(ERROR.GROUP_ID_NOT_FOUND, `Group ${groupId} ${problem}.`);
  }
  if (request.shutdownApplication) group.shutdownMemberId ??= memberId;
  fenceStreamsMember(state, group, knownStreamsMember(group, memberId));
  return { ...refusedStreamsHeartbeat(ERROR.NONE), memberId, memberEpoch };
}

/** Nothing is refused from here on, because what follows changes the group step by step. */
function stay(state: CoordinatorState, step: StreamsStep): StreamsAnswer {
  const { request, group, member, reported } = step;
  const { memberId } = member;
  const status = staleStatus(step);
  enterGroup(state, step);
  const wait = updateStreamsTarget(state, group);
  if (wait !== null) status.push(wait);
  const target = group.initialDelay?.isSet ? NO_TASKS : group.target(memberId);
  const moved = moveMember(state, group, step.updated, target, reported);
  renewStreamsMember(state, group, moved);
  if (request.shutdownApplication) group.shutdownMemberId ??= memberId;
  const { problem, missing } = group.configured!;
  if (problem !== null) status.push({ ...problem });
  if (group.shutdownMemberId !== null) status.push(shutdownStatus(group.shutdownMemberId));
  const body: StreamsAnswer = {
    ...refusedStreamsHeartbeat(ERROR.NONE),
    memberId,
    memberEpoch: moved.memberEpoch,
    heartbeatIntervalMs: state.settings.streamsHeartbeatIntervalMs(group.groupId),
    status,
    topicsToMake: missing,
  };
  tellTasks(state, step, moved, body);
  return body;
}

/** The member and its topology come into the group, which enters its next epoch if need be. */
function enterGroup(state: CoordinatorState, step: StreamsStep): void {
  const { group, updated, replaced } = step;
  const { groupId } = group;
  if (replaced !== null) deleteEmptyClassicGroup(state, replaced);
  state.groups.set(groupId, group);
  const wasEmpty = group.isEmpty;
  const hasChanged =
    !group.members.has(updated.memberId) || !isSameDescription(step.member, updated);
  if (hasChanged) applyRecords(state, [streamsMemberRecord(groupId, updated)]);
  if (group.topology === null) {
    applyRecords(state, [streamsTopologyRecord(groupId, step.topology)]);
  }
  group.configured = step.configured;
  group.checkedTopicsVersion = state.topics.version();
  const { metadataHash } = step;
  const validatedTopologyEpoch = step.configured.problem === null ? step.topology.epoch : -1;
  const configs = assignmentConfigs(state, groupId);
  const isBumped =
    hasChanged ||
    metadataHash !== group.metadataHash ||
    validatedTopologyEpoch !== group.validatedTopologyEpoch ||
    !isSameConfigs(configs, group.assignmentConfigs);
  if (isBumped) {
    const epoch = group.groupEpoch + 1;
    const values = { epoch, metadataHash, validatedTopologyEpoch, assignmentConfigs: configs };
    applyRecords(state, [streamsEpochRecord(groupId, values)]);
  }
  if (wasEmpty) startInitialDelay(state, group, (waited) => assignAfterDelay(state, waited));
}

function assignAfterDelay(state: CoordinatorState, group: StreamsGroup): void {
  if (!group.isEmpty && group.configured !== null) updateStreamsTarget(state, group);
}

function isSameConfigs(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}

function moveMember(
  state: CoordinatorState,
  group: StreamsGroup,
  member: StreamsMember,
  target: TaskSet,
  reported: TaskSet | null,
): StreamsMember {
  const { assignmentEpoch: targetEpoch, processes } = group;
  if (isAtTarget(member, targetEpoch)) return member;
  const moved = reconcileStreams(member, { targetEpoch, target, processes, reported });
  if (isSameProgress(member, moved)) return member;
  applyRecords(state, [streamsCurrentRecord(group.groupId, moved)]);
  watchStreamsRevocation(state, group, moved);
  return moved;
}

/**
 * The tasks are told to a member that joins, and where they have changed. Kafka tells them only
 * once. Here a member that reports other tasks is told again: it may have missed the answer.
 */
function tellTasks(
  state: CoordinatorState,
  { request, group, member, isNewGroup, reported }: StreamsStep,
  moved: StreamsMember,
  body: StreamsAnswer,
): void {
  const { owned, endpoint } = moved;
  const isNews = request.memberEpoch === 0 || !isSameOwned(member.owned, owned);
  const endpointEpoch = group.endpointEpoch + (isNews && endpoint !== null ? 1 : 0);
  if (isNews || (reported !== null && !isSameTaskSet(reported, owned))) {
    body.activeTasks = toTaskIds(owned.active);
    body.standbyTasks = toTaskIds(owned.standby);
    body.warmupTasks = toTaskIds(owned.warmup);
  }
  if (endpointEpoch !== request.endpointInformationEpoch) {
    body.partitionsByUserEndpoint = partitionsByEndpoint(group, moved, state.topics);
  }
  // As in Kafka, the first heartbeat of a group leaves the epoch at 0.
  if (!isNewGroup) group.endpointEpoch = endpointEpoch;
  body.endpointInformationEpoch = group.endpointEpoch;
}

function staleStatus({ group, updated }: StreamsStep): StreamsStatus[] {
  const { topology } = group;
  if (topology === null || updated.topologyEpoch >= topology.epoch) return [];
  const statusDetail =
    `The member's topology epoch ${updated.topologyEpoch} is behind the group's topology epoch ` +
    `${topology.epoch}.`;
  return [{ statusCode: STREAMS_STATUS.staleTopology, statusDetail }];
}

function shutdownStatus(memberId: string): StreamsStatus {
  const statusDetail =
    `Streams group member ${memberId} encountered a fatal error and requested a shutdown for the ` +
    'entire application.';
  return { statusCode: STREAMS_STATUS.shutdownApplication, statusDetail };
}
