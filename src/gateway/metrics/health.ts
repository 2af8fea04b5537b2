import type { Services } from '../../front/requests/front-services.ts';
import type { PlainRoutes } from '../access/open-routes.ts';

type Needed = Services<
  'kafka' | 'changes' | 'partitions' | 'directory' | 'checkpoints' | 'cluster'
>;

interface Readiness {
  readonly ready: boolean;
  readonly reasons: string[];
  /** What fails in the background, while clients are served all the same. */
  readonly warnings: string[];
}

/** `/livez`: the event loop turns. `/readyz`: whether clients may be sent here, and if not, why. */
export function routeHealth(routes: PlainRoutes, front: Needed): void {
  routes.get('/livez', (response) => {
    response.writeHeader('content-type', 'text/plain').end('ok\n');
  });
  routes.get('/readyz', (response) => {
    const readiness = readinessOf(front);
    if (!readiness.ready) response.writeStatus('503 Service Unavailable');
    response.writeHeader('content-type', 'application/json');
    response.end(`${JSON.stringify(readiness)}\n`);
  });
}

function readinessOf(front: Needed): Readiness {
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
  return { ready: reasons.length === 0, reasons, warnings };
}
