import { LeastFirst } from './least-first.ts';

/** A task while it is being assigned. */
export interface Task {
  readonly subtopologyId: string;
  readonly partition: number;
  /** Of both: tasks are the same where their names are. */
  readonly name: string;
}

/** A member while it is being assigned tasks. */
export interface Bearer {
  readonly memberId: string;
  readonly process: ProcessLoad;
  taskCount: number;
  readonly active: Task[];
  readonly standby: Task[];
}

/** The members of one process, which share its memory, so that no task is in it twice. */
export class ProcessLoad {
  readonly #bearers: Bearer[] = [];
  readonly #tasks = new Set<string>();
  #taskCount = 0;
  #byLoad: LeastFirst<Bearer> | null = null;

  addMember(memberId: string): Bearer {
    const bearer: Bearer = { memberId, process: this, taskCount: 0, active: [], standby: [] };
    this.#bearers.push(bearer);
    return bearer;
  }

  /** Tasks for each member. */
  get load(): number {
    return this.#taskCount / this.#bearers.length;
  }

  has(task: Task): boolean {
    return this.#tasks.has(task.name);
  }

  give(bearer: Bearer, task: Task, isActive: boolean): void {
    this.#byLoad = null;
    this.#give(bearer, task, isActive);
  }

  /** Gives the task to the member that has least, which is answered. */
  giveToLeast(task: Task, isActive: boolean): Bearer {
    this.#byLoad ??= new LeastFirst((bearer) => bearer.taskCount, this.#bearers);
    const bearer = this.#byLoad.take()!;
    this.#give(bearer, task, isActive);
    this.#byLoad.add(bearer);
    return bearer;
  }

  #give(bearer: Bearer, task: Task, isActive: boolean): void {
    this.#taskCount++;
    this.#tasks.add(task.name);
    (isActive ? bearer.active : bearer.standby).push(task);
    bearer.taskCount++;
  }
}
