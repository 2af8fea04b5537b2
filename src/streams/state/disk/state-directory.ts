import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../../base/errors.ts';
import { parseTaskId, type TaskId, taskIdText } from '../../topology/task-id.ts';
import { StateError } from '../state-error.ts';
import { onDisk } from './on-disk.ts';
import { lockDirectory, type ReleaseLock } from './process-lock.ts';
import type { TaskLocks } from './task-locks.ts';
import { hasState } from './task-state.ts';

const IDENTITY_FILE = 'millrace-streams.json';
const FORM = 1;

/** What the directory knows of the process that had it last. */
export interface DirectoryIdentity {
  readonly applicationId: string;
  /** Of the form of the files. */
  readonly form: number;
  /** The same for all processes that take the directory over one after the other. */
  readonly processId: string;
  /** Of the group: whoever has the lock knows that this member is gone. */
  readonly memberId?: string;
  /** Of the group of that member. */
  readonly protocol?: string;
}

/** One of several threads of the process that has the lock of the directory. */
export interface DirectoryShare {
  /** From 1 on. */
  readonly thread: number;
  readonly processId: string;
  readonly locks: TaskLocks;
}

/**
 * The directory of one application on one machine, held by one process: `lock`, who it belongs to,
 * and a directory for each task.
 */
export class StateDirectory {
  readonly path: string;
  readonly #release: ReleaseLock;
  readonly #share: DirectoryShare | undefined;
  readonly #file: string;
  #identity: DirectoryIdentity;
  /** Tasks of this holder that have their files open. */
  readonly #entered = new Set<string>();

  /**
   * Makes and locks `<directory>/<application id>`. Throws STATE_LOCKED where another process has
   * it, and STATE_FOREIGN where its files are another application's or of another form. A thread
   * that shares it relies on the lock of its process.
   */
  constructor(directory: string, applicationId: string, share?: DirectoryShare) {
    this.#share = share;
    this.#file = share === undefined ? IDENTITY_FILE : identityFileOf(share.thread);
    this.path = join(directory, applicationId);
    onDisk(`the state directory ${this.path} cannot be made`, () => {
      mkdirSync(this.path, { recursive: true });
    });
    this.#release = share === undefined ? lockDirectory(this.path) : () => undefined;
    try {
      this.#identity = this.#readIdentity(applicationId);
    } catch (thrown) {
      this.#release();
      throw thrown;
    }
  }

  get identity(): DirectoryIdentity {
    return this.#identity;
  }

  /** The member that this process is now, for the one that takes the directory over. */
  rememberMember(memberId: string, protocol: string): void {
    const { applicationId, form, processId } = this.#identity;
    this.#write({ applicationId, form, processId, memberId, protocol });
  }

  /** There is none any more. */
  forgetMember(): void {
    const { applicationId, form, processId } = this.#identity;
    this.#write({ applicationId, form, processId });
  }

  /** Where a task keeps its files; it is made by the task. */
  taskDirectory(task: TaskId): string {
    return join(this.path, taskIdText(task));
  }

  /** The same for a task that is about to use its files, of which there is one. */
  enterTask(task: TaskId): string {
    this.#share?.locks.acquire(task);
    this.#entered.add(taskIdText(task));
    return this.taskDirectory(task);
  }

  /** The task has closed its files. */
  leaveTask(task: TaskId): void {
    this.#entered.delete(taskIdText(task));
    this.#share?.locks.release(task);
  }

  /** Tasks that have state here. */
  tasks(): TaskId[] {
    const tasks = readdirSync(this.path).map(parseTaskId);
    const known = tasks.filter((task) => task !== undefined);
    return known.filter((task) => hasState(this.taskDirectory(task)));
  }

  /** Removes the files of a task that this process does not run. */
  removeTask(task: TaskId): void {
    rmSync(this.taskDirectory(task), { recursive: true, force: true });
  }

  /**
   * Removes the state of tasks that nobody runs here, and that has not been written to for so long.
   * `locks`: of the threads that share the directory, with a number that none of them has. Returns
   * the tasks.
   */
  removeUnused(ageMs: number, locks?: TaskLocks): TaskId[] {
    const oldest = Date.now() - ageMs;
    const known = readdirSync(this.path).map(parseTaskId);
    return known.filter((task) => {
      if (task === undefined || this.#entered.has(taskIdText(task))) return false;
      if (locks?.tryAcquire(task) === false) return false;
      try {
        if (writtenMs(this.taskDirectory(task)) >= oldest) return false;
        this.removeTask(task);
        return true;
      } finally {
        locks?.release(task);
      }
    }) as TaskId[];
  }

  /** Gives the lock back. */
  close(): void {
    this.#release();
  }

  #readIdentity(applicationId: string): DirectoryIdentity {
    const file = join(this.path, this.#file);
    if (!existsSync(file)) {
      const processId = this.#share?.processId ?? randomUUID();
      const fresh = { applicationId, form: FORM, processId };
      this.#write(fresh);
      return fresh;
    }
    const known = parse(file);
    if (known.applicationId !== applicationId) {
      const what = `the state directory ${this.path} belongs to application ${known.applicationId}`;
      throw new StateError('STATE_FOREIGN', `${what}, not to ${applicationId}`);
    }
    if (known.form !== FORM) {
      const what = `the state directory ${this.path} is of form ${known.form}`;
      throw new StateError('STATE_FOREIGN', `${what}; this version knows form ${FORM}`);
    }
    return known;
  }

  #write(identity: DirectoryIdentity): void {
    const file = join(this.path, this.#file);
    onDisk(`${file} cannot be written`, () => {
      writeFileSync(`${file}.tmp`, `${JSON.stringify(identity)}\n`);
      renameSync(`${file}.tmp`, file);
    });
    this.#identity = identity;
  }
}

/** When the directory of a task, or a file in it, was written last, in ms since 1970. */
function writtenMs(directory: string): number {
  const files = readdirSync(directory).map((name) => join(directory, name));
  return Math.max(...[directory, ...files].map((path) => statSync(path).mtimeMs));
}

/** Each thread is a member of its own. */
function identityFileOf(thread: number): string {
  return `millrace-streams-thread-${thread}.json`;
}

function parse(file: string): DirectoryIdentity {
  try {
    const known = JSON.parse(readFileSync(file, 'utf8')) as Partial<DirectoryIdentity>;
    if (typeof known.applicationId === 'string' && typeof known.processId === 'string') {
      return known as DirectoryIdentity;
    }
  } catch (thrown) {
    throw new StateError('STATE_FOREIGN', `${file} cannot be read: ${reasonOf(thrown)}`, thrown);
  }
  throw new StateError('STATE_FOREIGN', `${file} does not say whose the directory is`);
}
