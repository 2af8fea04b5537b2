import type { Services } from '../../front/requests/front-services.ts';
import type { Findings } from './health.ts';

type Needed = Services<
  'kafka' | 'changes' | 'partitions' | 'directory' | 'checkpoints' | 'cluster'
>;

/** What keeps clients from a broker, or fails in its background. */
export function brokerFindings(front: Needed): Findings {
  const reasons: string[] = [];
  if (front.kafka.stopping) reasons.push('the broker is stopping');
  if (front.cluster?.isFenced === true) reasons.push('the controllers send no client here');
  const { failure } = front.changes;
  if (failure !== null) reasons.push(`metadata cannot be changed: ${failure}`);
  for (const [name, reason] of front.directory.failures) {
    reasons.push(`topic ${name} does not follow the metadata: ${reason}`);
  }
  for (const topic of front.partitions.topics()) {
    for (const mirror of topic.held) {
      if (mirror.offlineReason === '') continue;
      reasons.push(`${topic.name}-${mirror.index} is offline: ${mirror.offlineReason}`);
    }
  }
  const warnings: string[] = [];
  const { failure: unsaved } = front.checkpoints;
  if (unsaved !== '') warnings.push(`checkpoints cannot be saved: ${unsaved}`);
  return { reasons, warnings };
}
