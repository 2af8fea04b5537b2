import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { inBackground } from '../../base/in-background.ts';
import { logFailure } from '../../base/log-failure.ts';
import { type GroupLags, readGroupLags } from '../../front/groups/group-lags.ts';
import type { Services } from '../../front/requests/front-services.ts';
import {
  type HeldPartition,
  readHeldPartitions,
} from '../../front/transactions/held-partitions.ts';
import {
  readTransactionCensus,
  type TransactionCensus,
} from '../../front/transactions/transaction-census.ts';
import { apiName } from '../../protocol/api-registry.ts';
import type { PlainRoutes } from '../access/open-routes.ts';
import { cleaningMetrics } from './cleaning-metrics.ts';
import { clusterMetrics } from './cluster-metrics.ts';
import { groupMetrics } from './group-metrics.ts';
import { MetricsText } from './metrics-text.ts';
import { transactionMetrics } from './transaction-metrics.ts';

type Needed = Services<
  | 'clock'
  | 'logger'
  | 'settings'
  | 'partitions'
  | 'metadata'
  | 'loader'
  | 'workers'
  | 'kafka'
  | 'metrics'
  | 'cleaning'
  | 'fetchSessions'
  | 'checkpoints'
  | 'transactionWriters'
  | 'cluster'
  | 'logDirs'
>;

const QUANTILES = [0.5, 0.99, 0.999];
/** The worst delay is among them: a front that stands still stops every client. */
const LOOP_QUANTILES = [...QUANTILES, 1];
const NS_PER_SECOND = 1e9;
const US_PER_SECOND = 1e6;
const LOOP_RESOLUTION_MS = 10;

/** `/metrics` in Prometheus' text format: first kafka_exporter's names, then millrace's own. */
export function routeMetrics(
  routes: PlainRoutes,
  front: Needed,
  writeMore: (text: MetricsText) => void,
): { stop(): void } {
  const loopDelay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loopDelay.enable();
  routes.get('/metrics', (response) => {
    let aborted = false;
    response.onAborted(() => {
      aborted = true;
    });
    const answer = (
      groups: readonly GroupLags[],
      census: TransactionCensus,
      held: readonly HeldPartition[],
    ): void => {
      if (aborted) return;
      const text = new MetricsText();
      brokerMetrics(text, front);
      topicMetrics(text, front);
      groupMetrics(text, groups);
      transactionMetrics(text, census, held, front.clock.wallMs());
      requestMetrics(text, front);
      if (front.cluster !== null) clusterMetrics(text, front.cluster, front);
      cleaningMetrics(text, front.cleaning, front.clock.monotonicMs());
      writeMore(text);
      loopMetrics(text, loopDelay);
      response.cork(() => {
        response.writeHeader('content-type', 'text/plain; version=0.0.4');
        response.end(text.toString());
      });
    };
    const fail = (thrown: unknown): void => {
      logFailure(front.logger, 'writing /metrics')(thrown);
      if (!aborted) response.close();
    };
    const read = Promise.all([
      readGroupLags(front),
      readTransactionCensus(front.workers),
      readHeldPartitions(front),
    ]);
    inBackground(
      read.then(([groups, census, held]) => answer(groups, census, held)),
      fail,
    );
  });
  return { stop: () => loopDelay.disable() };
}

function loopMetrics(text: MetricsText, loopDelay: IntervalHistogram): void {
  text.metric('millrace_event_loop_delay_seconds', 'summary', 'Delay of the front thread.');
  for (const quantile of LOOP_QUANTILES) {
    const seconds = loopDelay.percentile(quantile * 100) / NS_PER_SECOND;
    text.sample('millrace_event_loop_delay_seconds', { quantile }, seconds);
  }
}

function brokerMetrics(text: MetricsText, front: Needed): void {
  const id = front.settings.nodeId;
  const address = front.kafka.listeners[0];
  const label = address === undefined ? '' : `${address.host}:${address.port}`;
  text
    .metric('kafka_brokers', 'gauge', 'Number of Brokers in the Kafka Cluster.')
    .sample('kafka_brokers', {}, brokerCount(front))
    .metric('kafka_broker_info', 'gauge', 'Information about the Kafka Broker.')
    .sample('kafka_broker_info', { address: label, id }, 1)
    .metric('millrace_connections', 'gauge', 'Open Kafka connections.')
    .sample('millrace_connections', {}, front.kafka.connectionCount)
    .metric('millrace_queued_request_bytes', 'gauge', 'Bytes of unfinished and waiting requests.')
    .sample('millrace_queued_request_bytes', {}, front.kafka.budget.usedBytes)
    .metric('millrace_fetch_sessions', 'gauge', 'Incremental fetch sessions.')
    .sample('millrace_fetch_sessions', {}, front.fetchSessions.count)
    .metric('millrace_syncs_total', 'counter', 'Disk syncs that appends waited for.')
    .sample('millrace_syncs_total', {}, front.workers.syncCount)
    .metric(
      'millrace_checkpoints_failing',
      'gauge',
      '1 if checkpoints cannot be saved: see /readyz',
    )
    .sample('millrace_checkpoints_failing', {}, front.checkpoints.failure === '' ? 0 : 1);
}

