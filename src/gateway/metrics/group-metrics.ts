import type { GroupLags, PartitionLag } from '../../front/groups/group-lags.ts';
import type { MetricsText } from './metrics-text.ts';

/**
 * The offset and the lag of a partition in which the group has not committed, while it has in
 * others.
 */
const NOT_COMMITTED = -1;

/** The gauges of one partition of a group. All names but the last are kafka_exporter's. */
const PARTITION_GAUGES = [
  [
    'kafka_consumergroup_current_offset',
    'Current Offset of a ConsumerGroup at Topic/Partition',
    (lag: PartitionLag) => lag.offset,
  ],
  [
    'kafka_consumergroup_lag',
    'Current Approximate Lag of a ConsumerGroup at Topic/Partition',
    (lag: PartitionLag) => lag.lag,
  ],
  [
    'millrace_consumergroup_lag_seconds',
    'Age of the oldest record that a ConsumerGroup has not committed at Topic/Partition',
    (lag: PartitionLag) => lag.lagSeconds,
  ],
] as const;

/** The same figures over all partitions of a topic, summed as kafka_exporter does. */
const TOPIC_GAUGES = [
  [
    'kafka_consumergroup_current_offset_sum',
    'Current Offset of a ConsumerGroup at Topic for all partitions',
    (lag: PartitionLag) => lag.offset,
  ],
  [
    'kafka_consumergroup_lag_sum',
    'Current Approximate Lag of a ConsumerGroup at Topic for all partitions',
    (lag: PartitionLag) => (lag.offset === NOT_COMMITTED ? 0 : lag.lag),
  ],
] as const;

/** The figures of kafka_exporter about consumer groups, and the lag in seconds. */
export function groupMetrics(text: MetricsText, groups: readonly GroupLags[]): void {
  const members = 'kafka_consumergroup_members';
  text.metric(members, 'gauge', 'Amount of members in a consumer group');
  for (const group of groups) {
    text.sample(members, { consumergroup: group.groupId }, group.members);
  }
  for (const [name, help, figureOf] of PARTITION_GAUGES) {
    text.metric(name, 'gauge', help);
    for (const { groupId: consumergroup, partitions } of groups) {
      for (const lag of partitions) {
        const { topic, partition } = lag;
        text.sample(name, { consumergroup, topic, partition }, figureOf(lag));
      }
    }
  }
  for (const [name, help, figureOf] of TOPIC_GAUGES) {
    text.metric(name, 'gauge', help);
    for (const { groupId: consumergroup, partitions } of groups) {
      const sums = new Map<string, number>();
      for (const lag of partitions) {
        sums.set(lag.topic, (sums.get(lag.topic) ?? 0) + figureOf(lag));
      }
      for (const [topic, sum] of sums) text.sample(name, { consumergroup, topic }, sum);
    }
  }
}
