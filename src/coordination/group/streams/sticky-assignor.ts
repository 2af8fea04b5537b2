import { LeastFirst } from './least-first.ts';
import type { Bearer, Task } from './process-load.ts';
import { ProcessLoad } from './process-load.ts';
import type { TaskSet } from './tasks.ts';
import { addTask } from './tasks.ts';

/** A member as the assignor sees it. */
export interface AssignedMember {
  readonly memberId: string;
  readonly processId: string;
  /** Its target so far. */
  readonly target: TaskSet;
}

/** A subtopology as the assignor sees it. */
export interface AssignedSubtopology {
  readonly subtopologyId: string;
  readonly taskCount: number;
  /** Whether it keeps state, which standbys follow. */
  readonly isStateful: boolean;
}

/** A share that is left to be filled: how much of it, by how many, and so how much each. */
class Quota {
  #tasks: number;
  #members: number;
  each: number;

  constructor(tasks: number, members: number) {
    this.#tasks = tasks;
    this.#members = members;
    this.each = this.#compute();
  }

  /** A member has this many tasks now. One that is full leaves the others what is left. */
  noteTaken(taskCount: number): void {
    if (taskCount !== this.each) return;
    this.#members--;
    this.#tasks -= taskCount;
    this.each = this.#compute();
  }

  #compute(): number {
    return this.#members === 0 ? 0 : Math.ceil(this.#tasks / this.#members);
  }
}

/**
 * Kafka's sticky assignor. Everybody keeps its active tasks up to an even share; a task that loses
 * its member goes to one that has followed it; the others go where there is least. Standbys are
 * then given in the same way to other processes than those that work on the task.
 */
export function assignSticky(
  members: readonly AssignedMember[],
  subtopologies: readonly AssignedSubtopology[],
  standbyReplicas: number,
): Map<string, TaskSet> {
  if (members.length === 0) return new Map();
  const assignment = new Assignment(members, subtopologies, standbyReplicas);
  assignment.assignActive();
  if (standbyReplicas > 0) assignment.assignStandby();
  return assignment.result();
}

class Assignment {
  readonly #standbyReplicas: number;
  readonly #bearers: Bearer[] = [];
  readonly #processes = new Map<string, ProcessLoad>();
  readonly #active: Task[] = [];
  readonly #stateful: Task[] = [];
  readonly #hadActive = new Map<string, Bearer>();
  readonly #hadStandby = new Map<string, Bearer[]>();
  readonly #activeQuota: Quota;
  readonly #quota: Quota;

  constructor(
    members: readonly AssignedMember[],
    subtopologies: readonly AssignedSubtopology[],
    standbyReplicas: number,
  ) {
    this.#standbyReplicas = standbyReplicas;
    for (const { subtopologyId, taskCount, isStateful } of subtopologies) {
      for (let partition = 0; partition < taskCount; partition++) {
        const task = taskOf(subtopologyId, partition);
        this.#active.push(task);
        if (isStateful) this.#stateful.push(task);
      }
    }
    for (const member of members) this.#addMember(member);
    const all = this.#active.length + this.#stateful.length * standbyReplicas;
    this.#activeQuota = new Quota(this.#active.length, members.length);
    this.#quota = new Quota(all, members.length);
  }

