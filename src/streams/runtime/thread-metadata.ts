import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { Instance } from './instance.ts';
import type { LiveTask } from './live-task.ts';
import type { StreamsState } from './streams-state.ts';

/** A task as it stands: Kafka's TaskMetadata, with its state. */
export interface TaskMetadata {
  /** Such as `0_3`. */
  readonly taskId: string;
  /** `running`, or `restoring` while its stores are filled; a `standby` follows its changelogs. */
  readonly state: 'running' | 'restoring' | 'standby';
  readonly topicPartitions: readonly TopicPartition[];
  /** By the name of the partition, `orders-0`; those without a commit are left out. */
  readonly committedOffsets: Readonly<Record<string, number>>;
  /** Where the partitions end, as far as that is known. */
  readonly endOffsets: Readonly<Record<string, number>>;
}

/** What a thread does: Kafka's ThreadMetadata. */
export interface ThreadMetadata {
  readonly threadName: string;
  readonly threadState: StreamsState;
  readonly activeTasks: readonly TaskMetadata[];
  readonly standbyTasks: readonly TaskMetadata[];
}

export function threadMetadata(instance: Instance, threadState: StreamsState): ThreadMetadata {
  return {
    threadName: instance.meters.threadName,
    threadState,
    activeTasks: Array.from(instance.tasks.all(), (live) => {
      return taskMetadata(instance, live, live.isRunning ? 'running' : 'restoring');
    }),
    standbyTasks: Array.from(instance.tasks.standbys.all(), (live) => {
      return taskMetadata(instance, live, 'standby');
    }),
  };
}

function taskMetadata(
  instance: Instance,
  { name, queues }: LiveTask,
  state: TaskMetadata['state'],
): TaskMetadata {
  const partitions = queues.map(({ topic, partition }) => ({ topic, partition }));
  const committed = partitions.map((at) => [partitionName(at), instance.committedOf(at)] as const);
  const ends = partitions.map((at) => [partitionName(at), instance.endOf(at)] as const);
  return {
    taskId: name,
    state,
    topicPartitions: partitions,
    committedOffsets: Object.fromEntries(committed.filter(([, offset]) => offset >= 0)),
    endOffsets: Object.fromEntries(ends.filter(([, offset]) => offset >= 0)),
  };
}
