import type {
  StreamsGroupHeartbeatRequestTaskOffset,
  StreamsGroupHeartbeatRequestTopology,
} from '../../../protocol/schema/88-streams-group-heartbeat.ts';
import type { TopicPartition } from '../../topic-partition.ts';

/** What an application consists of, as its members tell the coordinator (KIP-1071). */
export type StreamsTopology = StreamsGroupHeartbeatRequestTopology;

export type StreamsTaskOffset = StreamsGroupHeartbeatRequestTaskOffset;

/** A task as the coordinator names it. */
export interface StreamsTask {
  readonly subtopologyId: string;
  readonly partition: number;
}

/** Where a process answers queries. */
export interface StreamsEndpoint {
  readonly host: string;
  readonly port: number;
}

/** What one process of the group has, by the topics that its tasks read. */
export interface StreamsHost {
  readonly endpoint: StreamsEndpoint;
  readonly active: readonly TopicPartition[];
  readonly standby: readonly TopicPartition[];
}

/** What the coordinator says of the group as a whole. */
export type StreamsStatusName =
  | 'STALE_TOPOLOGY'
  | 'MISSING_SOURCE_TOPICS'
  | 'INCORRECTLY_PARTITIONED_TOPICS'
  | 'MISSING_INTERNAL_TOPICS'
  | 'SHUTDOWN_APPLICATION'
  | 'ASSIGNMENT_DELAYED'
  | 'UNKNOWN_STATUS';

export interface StreamsStatus {
  readonly name: StreamsStatusName;
  readonly detail: string;
}

/** Beside the partitions of its active tasks, what a member has now. */
export interface StreamsCopies {
  readonly standby: readonly StreamsTask[];
  readonly warmup: readonly StreamsTask[];
  /** False where topics are missing or wrong, or tasks are yet to be shared out. */
  readonly isReady: boolean;
}

/** What a member of a streams group says of its application, and what that is told. */
export interface StreamsMember {
  readonly topology: StreamsTopology;
  /** The same for all members of one process. */
  readonly processId: string;
  readonly endpoint: StreamsEndpoint | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether it asks all members to end. */
  readonly shutsDown: boolean;
  /** What an active task reads. */
  partitionsOf(task: StreamsTask): TopicPartition[];
  /** How far the stores of tasks are, and where their changelogs end, as sums over changelogs. */
  offsets(): { readonly at: StreamsTaskOffset[]; readonly ends: StreamsTaskOffset[] };
  /** After the partitions of active tasks have come and gone. */
  onCopies(copies: StreamsCopies): Promise<void>;
  /** With each answer that says it; empty where all is well. */
  onStatuses(statuses: readonly StreamsStatus[], heartbeatIntervalMs: number): void;
  onHosts(hosts: readonly StreamsHost[]): void;
}
