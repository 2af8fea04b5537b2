import { logFailure } from '../base/log-failure.ts';
import type { FrontServices } from '../front/requests/front-services.ts';
import type { HttpEndpoint } from '../metadata/config/broker-endpoints.ts';
import type { Access } from './access/access.ts';
import { accessOf } from './access/access-of.ts';
import type { CredentialCheck } from './access/credential-check.ts';
import { OpenRoutes } from './access/open-routes.ts';
import type { HttpEngine } from './engine/http-engine.ts';
import { OriginPolicy } from './engine/origin-policy.ts';
import { refuseUnknown } from './engine/refuse-unknown.ts';
import { GroupRegister } from './group/group-register.ts';
import { routePage } from './http/static-files.ts';
import { routeTopics } from './http/topic-routes.ts';
import { brokerFindings } from './metrics/broker-findings.ts';
import { routeHealth } from './metrics/health.ts';
import { routeMetrics } from './metrics/metrics-page.ts';
import { streamMetrics } from './metrics/stream-metrics.ts';
import { openGuardedEngine } from './open-guarded-engine.ts';
import { Producing } from './produce/producing.ts';
import { KafkaSocket } from './socket/kafka-socket.ts';
import { Session } from './socket/session.ts';
import { WebSocketServer } from './socket/web-socket-server.ts';
import { StreamHub } from './stream/stream-hub.ts';

/** Everything that is served over HTTP and WebSocket. */
export class Gateway {
  readonly #engine: HttpEngine;
  readonly #metrics: { stop(): void };
  readonly #hub: StreamHub;
  readonly #sockets: WebSocketServer;
  readonly #access: Access;

  /** Without a check of credentials nobody is asked who it is. */
  static async open(
    endpoint: HttpEndpoint,
    front: FrontServices,
    check: CredentialCheck | null,
  ): Promise<Gateway> {
    const engine = await openGuardedEngine(endpoint, front);
    const gateway = new Gateway(engine, front, endpoint, check);
    await engine.listen(endpoint.port);
    return gateway;
  }

  private constructor(
    engine: HttpEngine,
    front: FrontServices,
    { host, openPaths }: HttpEndpoint,
    check: CredentialCheck | null,
  ) {
    this.#engine = engine;
    this.#hub = new StreamHub(front);
    const { admission } = front.kafka;
    const origins = new OriginPolicy(front.settings.webSocket.allowedOrigins, host);
    const producing = new Producing(front);
    const access = accessOf(check, front);
    this.#access = access;
    const groups = new GroupRegister();
    const services = { front, hub: this.#hub, producing, groups, access };
    this.#sockets = new WebSocketServer(engine, {
      settings: front.settings.webSocket,
      origins,
      access,
      authenticationMs: front.settings.limits.authenticationTimeoutMs,
      isStopping: () => front.kafka.stopping,
      onDefect: logFailure(front.logger, 'checking WebSockets for silence'),
      onGone: () => admission.leaveGateway(),
      handlerFor: (peer, { subprotocol, host: dialled }) => {
        if (subprotocol === 'kafka') return KafkaSocket.open(peer, front, dialled);
        return new Session(peer, services, subprotocol === 'millrace.batch');
      },
    });
    routeTopics(engine, services, origins);
    routePage(engine);
    const routes = new OpenRoutes(engine, access, openPaths);
    routeHealth(routes, () => brokerFindings(front));
    this.#metrics = routeMetrics(routes, front, (text) => {
      const engineInfo = 'millrace_http_engine_info';
      text.metric(engineInfo, 'gauge', 'Who serves HTTP and WebSocket.');
      text.sample(engineInfo, { engine: engine.name }, 1);
      streamMetrics(text, this.#sockets.socketCount, this.#hub);
    });
    engine.otherwise(refuseUnknown);
  }

  get address(): string {
    return addressText(this.#engine.host, this.#engine.port);
  }

  get engineName(): string {
    return this.#engine.name;
  }

  /** The user's credential is gone: what it has opened ends. */
  revoke(user: string, mechanism: string): void {
    this.#access.tickets.revoke(user, mechanism);
    this.#sockets.revoke(user, mechanism);
  }

  /** The rules of access have changed: what may not be read any more ends. */
  onRightsChanged(): void {
    this.#sockets.onRightsChanged();
  }

  close(): void {
    this.#metrics.stop();
    this.#sockets.close();
    this.#hub.close();
    this.#engine.close();
  }
}

/** `host:port` as a client writes it. A listener on every address is named `localhost`. */
export function addressText(host: string, port: number): string {
  if (host === '') return `localhost:${port}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
