import type { TopicPartition } from '../../client/topic-partition.ts';
import type { TaskId } from '../topology/task-id.ts';
import type { HostInfo } from './host-info.ts';

/** The tasks of one instance, as its group knows them. */
export interface HostedTasks {
  /** Where it answers; null where it serves no questions. */
  readonly host: HostInfo | null;
  readonly isThis: boolean;
  readonly active: readonly TaskId[];
  readonly standby: readonly TaskId[];
}

/** One instance of an application: Kafka's StreamsMetadata. */
export interface StreamsMetadata {
  /** `application.server` of the instance; null where it has none. */
  readonly hostInfo: HostInfo | null;
  /** Whether it is this instance. */
  readonly isThis: boolean;
  readonly stateStoreNames: readonly string[];
  readonly topicPartitions: readonly TopicPartition[];
  readonly standbyStateStoreNames: readonly string[];
  readonly standbyTopicPartitions: readonly TopicPartition[];
}

/** Where a key is: Kafka's KeyQueryMetadata. */
export interface KeyQueryMetadata {
  /** Null where the instance that runs the task serves no questions, or is not known. */
  readonly activeHost: HostInfo | null;
  readonly standbyHosts: readonly HostInfo[];
  readonly partition: number;
}
