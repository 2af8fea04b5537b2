import type { Services } from '../../front/requests/front-services.ts';
import type { MetricsText } from './metrics-text.ts';

const MS_PER_SECOND = 1000;

/**
 * What a node that follows controllers knows of them and of the brokers. They write a record twice
 * a second, so its age tells how far this node is behind.
 */
export function controllerMetrics(
  text: MetricsText,
  { metadata, clock }: Services<'metadata' | 'clock'>,
  metadataTimeMs: number,
): void {
  const known = [...metadata.image.brokers.values()];
  const fencedCount = known.filter(({ fenced }) => fenced).length;
  const { leaderId, leaderEpoch, highWatermark } = metadata.quorum;
  const ageMs = Math.max(0, clock.wallMs() - metadataTimeMs);
  text
    .metric('millrace_cluster_brokers', 'gauge', 'Registered brokers of the cluster.')
    .sample('millrace_cluster_brokers', { state: 'active' }, known.length - fencedCount)
    .sample('millrace_cluster_brokers', { state: 'fenced' }, fencedCount)
    .metric('millrace_controller_leader', 'gauge', 'Id of the controller that leads, -1 for none.')
    .sample('millrace_controller_leader', {}, leaderId)
    .metric('millrace_controller_epoch', 'gauge', 'Epoch of the controller that leads.')
    .sample('millrace_controller_epoch', {}, leaderEpoch)
    .metric('millrace_metadata_offset', 'gauge', 'Last record of the metadata in force here.')
    .sample('millrace_metadata_offset', {}, highWatermark - 1)
    .metric('millrace_metadata_age_seconds', 'gauge', 'Age of that record.')
    .sample('millrace_metadata_age_seconds', {}, ageMs / MS_PER_SECOND);
}
