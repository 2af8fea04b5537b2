import type { GroupLimits } from '../../base/group-limits.ts';

/**
 * The configuration that the coordinator reads, live: an implementation may be getters over the
 * broker's properties, whose names stand beside each field. Functions take the group whose own
 * configuration overrides the broker's.
 */
export interface GroupSettings extends GroupLimits {
  /** group.consumer.session.timeout.ms, or the group's consumer.session.timeout.ms */
  consumerSessionTimeoutMs(groupId: string): number;
  /** group.consumer.heartbeat.interval.ms, or the group's consumer.heartbeat.interval.ms */
  consumerHeartbeatIntervalMs(groupId: string): number;
  /** group.consumer.assignment.interval.ms, or the group's consumer.assignment.interval.ms */
  consumerAssignmentIntervalMs(groupId: string): number;
  /** group.streams.session.timeout.ms, or the group's streams.session.timeout.ms */
  streamsSessionTimeoutMs(groupId: string): number;
  /** group.streams.heartbeat.interval.ms, or the group's streams.heartbeat.interval.ms */
  streamsHeartbeatIntervalMs(groupId: string): number;
  /** group.streams.assignment.interval.ms, or the group's streams.assignment.interval.ms */
  streamsAssignmentIntervalMs(groupId: string): number;
  /** group.streams.initial.rebalance.delay.ms, or streams.initial.rebalance.delay.ms */
  streamsInitialRebalanceDelayMs(groupId: string): number;
  /** group.streams.num.standby.replicas, or the group's streams.num.standby.replicas */
  streamsStandbyReplicas(groupId: string): number;
}

/** New members that never hear their member id are given up after this long, as in Kafka. */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000;

/** Kafka's defaults, where Kafka has the setting. */
export const DEFAULT_GROUP_SETTINGS: GroupSettings = {
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  initialRebalanceDelayMs: 3_000,
  maxSize: 2_147_483_647,
  maxGroups: 10_000,
  offsetMetadataMaxBytes: 4_096,
  offsetsRetentionMs: 7 * 24 * 60 * 60 * 1000,
  offsetsRetentionCheckIntervalMs: 600_000,
  consumerMaxSize: 2_147_483_647,
  consumerAssignors: ['uniform', 'range'],
  consumerMigrationPolicy: 'bidirectional',
  consumerRegexRefreshIntervalMs: 600_000,
  consumerSessionTimeoutMs: () => 45_000,
  consumerHeartbeatIntervalMs: () => 5_000,
  consumerAssignmentIntervalMs: () => 1_000,
  streamsMaxSize: 2_147_483_647,
  streamsSessionTimeoutMs: () => 45_000,
  streamsHeartbeatIntervalMs: () => 5_000,
  streamsAssignmentIntervalMs: () => 1_000,
  streamsInitialRebalanceDelayMs: () => 3_000,
  streamsStandbyReplicas: () => 0,
};
