import type { ClusterReport } from '../../front/metrics/cluster-report.ts';
import type { Services } from '../../front/requests/front-services.ts';
import { controllerMetrics } from './controller-metrics.ts';
import type { MetricsText } from './metrics-text.ts';

type Needed = Services<'metadata' | 'partitions' | 'clock' | 'logDirs'>;

const MS_PER_SECOND = 1000;

/** A broker of a cluster: its controllers, its place among the brokers, its replicas. */
export function clusterMetrics(text: MetricsText, report: ClusterReport, front: Needed): void {
  text
    .metric('millrace_broker_fenced', 'gauge', '1 if the controllers send no client here.')
    .sample('millrace_broker_fenced', {}, report.isFenced ? 1 : 0);
  controllerMetrics(text, front, report.metadataTimeMs);
  heartbeats(text, report);
  leading(text, front);
  const lostDirectories = front.logDirs.all.filter(({ isLost }) => isLost).length;
  text
    .metric('millrace_offline_log_directories', 'gauge', "Kafka's OfflineLogDirectoryCount.")
    .sample('millrace_offline_log_directories', {}, lostDirectories);
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

/** A broker whose heartbeats are late for the length of its session is fenced. */
function heartbeats(text: MetricsText, report: ClusterReport): void {
  const { count, lateMsMax, answerMsMax } = report.heartbeats;
  const [late, answer] = ['late', 'answer'].map((what) => `millrace_heartbeat_${what}_seconds_max`);
  text
    .metric('millrace_heartbeats_total', 'counter', 'Heartbeats that the controllers answered.')
    .sample('millrace_heartbeats_total', {}, count)
    .metric(late!, 'gauge', 'Longest that one left after its time, since the start.')
    .sample(late!, {}, lateMsMax / MS_PER_SECOND)
    .metric(answer!, 'gauge', 'Longest that the answer to one took, since the start.')
    .sample(answer!, {}, answerMsMax / MS_PER_SECOND);
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