  #addMember({ memberId, processId, target }: AssignedMember): void {
    let process = this.#processes.get(processId);
    if (process === undefined) {
      process = new ProcessLoad();
      this.#processes.set(processId, process);
    }
    const bearer = process.addMember(memberId);
    this.#bearers.push(bearer);
    for (const [id, partitions] of target.active) {
      for (const partition of partitions) this.#hadActive.set(nameOf(id, partition), bearer);
    }
    for (const [id, partitions] of target.standby) {
      for (const partition of partitions) {
        const name = nameOf(id, partition);
        const known = this.#hadStandby.get(name);
        if (known === undefined) this.#hadStandby.set(name, [bearer]);
        else known.push(bearer);
      }
    }
  }

  assignActive(): void {
    const byPartition = [...this.#active].sort(comparePartitions);
    const lost = byPartition.filter((task) => {
      return !this.#keepActive(this.#hadActive.get(task.name), task);
    });
    const unknown = lost.filter((task) => {
      const followers = this.#hadStandby.get(task.name) ?? [];
      return !this.#keepActive(leastLoaded(followers, null), task);
    });
    unknown.sort(compareSubtopologies);
    const byLoad = new LeastFirst(({ load }) => load, this.#processes.values());
    for (const task of unknown) {
      const process = byLoad.take()!;
      this.#noteActive(process.giveToLeast(task, true).taskCount);
      byLoad.add(process);
    }
  }

  /** False where there is no such member, or it has its share. */
  #keepActive(bearer: Bearer | null | undefined, task: Task): boolean {
    if (bearer === null || bearer === undefined) return false;
    if (bearer.taskCount >= this.#activeQuota.each) return false;
    bearer.process.give(bearer, task, true);
    this.#noteActive(bearer.taskCount);
    return true;
  }

  #noteActive(taskCount: number): void {
    this.#activeQuota.noteTaken(taskCount);
    this.#quota.noteTaken(taskCount);
  }

  assignStandby(): void {
    const left: { readonly task: Task; readonly replicas: number }[] = [];
    const byPartition = [...this.#stateful].sort(comparePartitions).reverse();
    for (const task of byPartition) {
      let kept = 0;
      while (kept < this.#standbyReplicas && this.#keepStandby(task)) kept++;
      if (kept < this.#standbyReplicas) left.push({ task, replicas: this.#standbyReplicas - kept });
    }
    left.sort((one, other) => compareSubtopologies(other.task, one.task));
    const byLoad = new LeastFirst(({ load }) => load, this.#processes.values());
    for (const { task, replicas } of left) {
      // Where a replica finds no process, there is none for the others either.
      for (let i = 0; i < replicas && this.#giveStandby(byLoad, task); i++);
    }
  }

  /** Whether a member that has had the task follows it from now on. */
  #keepStandby(task: Task): boolean {
    const was = this.#hadActive.get(task.name);
    if (was !== undefined && !was.process.has(task) && was.taskCount < this.#quota.each) {
      this.#follow(was, task);
      return true;
    }
    const bearer = leastLoaded(this.#hadStandby.get(task.name) ?? [], task);
    if (bearer === null || bearer.taskCount >= this.#quota.each) return false;
    this.#follow(bearer, task);
    return true;
  }

  #follow(bearer: Bearer, task: Task): void {
    bearer.process.give(bearer, task, false);
    this.#quota.noteTaken(bearer.taskCount);
  }

  /** Gives the task to the least loaded process that does not have it. */
  #giveStandby(byLoad: LeastFirst<ProcessLoad>, task: Task): boolean {
    const passed: ProcessLoad[] = [];
    let process = byLoad.take();
    while (process?.has(task)) {
      passed.push(process);
      process = byLoad.take();
    }
    if (process !== undefined) {
      this.#quota.noteTaken(process.giveToLeast(task, false).taskCount);
      byLoad.add(process);
    }
    for (const each of passed.reverse()) byLoad.add(each);
    return process !== undefined;
  }

  result(): Map<string, TaskSet> {
    const result = new Map<string, TaskSet>();
    for (const { memberId, active, standby } of this.#bearers) {
      const tasks = { active: byId(active), standby: byId(standby), warmup: new Map() };
      result.set(memberId, tasks);
    }
    return result;
  }
}

/** The first of those whose process and who themselves have least; not one that has the task. */
function leastLoaded(bearers: readonly Bearer[], task: Task | null): Bearer | null {
  const [first, ...others] = bearers;
  if (first === undefined) return null;
  let least = first;
  for (const bearer of others) {
    const isLess = bearer.process.load < least.process.load && bearer.taskCount < least.taskCount;
    if (isLess && (task === null || !bearer.process.has(task))) least = bearer;
  }
  // As in Kafka, the first one is looked at even where another was found.
  return task === null || !first.process.has(task) ? least : null;
}

function comparePartitions(one: Task, other: Task): number {
  return one.partition - other.partition || compareIds(one, other);
}

function compareSubtopologies(one: Task, other: Task): number {
  return compareIds(one, other) || one.partition - other.partition;
}

function compareIds(one: Task, other: Task): number {
  if (one.subtopologyId === other.subtopologyId) return 0;
  return one.subtopologyId < other.subtopologyId ? -1 : 1;
}

function nameOf(subtopologyId: string, partition: number): string {
  return `${subtopologyId}_${partition}`;
}

function taskOf(subtopologyId: string, partition: number): Task {
  return { subtopologyId, partition, name: nameOf(subtopologyId, partition) };
}

function byId(tasks: readonly Task[]): Map<string, Set<number>> {
  const ids = new Map<string, Set<number>>();
  for (const { subtopologyId, partition } of tasks) addTask(ids, subtopologyId, partition);
  return ids;
}
