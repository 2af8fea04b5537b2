import { ERROR } from '../../../base/kafka-errors.ts';
import { GroupError } from '../group-error.ts';
import type { ProcessTasks } from './process-tasks.ts';
import type { StreamsMember } from './streams-member.ts';
import { STREAMS_MEMBER_STATE } from './streams-member.ts';
import type { EpochTasks, TaskSet, Tasks } from './tasks.ts';
import { addTask, haveCommonTask, isNoTask, NO_OWNED_TASKS } from './tasks.ts';

/** The target that a member moves towards. */
export interface StreamsGoal {
  readonly targetEpoch: number;
  readonly target: TaskSet;
  readonly processes: ProcessTasks;
  /** The tasks that the member reports; null where it reports none. */
  readonly reported: TaskSet | null;
}

/** What becomes of the tasks of one kind. */
interface Difference<Kind> {
  readonly kept: Kind;
  readonly revoked: Kind;
  /** What is kept, and those of the others that are free. */
  readonly given: Kind;
  /** Whether somebody has not given up a task of the target yet. */
  readonly isWaiting: boolean;
}

type IsTaken = (subtopologyId: string, partition: number) => boolean;

/**
 * Moves a member one step towards its target. The member first gives up what is not in its target.
 * It moves to the target's epoch when it reports that it has done so. It gets free tasks at once,
 * and the others when they have been given up: no task is active twice, and no process has a task
 * twice.
 */
export function reconcileStreams(member: StreamsMember, goal: StreamsGoal): StreamsMember {
  const { reported, targetEpoch } = goal;
  switch (member.state) {
    case STREAMS_MEMBER_STATE.stable:
      return member.memberEpoch === targetEpoch ? member : next(member, member.memberEpoch, goal);
    case STREAMS_MEMBER_STATE.unrevokedTasks:
      if (reported === null || haveCommonTask(reported, member.pendingRevocation)) return member;
      return next(member, member.memberEpoch + 1, goal);
    case STREAMS_MEMBER_STATE.unreleasedTasks:
      return next(member, member.memberEpoch, goal);
    default:
      refuseUnknownState(member, reported);
      return next(member, targetEpoch, goal);
  }
}

/** A later broker wrote the state. Only a member without tasks can start again from it. */
export function refuseUnknownState(member: StreamsMember, reported: TaskSet | null): void {
  if (member.state !== STREAMS_MEMBER_STATE.unknown) return;
  if (reported !== null && isNoTask(reported)) return;
  throw new GroupError(
    ERROR.FENCED_MEMBER_EPOCH,
    'The streams group member is in a unknown state. The member must abandon all its tasks and ' +
      'rejoin.',
  );
}

function next(member: StreamsMember, memberEpoch: number, goal: StreamsGoal): StreamsMember {
  const { owned, processId } = member;
  const { target, targetEpoch, processes, reported } = goal;
  const follows: IsTaken = (id, partition) => processes.follows(processId, id, partition);
  const owner = (id: string, partition: number) => processes.activeOwner(id, partition);
  const active = activeDifference(owned.active, target.active, targetEpoch, (id, partition) => {
    return owner(id, partition) !== undefined || follows(id, partition);
  });
  const isInProcess: IsTaken = (id, partition) => {
    return owner(id, partition) === processId || follows(id, partition);
  };
  const standby = difference(owned.standby, target.standby, isInProcess);
  const warmup = difference(owned.warmup, target.warmup, isInProcess);
  const revoked = { active: active.revoked, standby: standby.revoked, warmup: warmup.revoked };
  if (!isNoTask(revoked) && (reported === null || haveCommonTask(reported, revoked))) {
    return {
      ...member,
      state: STREAMS_MEMBER_STATE.unrevokedTasks,
      memberEpoch,
      previousMemberEpoch: member.memberEpoch,
      owned: {
        active: active.kept,
        standby: standby.kept,
        warmup: warmup.kept,
      },
      pendingRevocation: revoked,
    };
  }
  const isWaiting = active.isWaiting || standby.isWaiting || warmup.isWaiting;
  const { unreleasedTasks, stable } = STREAMS_MEMBER_STATE;
  return {
    ...member,
    state: isWaiting ? unreleasedTasks : stable,
    memberEpoch: targetEpoch,
    previousMemberEpoch: member.memberEpoch,
    owned: { active: active.given, standby: standby.given, warmup: warmup.given },
    pendingRevocation: NO_OWNED_TASKS,
  };
}

function difference(
  current: Tasks | EpochTasks,
  target: Tasks,
  isTaken: IsTaken,
): Difference<Tasks> {
  const kept = new Map<string, Set<number>>();
  const revoked = new Map<string, Set<number>>();
  for (const [id, partitions] of current) {
    for (const partition of partitions.keys()) {
      const stays = target.get(id)?.has(partition) === true;
      addTask(stays ? kept : revoked, id, partition);
    }
  }
  const given = new Map<string, Set<number>>();
  for (const [id, partitions] of kept) given.set(id, new Set(partitions));
  let isWaiting = false;
  for (const [id, partitions] of target) {
    for (const partition of partitions) {
      if (kept.get(id)?.has(partition) === true) continue;
      if (isTaken(id, partition)) isWaiting = true;
      else addTask(given, id, partition);
    }
  }
  return { kept, revoked, given, isWaiting };
}

function activeDifference(
  current: EpochTasks,
  target: Tasks,
  targetEpoch: number,
  isTaken: IsTaken,
): Difference<EpochTasks> {
  const { kept, revoked, given, isWaiting } = difference(current, target, isTaken);
  const epochOf = (id: string, partition: number) => current.get(id)?.get(partition) ?? targetEpoch;
  return {
    kept: withEpochs(kept, epochOf),
    revoked: withEpochs(revoked, epochOf),
    given: withEpochs(given, epochOf),
    isWaiting,
  };
}

function withEpochs(
  tasks: Tasks,
  epochOf: (subtopologyId: string, partition: number) => number,
): EpochTasks {
  const result = new Map<string, Map<number, number>>();
  for (const [id, partitions] of tasks) {
    const epochs = new Map<number, number>();
    for (const partition of partitions) epochs.set(partition, epochOf(id, partition));
    result.set(id, epochs);
  }
  return result;
}
