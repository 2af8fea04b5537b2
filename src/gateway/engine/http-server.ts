import type { HttpRequest, HttpResponse, TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { MillraceError } from '../../base/errors.ts';

/** Answers a request now or later; a later answer must watch `onAborted`. */
export type HttpRoute = (response: HttpResponse, request: HttpRequest) => void;

/** LIBUS_LISTEN_EXCLUSIVE_PORT: a second broker must fail here, not share the port. */
const EXCLUSIVE_PORT = 1;

/** The form with a host and options, which the type definitions leave out. */
type HostListener = TemplatedApp & {
  listen(
    host: string,
    port: number,
    options: number,
    callback: (socket: us_listen_socket | false) => void,
  ): TemplatedApp;
};

/**
 * The HTTP and WebSocket listener: uWebSockets.js on the event loop of the front. It is imported in
 * this file only, and only when a listener is configured.
 */
export class HttpServer {
  readonly app: TemplatedApp;
  readonly host: string;
  port = 0;
  readonly #closeSocket: (socket: us_listen_socket) => void;
  readonly #portOf: (socket: us_listen_socket) => number;
  #socket: us_listen_socket | null = null;

  static async create(host: string): Promise<HttpServer> {
    const module = (await import('uWebSockets.js')).default;
    const { App, us_listen_socket_close, us_socket_local_port } = module;
    return new HttpServer(App(), host, us_listen_socket_close, us_socket_local_port);
  }

  private constructor(
    app: TemplatedApp,
    host: string,
    closeSocket: (socket: us_listen_socket) => void,
    portOf: (socket: us_listen_socket) => number,
  ) {
    this.app = app;
    this.host = host;
    this.#closeSocket = closeSocket;
    this.#portOf = portOf;
  }

  /**
   * Asks before each connection is read from. `leave` is told of those that end as HTTP; who
   * upgrades one must tell of its end.
   */
  admit(enter: (address: string) => boolean, leave: () => void): void {
    let isRefusing = false;
    const follow = (response: HttpResponse, change: unknown): void => {
      if (isRefusing) return;
      if (Number(change) < 0) {
        leave();
      } else if (!enter(Buffer.from(response.getRemoteAddressAsText()).toString())) {
        isRefusing = true;
        response.close();
        isRefusing = false;
      }
    };
    this.app.filter(follow);
  }

  get(path: string, route: HttpRoute): void {
    this.app.get(path, route);
  }

  post(path: string, route: HttpRoute): void {
    this.app.post(path, route);
  }

  options(path: string, route: HttpRoute): void {
    this.app.options(path, route);
  }

  /** What no other route takes, by whichever method. */
  otherwise(route: HttpRoute): void {
    this.app.any('/*', route);
  }

  /** Call after all routes are in place. */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const onListening = (socket: us_listen_socket | false): void => {
        if (socket === false) {
          const place = `${this.host === '' ? '*' : this.host}:${port}`;
          const message = `millrace.http.listener: cannot listen on ${place}; is it in use?`;
          reject(new MillraceError('MILLRACE_BAD_CONFIG', message));
          return;
        }
        this.#socket = socket;
        this.port = this.#portOf(socket);
        resolve();
      };
      if (this.host === '') this.app.listen(port, EXCLUSIVE_PORT, onListening);
      else (this.app as HostListener).listen(this.host, port, EXCLUSIVE_PORT, onListening);
    });
  }

  /** Stops listening and drops every connection. */
  close(): void {
    if (this.#socket !== null) this.#closeSocket(this.#socket);
    this.#socket = null;
    this.app.close();
  }
}
