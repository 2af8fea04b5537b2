/** The partitions of one subtopology: a set, or a map from them to epochs. */
type Partitions = Pick<ReadonlySet<number>, 'has' | 'keys' | 'size'>;
type AnyTasks = ReadonlyMap<string, Partitions>;

/** Tasks: the partitions of each subtopology, by its id. */
export type Tasks = ReadonlyMap<string, ReadonlySet<number>>;

/** Active tasks, each with the epoch of the assignment that gave it to the member. */
export type EpochTasks = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** The tasks of a target assignment, or those that a member reports. */
export interface TaskSet {
  readonly active: Tasks;
  readonly standby: Tasks;
  readonly warmup: Tasks;
}

/** The tasks that a member has, or must give up. */
export interface OwnedTasks {
  readonly active: EpochTasks;
  readonly standby: Tasks;
  readonly warmup: Tasks;
}

/** Tasks in the form of requests, responses and records. */
export interface TaskIds {
  subtopologyId: string;
  partitions: number[];
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>();
export const NO_TASKS: TaskSet = { active: NONE, standby: NONE, warmup: NONE };
export const NO_OWNED_TASKS: OwnedTasks = { active: NONE, standby: NONE, warmup: NONE };

export function isNoTask({ active, standby, warmup }: TaskSet | OwnedTasks): boolean {
  return active.size === 0 && standby.size === 0 && warmup.size === 0;
}

/** Whether both have the same tasks. Their epochs are not compared. */
export function isSameTaskSet(one: TaskSet | OwnedTasks, other: TaskSet | OwnedTasks): boolean {
  return (
    isSameTasks(one.active, other.active) &&
    isSameTasks(one.standby, other.standby) &&
    isSameTasks(one.warmup, other.warmup)
  );
}

export function isSameOwned(one: OwnedTasks, other: OwnedTasks): boolean {
  if (one === other) return true;
  return isSameTaskSet(one, other) && isSameEpochs(one.active, other.active);
}

function isSameTasks(one: AnyTasks, other: AnyTasks): boolean {
  return one === other || (one.size === other.size && isWithin(one, other, true));
}

/** The tasks are the same already. */
function isSameEpochs(one: EpochTasks, other: EpochTasks): boolean {
  for (const [id, epochs] of one) {
    for (const [partition, epoch] of epochs) {
      if (other.get(id)!.get(partition) !== epoch) return false;
    }
  }
  return true;
}

/** Whether all of these tasks are among the others; `isEqual`: and no others are there. */
function isWithin(some: AnyTasks, all: AnyTasks, isEqual: boolean): boolean {
  for (const [id, partitions] of some) {
    const others = all.get(id);
    if (others === undefined || (isEqual && others.size !== partitions.size)) return false;
    for (const partition of partitions.keys()) if (!others.has(partition)) return false;
  }
  return true;
}

/** Whether the member has everything that it reports. */
export function areReportedOwned(reported: TaskSet, owned: OwnedTasks): boolean {
  return (
    isWithin(reported.active, owned.active, false) &&
    isWithin(reported.standby, owned.standby, false) &&
    isWithin(reported.warmup, owned.warmup, false)
  );
}

/** Whether there is a task in both, of the same kind. */
export function haveCommonTask(one: TaskSet, other: OwnedTasks): boolean {
  return (
    overlap(one.active, other.active) ||
    overlap(one.standby, other.standby) ||
    overlap(one.warmup, other.warmup)
  );
}

function overlap(one: AnyTasks, other: AnyTasks): boolean {
  for (const [id, partitions] of one) {
    const others = other.get(id);
    if (others === undefined) continue;
    for (const partition of partitions.keys()) if (others.has(partition)) return true;
  }
  return false;
}

/** Sorted by subtopology and partition, so that equal tasks look equal. */
export function toTaskIds(tasks: AnyTasks): TaskIds[] {
  const ids = Array.from(tasks, ([subtopologyId, partitions]) => ({
    subtopologyId,
    partitions: [...partitions.keys()].sort((one, other) => one - other),
  }));
  return ids.sort((one, other) => (one.subtopologyId < other.subtopologyId ? -1 : 1));
}

export function addTask(
  tasks: Map<string, Set<number>>,
  subtopologyId: string,
  partition: number,
): void {
  const partitions = tasks.get(subtopologyId);
  if (partitions === undefined) tasks.set(subtopologyId, new Set([partition]));
  else partitions.add(partition);
}

export function fromTaskIds(ids: readonly TaskIds[]): Tasks {
  const tasks = new Map<string, Set<number>>();
  for (const { subtopologyId, partitions } of ids) {
    const known = tasks.get(subtopologyId);
    if (known === undefined) tasks.set(subtopologyId, new Set(partitions));
    else for (const partition of partitions) known.add(partition);
  }
  return tasks;
}
