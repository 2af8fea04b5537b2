import { ERROR } from '../../../base/kafka-errors.ts';
import type * as api from '../../../protocol/schema/88-streams-group-heartbeat.ts';
import { GroupError } from '../group-error.ts';
import type { ConfiguredTopology } from './configured-topology.ts';
import { invalidTopology } from './streams-topology.ts';
import type { TaskIds } from './tasks.ts';

/** A static member with this epoch would be expected back; there are none in Kafka 4.3.1. */
const STATIC_LEAVE_EPOCH = -2;

/** Refuses what Kafka 4.3.1 does not serve, and what no correct client sends. */
export function checkStreamsHeartbeat(request: api.StreamsGroupHeartbeatRequest): void {
  refuseUnsupported(request);
  const { memberEpoch, activeTasks, standbyTasks, warmupTasks, topology } = request;
  if (isBlank(request.memberId)) invalid("MemberId can't be empty.");
  if (isBlank(request.groupId)) invalid("GroupId can't be empty.");
  if (isBlank(request.rackId)) invalid("RackId can't be empty.");
  if (memberEpoch === 0) checkJoin(request);
  else if (memberEpoch === STATIC_LEAVE_EPOCH) invalid("InstanceId can't be null.");
  else if (memberEpoch < STATIC_LEAVE_EPOCH) {
    invalid(`MemberEpoch is ${memberEpoch}, but must be greater than or equal to -2.`);
  }
  const nulls = [activeTasks, standbyTasks, warmupTasks].filter((tasks) => tasks === null).length;
  if (nulls === 1 || nulls === 2) invalid('If one task-type is non-null, all must be non-null.');
  if (memberEpoch !== 0 && topology !== null) {
    invalid('Topology can only be provided when (re-)joining.');
  }
}

function refuseUnsupported(request: api.StreamsGroupHeartbeatRequest): void {
  if (request.instanceId !== null) invalid('Static membership is not yet supported.');
  if (request.taskOffsets !== null) invalid('TaskOffsets are not supported yet.');
  if (request.taskEndOffsets !== null) invalid('TaskEndOffsets are not supported yet.');
  if (request.warmupTasks !== null && request.warmupTasks.length > 0) {
    invalid('WarmupTasks are not supported yet.');
  }
  for (const { sourceTopicRegex } of request.topology?.subtopologies ?? []) {
    if (sourceTopicRegex.length > 0) {
      invalid('Regular expressions for source topics are not supported yet.');
    }
  }
}

function checkJoin(request: api.StreamsGroupHeartbeatRequest): void {
  if (request.rebalanceTimeoutMs === -1) {
    invalid('RebalanceTimeoutMs must be provided in first request.');
  }
  const isHolding = (tasks: readonly TaskIds[] | null) => tasks === null || tasks.length > 0;
  if (isHolding(request.activeTasks)) invalid('ActiveTasks must be empty when (re-)joining.');
  if (isHolding(request.standbyTasks)) invalid('StandbyTasks must be empty when (re-)joining.');
  if (isHolding(request.warmupTasks)) invalid('WarmupTasks must be empty when (re-)joining.');
  const { topology } = request;
  if (topology === null) invalid('Topology must be non-null when (re-)joining.');
  if (topology.epoch < 0) invalid('Topology epoch must be non-negative.');
  const ids = new Set<string>();
  for (const { subtopologyId, stateChangelogTopics } of topology.subtopologies) {
    if (ids.has(subtopologyId)) invalid(`Subtopology ${subtopologyId} is given twice.`);
    ids.add(subtopologyId);
    for (const { name, partitions } of stateChangelogTopics) {
      if (partitions === 0) continue;
      throw invalidTopology(
        `Changelog topic ${name} must have an undefined partition count, but it is set to ` +
          `${partitions}.`,
      );
    }
  }
}

/** Refuses tasks that the topology does not have. */
export function checkReportedTasks(
  { subtopologies, problem }: ConfiguredTopology,
  tasks: readonly TaskIds[] | null,
): void {
  if (problem !== null || tasks === null) return;
  for (const { subtopologyId, partitions } of tasks) {
    const subtopology = subtopologies!.get(subtopologyId);
    if (subtopology === undefined) {
      invalid(`Subtopology ${subtopologyId} does not exist in the topology.`);
    }
    const { taskCount } = subtopology;
    for (const partition of partitions) {
      if (partition >= 0 && partition < taskCount) continue;
      invalid(
        `Task ${partition} for subtopology ${subtopologyId} is invalid. Number of tasks for this ` +
          `subtopology: ${taskCount}`,
      );
    }
  }
}

function isBlank(text: string | null): boolean {
  return text !== null && text.trim() === '';
}

function invalid(message: string): never {
  throw new GroupError(ERROR.INVALID_REQUEST, message);
}
