import type { CoordinatorRecord } from '../../effects.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { applyRecords } from '../replay.ts';
import type { AssignedSubtopology } from './sticky-assignor.ts';
import { assignSticky } from './sticky-assignor.ts';
import type { StreamsGroup } from './streams-group.ts';
import { streamsTargetEpochRecord, streamsTargetRecord } from './streams-records.ts';
import type { TaskSet } from './tasks.ts';
import { isSameTaskSet, NO_TASKS } from './tasks.ts';
import type { StreamsStatus } from './topic-problem.ts';
import { STREAMS_STATUS } from './topic-problem.ts';

/** The one thing that Kafka's assignor can be configured with. */
const STANDBYS = 'num.standby.replicas';

/** What the assignor of a group is configured with now. */
export function assignmentConfigs(state: CoordinatorState, groupId: string): Map<string, string> {
  return new Map([[STANDBYS, String(state.settings.streamsStandbyReplicas(groupId))]]);
}

/**
 * Computes a new target where the group's epoch has moved on. Answers why that has to wait, or null
 * where it has not.
 */
export function updateStreamsTarget(
  state: CoordinatorState,
  group: StreamsGroup,
): StreamsStatus | null {
  if (group.initialDelay?.isSet) return delayed('initial rebalance delay');
  if (group.assignmentEpoch >= group.groupEpoch) return null;
  const intervalMs = state.settings.streamsAssignmentIntervalMs(group.groupId);
  if (state.nowMs - group.assignedMs < intervalMs) return delayed('assignment interval');
  group.assignedMs = state.nowMs;
  assign(state, group);
  return null;
}

function delayed(why: string): StreamsStatus {
  const statusDetail = `Assignment delayed due to the configured ${why}.`;
  return { statusCode: STREAMS_STATUS.assignmentDelayed, statusDetail };
}

function assign(state: CoordinatorState, group: StreamsGroup): void {
  const targets = targetsOf(group);
  const records: CoordinatorRecord[] = [];
  for (const memberId of group.members.keys()) {
    const target = targets.get(memberId) ?? NO_TASKS;
    const old = group.targets.get(memberId);
    if (old !== undefined && isSameTaskSet(old, target)) continue;
    records.push(streamsTargetRecord(group.groupId, memberId, target));
  }
  records.push(streamsTargetEpochRecord(group.groupId, group.groupEpoch, state.wallMs));
  applyRecords(state, records);
}

/** Nobody gets a task before all topics are there. */
function targetsOf(group: StreamsGroup): Map<string, TaskSet> {
  const { configured } = group;
  if (configured === null || configured.problem !== null) return new Map();
  const subtopologies = Array.from(
    configured.subtopologies!,
    ([subtopologyId, { taskCount, changelogTopics }]): AssignedSubtopology => {
      return { subtopologyId, taskCount, isStateful: changelogTopics.length > 0 };
    },
  );
  // The members are sorted, so that equal groups get equal assignments.
  const members = [...group.members.keys()].sort().map((memberId) => {
    const { processId } = group.members.get(memberId)!;
    return { memberId, processId, target: group.target(memberId) };
  });
  return assignSticky(members, subtopologies, Number(group.assignmentConfigs.get(STANDBYS) ?? 0));
}
