import { ERROR } from '../../../base/kafka-errors.ts';
import type * as api from '../../../protocol/schema/88-streams-group-heartbeat.ts';
import type { RequestContext } from '../../coordinator-shard.ts';
import type { ClassicGroup } from '../classic/classic-group.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { GROUP_BYTES_MAX, hasRoomForGroup, MEMBER_BYTES_MAX } from '../group-bounds.ts';
import { GroupError } from '../group-error.ts';
import { metadataHashOf } from '../metadata-hash.ts';
import type { ConfiguredTopology } from '../streams/configured-topology.ts';
import { configureTopology } from '../streams/configured-topology.ts';
import { checkReportedTasks } from '../streams/streams-check.ts';
import { bytesOfStreamsMember, StreamsGroup } from '../streams/streams-group.ts';
import type { StreamsMember } from '../streams/streams-member.ts';
import { newStreamsMember } from '../streams/streams-member.ts';
import { refuseUnknownState } from '../streams/streams-reconcile.ts';
import { StreamsTopology } from '../streams/streams-topology.ts';
import type { TaskSet } from '../streams/tasks.ts';
import { areReportedOwned, fromTaskIds } from '../streams/tasks.ts';

type Request = api.StreamsGroupHeartbeatRequest;

/** What a heartbeat is going to do. Everything that can be refused has been checked. */
export interface StreamsStep {
  readonly request: Request;
  /** In the shard's table already, unless `isNewGroup`. */
  readonly group: StreamsGroup;
  readonly isNewGroup: boolean;
  /** The empty classic group whose name the new group takes. */
  readonly replaced: ClassicGroup | null;
  readonly member: StreamsMember;
  /** The member as it describes itself now. */
  readonly updated: StreamsMember;
  /** The tasks that it reports; null where it reports none. */
  readonly reported: TaskSet | null;
  readonly topology: StreamsTopology;
  readonly configured: ConfiguredTopology;
  readonly metadataHash: number;
}

/** Changes nothing. Throws where the heartbeat is refused. */
export function planStreamsStep(
  state: CoordinatorState,
  request: Request,
  context: RequestContext,
): StreamsStep {
  const found = state.groups.get(request.groupId);
  const group = groupFor(state, request);
  const member = memberFor(group, request);
  const reported = reportedTasks(request);
  checkEpoch(member, request.memberEpoch, reported);
  const updated = withDescription(member, request, context);
  checkBytes(group, updated);
  const topology = topologyFor(group, request);
  const { configured, metadataHash } = configuredFor(state, group, topology);
  checkReportedTasks(configured, request.activeTasks);
  checkReportedTasks(configured, request.standbyTasks);
  checkReportedTasks(configured, request.warmupTasks);
  refuseUnknownState(member, reported);
  return {
    request,
    group,
    isNewGroup: found !== group,
    replaced: found?.type === 'classic' ? found : null,
    member,
    updated,
    reported,
    topology,
    configured,
    metadataHash,
  };
}

/** The group of the request; a new one for a member that joins where there is none. */
function groupFor(state: CoordinatorState, { groupId, memberEpoch }: Request): StreamsGroup {
  const found = state.groups.get(groupId);
  const isJoin = memberEpoch === 0;
  if (found?.type === 'streams') {
    const { streamsMaxSize } = state.settings;
    if (!isJoin || found.members.size < streamsMaxSize) return found;
    throw new GroupError(
      ERROR.GROUP_MAX_SIZE_REACHED,
      `The streams group has reached its maximum capacity of ${streamsMaxSize} members.`,
    );
  }
  if (found === undefined && !isJoin) {
    throw new GroupError(ERROR.GROUP_ID_NOT_FOUND, `Streams group ${groupId} not found.`);
  }
  if (found !== undefined && !(isJoin && found.type === 'classic' && found.isEmpty)) {
    throw new GroupError(ERROR.GROUP_ID_NOT_FOUND, `Group ${groupId} is not a streams group.`);
  }
  if (found === undefined && !hasRoomForGroup(state)) {
    const message = 'The coordinator has no room for another group.';
    throw new GroupError(ERROR.GROUP_MAX_SIZE_REACHED, message);
  }
  return new StreamsGroup(groupId);
}

function memberFor(group: StreamsGroup, { memberId, memberEpoch }: Request): StreamsMember {
  if (memberEpoch !== 0) return knownStreamsMember(group, memberId);
  return group.members.get(memberId) ?? newStreamsMember(memberId);
}