/** Those that clients are sent to. */
function brokerCount({ cluster, metadata }: Needed): number {
  if (cluster === null) return 1;
  return [...metadata.image.brokers.values()].filter(({ fenced }) => !fenced).length;
}

/** The gauges of one partition, with kafka_exporter's names. */
const PARTITION_GAUGES = [
  ['kafka_topic_partition_current_offset', 'Current Offset of a Broker at Topic/Partition'],
  ['kafka_topic_partition_oldest_offset', 'Oldest Offset of a Broker at Topic/Partition'],
  ['kafka_topic_partition_in_sync_replica', 'Number of In-Sync Replicas for this Topic/Partition'],
  ['kafka_topic_partition_leader', 'Leader Broker ID of this Topic/Partition'],
  [
    'kafka_topic_partition_leader_is_preferred',
    '1 if Topic/Partition is using the Preferred Broker',
  ],
  ['kafka_topic_partition_replicas', 'Number of Replicas for this Topic/Partition'],
  ['kafka_topic_partition_under_replicated_partition', '1 if Topic/Partition is under Replicated'],
  ['millrace_partition_offline', '1 if the partition takes no appends: see /readyz'],
] as const;

function topicMetrics(text: MetricsText, front: Needed): void {
  text.metric('kafka_topic_partitions', 'gauge', 'Number of partitions for this Topic');
  for (const topic of front.partitions.topics()) {
    text.sample('kafka_topic_partitions', { topic: topic.name }, topic.partitions.length);
  }
  for (const [name, help] of PARTITION_GAUGES) {
    text.metric(name, 'gauge', help);
    for (const topic of front.partitions.topics()) {
      const known = front.metadata.image.topicsById.get(topic.id)?.partitions ?? [];
      for (const mirror of topic.held) {
        const partition = known[mirror.index];
        if (partition === undefined) continue;
        const { leader, replicas, inSyncReplicas } = partition;
        const offline = mirror.offlineReason === '' ? 0 : 1;
        const inSync = inSyncReplicas.length - offline;
        const values: Record<(typeof PARTITION_GAUGES)[number][0], number> = {
          kafka_topic_partition_current_offset: mirror.highWatermark,
          kafka_topic_partition_oldest_offset: mirror.logStartOffset,
          kafka_topic_partition_in_sync_replica: inSync,
          kafka_topic_partition_leader: leader,
          kafka_topic_partition_leader_is_preferred: leader === replicas[0] ? 1 : 0,
          kafka_topic_partition_replicas: replicas.length,
          kafka_topic_partition_under_replicated_partition: inSync < replicas.length ? 1 : 0,
          millrace_partition_offline: offline,
        };
        text.sample(name, { topic: topic.name, partition: mirror.index }, values[name]);
      }
    }
  }
}

function requestMetrics(text: MetricsText, front: Needed): void {
  const { metrics, kafka } = front;
  const seconds = 'millrace_request_seconds';
  text.metric(seconds, 'summary', 'From the dispatch of a request to its answer, by API.');
  for (const [key, api] of metrics.apis) {
    const labels = { api: apiName(key) };
    const latencyUs = metrics.latencyUs(api);
    if (latencyUs === null) continue;
    for (const quantile of QUANTILES) {
      const us = latencyUs.getValueAtPercentile(quantile * 100);
      text.sample(seconds, { ...labels, quantile }, us / US_PER_SECOND);
    }
    text.sample(`${seconds}_count`, labels, api.requestCount);
    text.sample(`${seconds}_sum`, labels, (latencyUs.mean * api.requestCount) / US_PER_SECOND);
  }
  text.metric('millrace_fetched_bytes_total', 'counter', 'Record bytes sent to consumers.');
  text.sample('millrace_fetched_bytes_total', {}, metrics.bytesOut);
  text.metric('millrace_malformed_requests_total', 'counter', 'Frames that were no valid request.');
  text.sample('millrace_malformed_requests_total', {}, metrics.malformedCount);
  text.metric('millrace_connections_cut_total', 'counter', 'Connections closed for what they did.');
  for (const [reason, count] of kafka.cutCounts) {
    text.sample('millrace_connections_cut_total', { reason: reason.trim() }, count);
  }
}
