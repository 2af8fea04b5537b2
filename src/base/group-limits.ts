/** The group.consumer.migration.policy. */
export type MigrationPolicy = 'disabled' | 'upgrade' | 'downgrade' | 'bidirectional';

/** The configuration that all groups share: the front sends it, the coordinators go by it. */
export interface GroupLimits {
  /** group.min.session.timeout.ms */
  readonly minSessionTimeoutMs: number;
  /** group.max.session.timeout.ms */
  readonly maxSessionTimeoutMs: number;
  /** group.initial.rebalance.delay.ms */
  readonly initialRebalanceDelayMs: number;
  /** group.max.size */
  readonly maxSize: number;
  /** millrace.max.groups.per.partition */
  readonly maxGroups: number;
  /** offset.metadata.max.bytes */
  readonly offsetMetadataMaxBytes: number;
  /** offsets.retention.minutes */
  readonly offsetsRetentionMs: number;
  /** offsets.retention.check.interval.ms */
  readonly offsetsRetentionCheckIntervalMs: number;
  /** group.consumer.max.size */
  readonly consumerMaxSize: number;
  /** group.consumer.assignors, the first is the default */
  readonly consumerAssignors: readonly string[];
  /** group.consumer.migration.policy */
  readonly consumerMigrationPolicy: MigrationPolicy;
  /** group.consumer.regex.refresh.interval.ms */
  readonly consumerRegexRefreshIntervalMs: number;
  /** group.streams.max.size */
  readonly streamsMaxSize: number;
}
