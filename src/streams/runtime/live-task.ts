import type { CommittedOffset } from '../../client/consumer/offsets/group-offsets.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import { TaskState } from '../state/disk/task-state.ts';
import type { RecordQueue } from '../tasks/record-queue.ts';
import type { Task } from '../tasks/task.ts';
import { taskIdText } from '../topology/task-id.ts';

/**
 * A task of this instance. While it is a copy (a standby), its stores follow their changelogs; it
 * takes records once it was given its partitions.
 */
export class LiveTask {
  readonly task: Task;
  readonly name: string;
  /** Its partitions; none of a copy. */
  queues: readonly RecordQueue[] = [];
  /** What its stores have committed, and on disk where the application has a directory. */
  readonly state: TaskState;
  /** Whether its stores are restored and its processors open. */
  isRunning = false;
  /** Rows that were read from its changelogs. */
  restoredRows = 0;

  readonly #onClosed: () => void;

  /** `onClosed` is told when it has closed its files. */
  constructor(task: Task, onClosed: () => void) {
    this.task = task;
    this.#onClosed = onClosed;
    this.name = taskIdText(task.taskId);
    const { stores } = task;
    stores.open();
    this.state = new TaskState(this.name, stores.directory, stores.all());
  }

  /** The group has given it its partitions. */
  give(
    partitions: readonly TopicPartition[],
    committed: ReadonlyMap<string, CommittedOffset>,
  ): void {
    const { task } = this;
    this.queues = partitions.map((at) => {
      const queue = task.addPartition(at);
      const { offset = -1, metadata = '' } = committed.get(partitionName(at)) ?? {};
      task.resumeAt(queue, offset, metadata);
      return queue;
    });
  }

  /** How far its stores are, as the sum of the offsets of their changelogs. */
  get offsetSum(): number {
    let sum = 0;
    for (const { store } of this.task.stores.restored)
      sum += this.state.offsets.get(store.name) ?? 0;
    return sum;
  }

  /** Its stores are there: records may come. */
  start(): void {
    this.task.open();
    this.isRunning = true;
  }

  /** What was done belongs to the transaction that ends now, what follows to the next one. */
  prepareState(): void {
    this.state.prepare();
  }

  /**
   * What was written to its changelogs is committed. `endOf` gives the offset behind what was
   * written to a partition last, where something was.
   */
  commitState(endOf: (at: TopicPartition) => number | undefined): void {
    const { restored, taskId } = this.task.stores;
    const ends = new Map<string, number>();
    for (const { store, topic } of restored) {
      const end = endOf({ topic, partition: taskId.partition });
      if (end !== undefined) ends.set(store.name, end);
    }
    this.state.commit(ends);
  }

  close(): void {
    this.task.close();
    this.state.close();
    this.#onClosed();
  }

  reads(names: ReadonlySet<string>): boolean {
    return this.queues.some((queue) => names.has(partitionName(queue)));
  }
}
