import type { GroupLimits } from '../base/group-limits.ts';

/** A topic as the front describes it to the group coordinators in the workers. */
export interface KnownTopic {
  readonly name: string;
  readonly id: string;
  readonly partitions: number;
}

/** The receiver applies `removed` first; `changed` are new or have more partitions. */
export interface TopicChanges {
  readonly removed: readonly KnownTopic[];
  readonly changed: readonly KnownTopic[];
}

/** One group as its coordinator sees it. */
export interface GroupSummary {
  readonly groupId: string;
  readonly type: 'classic' | 'consumer' | 'streams';
  readonly state: string;
  readonly members: number;
  readonly offsets: readonly SummaryOffset[];
  /** What transactions would commit. */
  readonly pending: readonly SummaryOffset[];
}

type SummaryOffset = readonly [topic: string, partition: number, offset: number];

/** The offset at which a group must go on, because its partition ends there. */
export interface LoweredOffset {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** What may be configured of one group: the timers of the consumer protocol, and streams groups. */
export interface OwnGroupRules {
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly assignmentIntervalMs: number;
  readonly streams: StreamsGroupRules;
}

export interface StreamsGroupRules {
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly assignmentIntervalMs: number;
  readonly initialRebalanceDelayMs: number;
  readonly standbyReplicas: number;
}

/** The broker's configuration for groups. */
export interface GroupRules extends GroupLimits {
  readonly common: OwnGroupRules;
  /** Groups with a configuration of their own. */
  readonly own: readonly (readonly [groupId: string, rules: OwnGroupRules])[];
}
