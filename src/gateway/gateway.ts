import type { FrontContext } from '../front/front-context.ts';
import type { HttpEndpoint } from '../metadata/config/broker-endpoints.ts';
import { routeHealth } from './health.ts';
import { HttpServer } from './http-server.ts';
import { routeMetrics } from './metrics-page.ts';

/** Everything that is served over HTTP and WebSocket. */
export class Gateway {
  readonly #server: HttpServer;
  readonly #metrics: { stop(): void };

  static async open(endpoint: HttpEndpoint, front: FrontContext): Promise<Gateway> {
    const server = await HttpServer.create(endpoint.host);
    const gateway = new Gateway(server, front);
    await server.listen(endpoint.port);
    return gateway;
  }

  private constructor(server: HttpServer, front: FrontContext) {
    this.#server = server;
    routeHealth(server, front);
    this.#metrics = routeMetrics(server, front);
  }

  get address(): string {
    return addressText(this.#server.host, this.#server.port);
  }

  close(): void {
    this.#metrics.stop();
    this.#server.close();
  }
}

/** host:port as a client writes it; every address is reached by this machine's own name too. */
export function addressText(host: string, port: number): string {
  if (host === '') return `localhost:${port}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
