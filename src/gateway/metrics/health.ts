import type { PlainRoutes } from '../access/open-routes.ts';

/** Why no client may be sent to a node; nothing where one may. */
export interface Findings {
  readonly reasons: readonly string[];
  /** What fails in the background, while clients are served all the same. */
  readonly warnings: readonly string[];
}

/** `/livez`: the event loop turns. `/readyz`: whether clients may be sent here, and if not, why. */
export function routeHealth(routes: PlainRoutes, look: () => Findings): void {
  routes.get('/livez', (response) => {
    response.writeHeader('content-type', 'text/plain').end('ok\n');
  });
  routes.get('/readyz', (response) => {
    const { reasons, warnings } = look();
    const ready = reasons.length === 0;
    if (!ready) response.writeStatus('503 Service Unavailable');
    response.writeHeader('content-type', 'application/json');
    response.end(`${JSON.stringify({ ready, reasons, warnings })}\n`);
  });
}
