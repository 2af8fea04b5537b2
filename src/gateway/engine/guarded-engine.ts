import type { EngineSocket } from './engine-socket.ts';
import type { HttpEngine, HttpRoute } from './http-engine.ts';
import type { HttpRequest } from './http-request.ts';
import type { HttpResponse } from './http-response.ts';
import type { Refusal } from './refuse.ts';
import type { SocketHost, SocketOffer } from './socket-host.ts';

const BROKEN: Refusal = {
  status: '500 Internal Server Error',
  code: 'internal',
  reason: 'the request failed inside the broker',
};

/** Hears of what threw. */
export type DefectListener = (what: string, thrown: unknown) => void;

/**
 * An engine whose routes and sockets may throw. Without it an exception would end the process, as
 * the engine's callbacks have nobody to pass it to. Here the connection is cut, and the others do
 * not notice.
 */
export class GuardedEngine implements HttpEngine {
  readonly #engine: HttpEngine;
  readonly #onDefect: DefectListener;

  constructor(engine: HttpEngine, onDefect: DefectListener) {
    this.#engine = engine;
    this.#onDefect = onDefect;
  }

  get name(): 'uws' | 'node' {
    return this.#engine.name;
  }

  get host(): string {
    return this.#engine.host;
  }

  get port(): number {
    return this.#engine.port;
  }

  admit(enter: (address: string) => boolean, leave: () => void): void {
    this.#engine.admit(
      (address) => this.#try('admitting a connection', () => enter(address), false),
      () => this.#try('the end of a connection', leave, undefined),
    );
  }

  get(path: string, route: HttpRoute): void {
    this.#engine.get(path, this.#guarded(path, route));
  }

  post(path: string, route: HttpRoute): void {
    this.#engine.post(path, this.#guarded(path, route));
  }

  options(path: string, route: HttpRoute): void {
    this.#engine.options(path, this.#guarded(path, route));
  }

  otherwise(route: HttpRoute): void {
    this.#engine.otherwise(this.#guarded('an unknown path', route));
  }

  sockets<Session>(path: string, host: SocketHost<Session>): void {
    this.#engine.sockets(path, new GuardedHost(path, host, this.#onDefect));
  }

  listen(port: number): Promise<void> {
    return this.#engine.listen(port);
  }

  close(): void {
    this.#engine.close();
  }

  #try<Result>(what: string, work: () => Result, otherwise: Result): Result {
    try {
      return work();
    } catch (thrown) {
      this.#onDefect(what, thrown);
      return otherwise;
    }
  }

  #guarded(path: string, route: HttpRoute): HttpRoute {
    return (response, request) => {
      try {
        route(response, request);
      } catch (thrown) {
        this.#onDefect(path, thrown);
        cut(response);
      }
    };
  }
}

function cut(response: HttpResponse): void {
  try {
    response.close();
  } catch {
    // The route had answered before it threw, so there is nothing to cut.
    return;
  }
}

interface GuardedSession<Session> {
  readonly session: Session;
  readonly socket: EngineSocket;
  isOpen: boolean;
}

/** A host whose callbacks may throw: its socket is cut then. */
class GuardedHost<Session> implements SocketHost<GuardedSession<Session>> {
  readonly frameBytesMax: number;
  readonly unreadBytesMax: number;
  readonly #path: string;
  readonly #host: SocketHost<Session>;
  readonly #onDefect: DefectListener;

  constructor(path: string, host: SocketHost<Session>, onDefect: DefectListener) {
    this.frameBytesMax = host.frameBytesMax;
    this.unreadBytesMax = host.unreadBytesMax;
    this.#path = path;
    this.#host = host;
    this.#onDefect = onDefect;
  }

  accept(
    request: HttpRequest,
    remoteAddress: string,
  ): SocketOffer | Refusal | Promise<SocketOffer | Refusal> {
    const fail = (thrown: unknown): Refusal => {
      this.#onDefect(this.#path, thrown);
      return BROKEN;
    };
    try {
      const offer = this.#host.accept(request, remoteAddress);
      return offer instanceof Promise ? offer.catch(fail) : offer;
    } catch (thrown) {
      return fail(thrown);
    }
  }

  createSession(socket: EngineSocket, remoteAddress: string): GuardedSession<Session> {
    return { session: this.#host.createSession(socket, remoteAddress), socket, isOpen: true };
  }

  onOpen(guarded: GuardedSession<Session>, offer: SocketOffer): void {
    try {
      this.#host.onOpen(guarded.session, offer);
    } catch (thrown) {
      this.#fail(guarded, thrown);
    }
  }

  onMessage(guarded: GuardedSession<Session>, bytes: ArrayBuffer, isBinary: boolean): void {
    try {
      this.#host.onMessage(guarded.session, bytes, isBinary);
    } catch (thrown) {
      this.#fail(guarded, thrown);
    }
  }

  onDrain(guarded: GuardedSession<Session>): void {
    try {
      this.#host.onDrain(guarded.session);
    } catch (thrown) {
      this.#fail(guarded, thrown);
    }
  }

  onPong(guarded: GuardedSession<Session>): void {
    try {
      this.#host.onPong(guarded.session);
    } catch (thrown) {
      this.#fail(guarded, thrown);
    }
  }

  onClosed(guarded: GuardedSession<Session>): void {
    guarded.isOpen = false;
    try {
      this.#host.onClosed(guarded.session);
    } catch (thrown) {
      this.#fail(guarded, thrown);
    }
  }

  #fail({ socket, isOpen }: GuardedSession<Session>, thrown: unknown): void {
    this.#onDefect(this.#path, thrown);
    if (isOpen) socket.close();
  }
}
