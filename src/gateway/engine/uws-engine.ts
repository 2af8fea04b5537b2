import type {
  HttpRequest,
  HttpResponse,
  TemplatedApp,
  us_listen_socket,
  us_socket_context_t,
} from 'uWebSockets.js';
import { inBackground } from '../../base/in-background.ts';
import { cannotListen } from './cannot-listen.ts';
import type { HttpEngine, HttpRoute } from './http-engine.ts';
import { type Refusal, refuse } from './refuse.ts';
import type { SocketHost, SocketOffer } from './socket-host.ts';

/** LIBUS_LISTEN_EXCLUSIVE_PORT. A second broker must fail here and not share the port. */
const EXCLUSIVE_PORT = 1;

/** `listen` with a host and options, which the type definitions leave out. */
type HostListener = TemplatedApp & {
  listen(
    host: string,
    port: number,
    options: number,
    callback: (socket: us_listen_socket | false) => void,
  ): TemplatedApp;
};

/** What uWebSockets.js keeps for one WebSocket. */
interface SocketData<Session> {
  readonly offer: SocketOffer;
  session: Session | null;
}

/**
 * The listener as uWebSockets.js serves it on the event loop of the front. Only this file imports
 * that library, and only when a listener is configured.
 */
export class UwsEngine implements HttpEngine {
  readonly name = 'uws';
  readonly #app: TemplatedApp;
  readonly host: string;
  port = 0;
  readonly #closeSocket: (socket: us_listen_socket) => void;
  readonly #portOf: (socket: us_listen_socket) => number;
  #socket: us_listen_socket | null = null;

  static async create(host: string): Promise<UwsEngine> {
    const module = (await import('uWebSockets.js')).default;
    const { App, us_listen_socket_close, us_socket_local_port } = module;
    return new UwsEngine(App(), host, us_listen_socket_close, us_socket_local_port);
  }

  private constructor(
    app: TemplatedApp,
    host: string,
    closeSocket: (socket: us_listen_socket) => void,
    portOf: (socket: us_listen_socket) => number,
  ) {
    this.#app = app;
    this.host = host;
    this.#closeSocket = closeSocket;
    this.#portOf = portOf;
  }

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
    this.#app.filter(follow);
  }

  get(path: string, route: HttpRoute): void {
    this.#app.get(path, route);
  }

  post(path: string, route: HttpRoute): void {
    this.#app.post(path, route);
  }

  options(path: string, route: HttpRoute): void {
    this.#app.options(path, route);
  }

  otherwise(route: HttpRoute): void {
    this.#app.any('/*', route);
  }

  sockets<Session>(path: string, host: SocketHost<Session>): void {
    this.#app.ws<SocketData<Session>>(path, {
      compression: 0,
      idleTimeout: 0,
      sendPingsAutomatically: false,
      maxPayloadLength: host.frameBytesMax,
      maxBackpressure: host.unreadBytesMax,
      upgrade: (response, request, context) => upgrade(host, response, request, context),
      open: (ws) => {
        const data = ws.getUserData();
        const address = Buffer.from(ws.getRemoteAddressAsText()).toString();
        const session = host.createSession(ws, address);
        data.session = session;
        host.onOpen(session, data.offer);
      },
      message: (ws, message, isBinary) => {
        const { session } = ws.getUserData();
        if (session !== null) host.onMessage(session, message, isBinary);
      },
      drain: (ws) => {
        const { session } = ws.getUserData();
        if (session !== null) host.onDrain(session);
      },
      pong: (ws) => {
        const { session } = ws.getUserData();
        if (session !== null) host.onPong(session);
      },
      close: (ws) => {
        const data = ws.getUserData();
        const { session } = data;
        data.session = null;
        if (session !== null) host.onClosed(session);
      },
    });
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const onListening = (socket: us_listen_socket | false): void => {
        if (socket === false) {
          reject(cannotListen(this.host, port));
          return;
        }
        this.#socket = socket;
        this.port = this.#portOf(socket);
        resolve();
      };
      if (this.host === '') this.#app.listen(port, EXCLUSIVE_PORT, onListening);
      else (this.#app as HostListener).listen(this.host, port, EXCLUSIVE_PORT, onListening);
    });
  }

  close(): void {
    if (this.#socket !== null) this.#closeSocket(this.#socket);
    this.#socket = null;
    this.#app.close();
  }
}

function upgrade<Session>(
  host: SocketHost<Session>,
  response: HttpResponse,
  request: HttpRequest,
  context: us_socket_context_t,
): void {
  const key = request.getHeader('sec-websocket-key');
  const answer = (offer: SocketOffer | Refusal): void => {
    if ('status' in offer) {
      refuse(response, offer);
      return;
    }
    const data: SocketData<Session> = { offer, session: null };
    response.upgrade(data, key, offer.toldSubprotocol, '', context);
  };
  const offer = host.accept(request);
  if (!(offer instanceof Promise)) {
    answer(offer);
    return;
  }
  let isGone = false;
  response.onAborted(() => {
    isGone = true;
  });
  const answered = offer.then((later) => {
    if (!isGone) response.cork(() => answer(later));
  });
  inBackground(answered, () => response.close());
}