export function knownStreamsMember(group: StreamsGroup, memberId: string): StreamsMember {
  const member = group.members.get(memberId);
  if (member !== undefined) return member;
  throw new GroupError(
    ERROR.UNKNOWN_MEMBER_ID,
    `Member ${memberId} is not a member of group ${group.groupId}.`,
  );
}

function reportedTasks({ activeTasks, standbyTasks, warmupTasks }: Request): TaskSet | null {
  if (activeTasks === null || standbyTasks === null || warmupTasks === null) return null;
  return {
    active: fromTaskIds(activeTasks),
    standby: fromTaskIds(standbyTasks),
    warmup: fromTaskIds(warmupTasks),
  };
}

/** The previous epoch is accepted too where the member may have missed the last answer. */
function checkEpoch(member: StreamsMember, epoch: number, reported: TaskSet | null): void {
  const { memberEpoch, previousMemberEpoch, owned } = member;
  if (epoch === 0 || epoch === memberEpoch) return;
  const isRetry =
    epoch === previousMemberEpoch && reported !== null && areReportedOwned(reported, owned);
  if (epoch < memberEpoch && isRetry) return;
  const size = epoch > memberEpoch ? 'greater' : 'smaller';
  throw new GroupError(
    ERROR.FENCED_MEMBER_EPOCH,
    `The streams group member has a ${size} member epoch (${epoch}) than the one known by the ` +
      `group coordinator (${memberEpoch}). The member must abandon all its partitions and rejoin.`,
  );
}

function withDescription(
  member: StreamsMember,
  request: Request,
  { clientId, clientHost }: RequestContext,
): StreamsMember {
  const { rebalanceTimeoutMs, userEndpoint, clientTags, topology } = request;
  return {
    ...member,
    rackId: request.rackId ?? member.rackId,
    clientId,
    clientHost,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    topologyEpoch: topology?.epoch ?? member.topologyEpoch,
    processId: request.processId ?? member.processId,
    endpoint: userEndpoint ?? member.endpoint,
    clientTags: clientTags === null ? member.clientTags : sortedTags(clientTags),
  };
}

/** Each key once. */
function sortedTags(tags: readonly { readonly key: string; readonly value: string }[]) {
  const byKey = new Map(tags.map(({ key, value }) => [key, value]));
  return [...byKey.keys()].sort().map((key) => ({ key, value: byKey.get(key)! }));
}

function checkBytes(group: StreamsGroup, updated: StreamsMember): void {
  const bytes = bytesOfStreamsMember(updated);
  if (bytes > MEMBER_BYTES_MAX) {
    const message = `What the member tells of itself exceeds ${MEMBER_BYTES_MAX} bytes.`;
    throw new GroupError(ERROR.INVALID_REQUEST, message);
  }
  const before = group.members.get(updated.memberId);
  const moreBytes = bytes - (before === undefined ? 0 : bytesOfStreamsMember(before));
  if (moreBytes <= 0 || group.memberBytes + moreBytes <= GROUP_BYTES_MAX) return;
  const message = `The members of the streams group take over ${GROUP_BYTES_MAX} bytes.`;
  throw new GroupError(ERROR.GROUP_MAX_SIZE_REACHED, message);
}

/** The topology of the group, which the first member decides. */
function topologyFor({ topology: known }: StreamsGroup, request: Request): StreamsTopology {
  if (request.topology === null) {
    if (known !== null) return known;
    throw new GroupError(ERROR.UNKNOWN_SERVER_ERROR, 'The group has no topology.');
  }
  const told = new StreamsTopology(request.topology);
  if (told.size > MEMBER_BYTES_MAX) {
    throw new GroupError(ERROR.INVALID_REQUEST, `The topology exceeds ${MEMBER_BYTES_MAX} bytes.`);
  }
  if (known === null) return told;
  // A member that knows an older topology is told so and may stay.
  if (known.epoch > told.epoch || known.equals(told)) return known;
  throw new GroupError(ERROR.INVALID_REQUEST, 'Topology updates are not supported yet.');
}

/** Looks at the topics again where some may have changed. */
function configuredFor(state: CoordinatorState, group: StreamsGroup, topology: StreamsTopology) {
  const { configured, metadataHash: known, checkedTopicsVersion } = group;
  if (configured !== null && checkedTopicsVersion === state.topics.version()) {
    return { configured, metadataHash: known };
  }
  const metadataHash = metadataHashOf(state.topics, topology.topics);
  if (configured !== null && metadataHash === known) return { configured, metadataHash };
  return { configured: configureTopology(topology, state.topics), metadataHash };
}
