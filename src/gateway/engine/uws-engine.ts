import type {
  HttpRequest,
  HttpResponse,
  TemplatedApp,
  us_listen_socket,
  us_socket_context_t,
  WebSocketBehavior,
} from 'uWebSockets.js';
import { inBackground } from '../../base/in-background.ts';
import type { TlsContext } from '../../front/net/tls/tls-context.ts';
import { addressOf } from './address-of.ts';
import { cannotListen } from './cannot-listen.ts';
import type { HttpEngine, HttpRoute } from './http-engine.ts';
import { type Refusal, refuse } from './refuse.ts';
import type { SocketHost, SocketOffer } from './socket-host.ts';
import { withKeyFiles } from './uws-key-files.ts';
import { unservedByUws } from './uws-limits.ts';

type Library = typeof import('uWebSockets.js');

/** LIBUS_LISTEN_EXCLUSIVE_PORT. A second broker must fail here and not share the port. */
const EXCLUSIVE_PORT = 1;
/** LIBUS_LISTEN_DEFAULT. Apps of this broker may share the port. */
const SHARED_PORT = 0;

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
  readonly host: string;
  port = 0;
  readonly #library: Library;
  readonly #makeApp: () => TemplatedApp;
  /** Other apps may take its place. */
  readonly #isRenewable: boolean;
  /** What was added to the app: another app gets the same. */
  readonly #setUp: ((app: TemplatedApp) => void)[] = [];
  /** The one that listens, and those before it whose connections are open still. */
  readonly #apps: TemplatedApp[] = [];
  #socket: us_listen_socket | null = null;

  /** Without a context of TLS it serves HTTP. */
  static async create(host: string, tls: TlsContext | null): Promise<UwsEngine> {
    const library = (await import('uWebSockets.js')).default;
    const { App, SSLApp } = library;
    if (tls === null) return new UwsEngine(host, library, () => App(), false);
    const engine = new UwsEngine(host, library, () => withKeyFiles(tls.options, SSLApp), true);
    tls.onRenewed = () => {
      const unserved = unservedByUws(tls.settings);
      if (unserved !== null) throw new Error(`uWebSockets.js does not serve ${unserved}`);
      engine.#renew();
    };
    return engine;
  }

  private constructor(
    host: string,
    library: Library,
    makeApp: () => TemplatedApp,
    isRenewable: boolean,
  ) {
    this.host = host;
    this.#isRenewable = isRenewable;
    this.#library = library;
    this.#makeApp = makeApp;
    this.#apps.push(makeApp());
  }

  #add(setUp: (app: TemplatedApp) => void): void {
    this.#setUp.push(setUp);
    for (const app of this.#apps) setUp(app);
  }

  /**
   * Listens with new certificates. Those of an app cannot be changed, so another app listens, and
   * connections that are open stay with the app that took them.
   */
  #renew(): void {
    const before = this.#socket;
    if (before === null) return;
    const app = this.#makeApp();
    for (const setUp of this.#setUp) setUp(app);
    const socket = this.#listenOn(app, this.port, SHARED_PORT);
    if (socket === null) throw cannotListen(this.host, this.port);
    this.#apps.push(app);
    this.#socket = socket;
    this.#library.us_listen_socket_close(before);
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
    this.#add((app) => app.filter(follow));
  }

  get(path: string, route: HttpRoute): void {
    this.#add((app) => app.get(path, route));
  }

  post(path: string, route: HttpRoute): void {
    this.#add((app) => app.post(path, route));
  }

  options(path: string, route: HttpRoute): void {
    this.#add((app) => app.options(path, route));
  }

  otherwise(route: HttpRoute): void {
    this.#add((app) => app.any('/*', route));
  }

  sockets<Session>(path: string, host: SocketHost<Session>): void {
    const behavior: WebSocketBehavior<SocketData<Session>> = {
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
    };
    this.#add((app) => app.ws(path, behavior));
  }

  async listen(port: number): Promise<void> {
    const [app] = this.#apps;
    const exclusive = this.#listenOn(app!, port, EXCLUSIVE_PORT);
    if (exclusive === null) throw cannotListen(this.host, port);
    this.#socket = exclusive;
    this.port = this.#library.us_socket_local_port(exclusive);
    if (!this.#isRenewable) return;
    // Nobody else has the port, so it can be taken for this app and for those after it.
    this.#library.us_listen_socket_close(exclusive);
    this.#socket = this.#listenOn(app!, this.port, SHARED_PORT);
    if (this.#socket === null) throw cannotListen(this.host, this.port);
  }

  /** Null where the port is not free. The library answers at once. */
  #listenOn(app: TemplatedApp, port: number, options: number): us_listen_socket | null {
    let listening: us_listen_socket | null = null;
    const onListening = (socket: us_listen_socket | false): void => {
      if (socket !== false) listening = socket;
    };
    if (this.host === '') app.listen(port, options, onListening);
    else (app as HostListener).listen(this.host, port, options, onListening);
    return listening;
  }

  close(): void {
    if (this.#socket !== null) this.#library.us_listen_socket_close(this.#socket);
    this.#socket = null;
    for (const app of this.#apps) app.close();
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
  const offer = host.accept(request, addressOf(response));
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
