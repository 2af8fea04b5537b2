import { logFailure } from '../base/log-failure.ts';
import type { FrontServices } from '../front/requests/front-services.ts';
import type { HttpEndpoint } from '../metadata/config/broker-endpoints.ts';
import { HttpServer } from './engine/http-server.ts';
import { refuseUnknown } from './engine/refuse-unknown.ts';
import { GroupRegister } from './group/group-register.ts';
import { routePage } from './http/static-files.ts';
import { routeTopics } from './http/topic-routes.ts';
import { routeHealth } from './metrics/health.ts';
import { routeMetrics } from './metrics/metrics-page.ts';
import { streamMetrics } from './metrics/stream-metrics.ts';
import { Producing } from './produce/producing.ts';
import { KafkaSocket } from './socket/kafka-socket.ts';
import { OriginPolicy } from './socket/origin-policy.ts';
import { Session } from './socket/session.ts';
import { WebSocketServer } from './socket/web-socket-server.ts';
import { StreamHub } from './stream/stream-hub.ts';

/** Everything that is served over HTTP and WebSocket. */
export class Gateway {
  readonly #server: HttpServer;
  readonly #metrics: { stop(): void };
  readonly #hub: StreamHub;
  readonly #sockets: WebSocketServer;

  static async open(endpoint: HttpEndpoint, front: FrontServices): Promise<Gateway> {
    const server = await HttpServer.create(endpoint.host);
    const gateway = new Gateway(server, front, endpoint.host);
    await server.listen(endpoint.port);
    return gateway;
  }

  private constructor(server: HttpServer, front: FrontServices, host: string) {
    this.#server = server;
    this.#hub = new StreamHub(front);
    const { admission } = front.kafka;
    server.admit(
      (address) => {
        const isIn = admission.enterGateway();
        if (!isIn) {
          const text = `refused a connection of HTTP from ${address}: too many are open`;
          front.faults.warn('http refused', text, front.clock.monotonicMs());
        }
        return isIn;
      },
      () => admission.leaveGateway(),
    );
    const origins = new OriginPolicy(front.settings.webSocket.allowedOrigins, host);
    const producing = new Producing(front);
    const services = { front, hub: this.#hub, producing, groups: new GroupRegister() };
    this.#sockets = new WebSocketServer(server, {
      settings: front.settings.webSocket,
      origins,
      isStopping: () => front.kafka.stopping,
      onDefect: logFailure(front.logger, 'tending to the WebSockets'),
      onGone: () => admission.leaveGateway(),
      handlerFor: (peer, { subprotocol, localAddress }) => {
        if (subprotocol === 'kafka') return KafkaSocket.open(peer, front, localAddress);
        return new Session(peer, services, subprotocol === 'millrace.batch');
      },
    });
    routeTopics(server, services, origins);
    routePage(server);
    routeHealth(server, front);
    this.#metrics = routeMetrics(server, front, (text) => {
      streamMetrics(text, this.#sockets, this.#hub);
    });
    server.otherwise(refuseUnknown);
  }

  get address(): string {
    return addressText(this.#server.host, this.#server.port);
  }

  close(): void {
    this.#metrics.stop();
    this.#sockets.close();
    this.#hub.close();
    this.#server.close();
  }
}

/** host:port as a client writes it; every address is reached by this machine's own name too. */
export function addressText(host: string, port: number): string {
  if (host === '') return `localhost:${port}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
