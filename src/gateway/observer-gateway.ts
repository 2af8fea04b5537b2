import type { Services } from '../front/requests/front-services.ts';
import type { HttpEndpoint } from '../metadata/config/broker-endpoints.ts';
import { accessOf } from './access/access-of.ts';
import type { CredentialCheck } from './access/credential-check.ts';
import { OpenRoutes } from './access/open-routes.ts';
import type { HttpEngine } from './engine/http-engine.ts';
import { refuseUnknown } from './engine/refuse-unknown.ts';
import { addressText } from './gateway.ts';
import { controllerMetrics } from './metrics/controller-metrics.ts';
import { routeHealth } from './metrics/health.ts';
import { MetricsText } from './metrics/metrics-text.ts';
import { openGuardedEngine } from './open-guarded-engine.ts';

type Needed = Services<
  'tls' | 'logger' | 'audit' | 'faults' | 'clock' | 'kafka' | 'settings' | 'metadata'
>;

/** What the observer knows of the metadata that it follows. */
export interface FollowedMetadata {
  /** It shows what the controllers have committed. */
  readonly isCaughtUp: boolean;
  /** When the controllers wrote the last record that it shows. */
  readonly timeMs: number;
}

/** What an observer serves over HTTP: whether it lives, whether it may be asked, its figures. */
export class ObserverGateway {
  readonly #engine: HttpEngine;

  static async open(
    endpoint: HttpEndpoint,
    front: Needed,
    check: CredentialCheck | null,
    followed: FollowedMetadata,
  ): Promise<ObserverGateway> {
    const engine = await openGuardedEngine(endpoint, front);
    const routes = new OpenRoutes(engine, accessOf(check, front), endpoint.openPaths);
    routeHealth(routes, () => {
      const reasons: string[] = [];
      if (front.kafka.stopping) reasons.push('the observer is stopping');
      if (!followed.isCaughtUp) reasons.push('it has not caught up with the controllers');
      return { reasons, warnings: [] };
    });
    routes.get('/metrics', (response) => {
      const text = new MetricsText();
      text
        .metric('millrace_connections', 'gauge', 'Open Kafka connections.')
        .sample('millrace_connections', {}, front.kafka.connectionCount);
      controllerMetrics(text, front, followed.timeMs);
      response.writeHeader('content-type', 'text/plain; version=0.0.4');
      response.end(text.toString());
    });
    engine.otherwise(refuseUnknown);
    await engine.listen(endpoint.port);
    return new ObserverGateway(engine);
  }

  private constructor(engine: HttpEngine) {
    this.#engine = engine;
  }

  get address(): string {
    return addressText(this.#engine.host, this.#engine.port);
  }

  get engineName(): string {
    return this.#engine.name;
  }

  close(): void {
    this.#engine.close();
  }
}
