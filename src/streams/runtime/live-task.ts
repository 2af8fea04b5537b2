import type { CommittedOffset } from '../../client/consumer/offsets/group-offsets.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { RecordQueue } from '../tasks/record-queue.ts';
import type { Task } from '../tasks/task.ts';
import { taskIdText } from '../topology/task-id.ts';

/** A task of this instance with the partitions that it was given. */
export class LiveTask {
  readonly task: Task;
  readonly name: string;
  readonly queues: readonly RecordQueue[];
  /** Whether its stores are restored and its processors open. */
  isRunning = false;

  constructor(
    task: Task,
    partitions: readonly TopicPartition[],
    committed: ReadonlyMap<string, CommittedOffset>,
  ) {
    this.task = task;
    this.name = taskIdText(task.taskId);
    this.queues = partitions.map((at) => {
      const queue = task.addPartition(at);
      const { offset = -1, metadata = '' } = committed.get(partitionName(at)) ?? {};
      task.resumeAt(queue, offset, metadata);
      return queue;
    });
  }

  /** Its stores are there: records may come. */
  start(): void {
    this.task.open();
    this.isRunning = true;
  }

  reads(names: ReadonlySet<string>): boolean {
    return this.queues.some((queue) => names.has(partitionName(queue)));
  }
}
