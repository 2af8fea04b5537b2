import { type TaskId, taskIdText } from '../../topology/task-id.ts';
import { StateError } from '../state-error.ts';

const SUBTOPOLOGIES = 64;
const PARTITIONS = 4_096;
const FREE = 0;
/** A thread that lost a task may be at work for a while before it hears of it. */
const WAIT_MS = 30_000;

/**
 * Which thread of a process has the files of a task, in memory that the threads share. A task that
 * moves from one thread to another is opened only when the first one has closed it.
 *
 *   word [sub-topology × 4096 + partition]   0, or the number of the thread
 */
export class TaskLocks {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #thread: number;

  /** Of this thread; threads have numbers from 1 on. Without memory it makes its own. */
  constructor(thread: number, memory?: SharedArrayBuffer) {
    const { BYTES_PER_ELEMENT } = Int32Array;
    this.memory = memory ?? new SharedArrayBuffer(SUBTOPOLOGIES * PARTITIONS * BYTES_PER_ELEMENT);
    this.#words = new Int32Array(this.memory);
    this.#thread = thread;
  }

  /** Blocks the thread while another one closes the task. */
  acquire(task: TaskId): void {
    const word = this.#wordOf(task);
    const endMs = performance.now() + WAIT_MS;
    for (;;) {
      const holder = Atomics.compareExchange(this.#words, word, FREE, this.#thread);
      if (holder === FREE || holder === this.#thread) return;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) {
        const what = `thread ${holder} has not closed task ${taskIdText(task)} yet`;
        throw new StateError('STATE_LOCKED', what);
      }
      Atomics.wait(this.#words, word, holder, leftMs);
    }
  }

  /** The same without waiting: false where another thread has the task. */
  tryAcquire(task: TaskId): boolean {
    const word = this.#wordOf(task);
    return Atomics.compareExchange(this.#words, word, FREE, this.#thread) === FREE;
  }

  release(task: TaskId): void {
    this.#free(this.#wordOf(task), this.#thread);
  }

  /** What a thread has that is dead. */
  releaseAll(thread: number): void {
    for (let word = 0; word < this.#words.length; word++) this.#free(word, thread);
  }

  #free(word: number, thread: number): void {
    if (Atomics.compareExchange(this.#words, word, thread, FREE) !== thread) return;
    Atomics.notify(this.#words, word);
  }

  #wordOf(task: TaskId): number {
    const { subtopology, partition } = task;
    if (subtopology < SUBTOPOLOGIES && partition < PARTITIONS) {
      return subtopology * PARTITIONS + partition;
    }
    const most = `${SUBTOPOLOGIES} sub-topologies and ${PARTITIONS} partitions`;
    const what = `threads share a state directory for up to ${most}, not task ${taskIdText(task)}`;
    throw new StateError('STATE_ARGUMENT', what);
  }
}
