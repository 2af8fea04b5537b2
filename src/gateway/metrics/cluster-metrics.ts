import type { ClusterReport } from '../../front/metrics/cluster-report.ts';
import type { Services } from '../../front/requests/front-services.ts';
import type { BrokerMetadata } from '../../metadata/image.ts';
import type { MetricsText } from './metrics-text.ts';

type Needed = Services<'metadata' | 'partitions' | 'clock'>;

const MS_PER_SECOND = 1000;

/** A broker of a cluster: its controllers, its place among the brokers, its replicas. */
export function clusterMetrics(text: MetricsText, report: ClusterReport, front: Needed): void {
  brokers(text, report, [...front.metadata.image.brokers.values()]);
  controllers(text, report, front);
  leading(text, front);
  const { expansions, shrinks, refusals } = report.inSyncCounts;
  const changes = 'millrace_isr_changes_total';
  text.metric(changes, 'counter', 'Changes of replicas in sync that leaders here asked for.');
  text.sample(changes, { change: 'expand' }, expansions);
  text.sample(changes, { change: 'shrink' }, shrinks);
  text.sample(changes, { change: 'refused' }, refusals);
  const lag = 'millrace_replica_lag';
  text.metric(lag, 'gauge', 'Records below the high watermark of the leader that are not here.');
  for (const { topic, index, leaderId, lag: records } of report.copied()) {
    text.sample(lag, { topic, partition: index, leader: leaderId }, records);
  }
}

function brokers(
  text: MetricsText,
  { isFenced }: ClusterReport,
  known: readonly BrokerMetadata[],
): void {
  const fencedCount = known.filter(({ fenced }) => fenced).length;
  text
    .metric('millrace_broker_fenced', 'gauge', '1 if the controllers send no client here.')
    .sample('millrace_broker_fenced', {}, isFenced ? 1 : 0)
    .metric('millrace_cluster_brokers', 'gauge', 'Registered brokers of the cluster.')
    .sample('millrace_cluster_brokers', { state: 'active' }, known.length - fencedCount)
    .sample('millrace_cluster_brokers', { state: 'fenced' }, fencedCount);
}

/** The controllers write a record twice a second, so the age tells how far this node is behind. */
function controllers(
  text: MetricsText,
  { metadataTimeMs }: ClusterReport,
  { metadata, clock }: Needed,
): void {
  const { leaderId, leaderEpoch, highWatermark } = metadata.quorum;
  const ageMs = Math.max(0, clock.wallMs() - metadataTimeMs);
  text
    .metric('millrace_controller_leader', 'gauge', 'Id of the controller that leads, -1 for none.')
    .sample('millrace_controller_leader', {}, leaderId)
    .metric('millrace_controller_epoch', 'gauge', 'Epoch of the controller that leads.')
    .sample('millrace_controller_epoch', {}, leaderEpoch)
    .metric('millrace_metadata_offset', 'gauge', 'Last record of the metadata in force here.')
    .sample('millrace_metadata_offset', {}, highWatermark - 1)
    .metric('millrace_metadata_age_seconds', 'gauge', 'Age of that record.')
    .sample('millrace_metadata_age_seconds', {}, ageMs / MS_PER_SECOND);
}

function leading(text: MetricsText, { metadata, partitions }: Needed): void {
  let underReplicated = 0;
  let underMinimum = 0;
  let leaderCount = 0;
  for (const topic of partitions.topics()) {
    const known = metadata.image.topicsById.get(topic.id)?.partitions ?? [];
    for (const { isLeader, index } of topic.held) {
      const partition = known[index];
      if (!isLeader || partition === undefined) continue;
      const { replicas, inSyncReplicas } = partition;
      const needed = Math.min(topic.config.minInSyncReplicas, replicas.length);
      leaderCount++;
      if (inSyncReplicas.length < replicas.length) underReplicated++;
      if (inSyncReplicas.length < needed) underMinimum++;
    }
  }
  text
    .metric('millrace_leader_partitions', 'gauge', 'Partitions that this broker leads.')
    .sample('millrace_leader_partitions', {}, leaderCount)
    .metric('millrace_under_replicated_partitions', 'gauge', 'Those with a replica out of sync.')
    .sample('millrace_under_replicated_partitions', {}, underReplicated)
    .metric('millrace_under_min_isr_partitions', 'gauge', 'Those that take no acks=all.')
    .sample('millrace_under_min_isr_partitions', {}, underMinimum);
}
