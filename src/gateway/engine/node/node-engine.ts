import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { inBackground } from '../../../base/in-background.ts';
import { ANONYMOUS, type Principal } from '../../../front/net/principal.ts';
import { plainAddress } from '../../../front/net/tcp-transport.ts';
import { cannotListen } from '../cannot-listen.ts';
import type { HttpEngine, HttpRoute } from '../http-engine.ts';
import { type Refusal, refuse } from '../refuse.ts';
import type { SocketHost, SocketOffer } from '../socket-host.ts';
import { FrameScratch } from './frame-scratch.ts';
import { NodeRequest, pathOf } from './node-request.ts';
import { NodeResponse, STALLED_MS } from './node-response.ts';
import { NodeSocket } from './node-socket.ts';
import { RouteTable } from './route-table.ts';
import type { TlsDoor } from './tls-door.ts';

/** RFC 6455, 1.3: what the server adds to the client's key. */
const KEY_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY_CHARACTERS = 24;
const IDLE_MS = 10_000;
const SERVER_OPTIONS = {
  /** A body may take as long as it keeps coming: `NodeResponse` looks after it. */
  requestTimeout: 0,
  headersTimeout: IDLE_MS,
  keepAliveTimeout: IDLE_MS,
  connectionsCheckingInterval: IDLE_MS / 2,
};

/** What is known of one connection. */
interface Connection {
  /** Requests that have no complete answer. */
  unanswered: number;
  /** Set when it has become a WebSocket. */
  webSocket: NodeSocket<unknown> | null;
  /** Whom the certificate of the client names. */
  readonly principal: Principal;
}

/** The listener on `node:http`, with this folder's own WebSockets. It needs nothing but Node. */
export class NodeEngine implements HttpEngine {
  readonly name = 'node';
  readonly host: string;
  readonly #server: Server;
  readonly #stalledMs: number;
  /** Null where it speaks without TLS. */
  readonly #door: TlsDoor | null;
  readonly #scratch = new FrameScratch();
  readonly #routes = new Map<string, RouteTable>();
  readonly #hosts = new Map<string, SocketHost<unknown>>();
  readonly #connections = new Map<Socket, Connection>();
  #otherwise: HttpRoute = (response) => response.close();
  #enter: (address: string) => boolean = () => true;
  #leave: () => void = () => {};

  constructor(host: string, stalledMs = STALLED_MS, door: TlsDoor | null = null) {
    this.host = host;
    this.#door = door;
    this.#stalledMs = stalledMs;
    const options = {
      ...SERVER_OPTIONS,
      /** Asked by Node from 22.21 on. Before that every request to upgrade comes to `#upgrade`. */
      shouldUpgradeCallback: (request: IncomingMessage) => this.#isForWebSocket(request),
    };
    this.#server = createServer(options, (request, response) => {
      this.#serve(request, response);
    });
    this.#server.on('connection', (socket) => this.#connect(socket, ANONYMOUS));
    this.#server.on('upgrade', (request, socket, head) => {
      this.#upgrade(request, socket as Socket, head);
    });
  }

  get port(): number {
    if (this.#door !== null) return this.#door.port;
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  admit(enter: (address: string) => boolean, leave: () => void): void {
    this.#enter = enter;
    this.#leave = leave;
  }

  #connect(socket: Socket, principal: Principal): void {
    // Connections come here twice that asked for another protocol (see `#serveAsPlain`) and those
    // of TLS, which are known before the server hears of them.
    if (this.#connections.has(socket)) return;
    if (!this.#enter(socket.remoteAddress ?? '')) {
      socket.destroy();
      return;
    }
    const connection: Connection = { unanswered: 0, webSocket: null, principal };
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      this.#connections.delete(socket);
      if (connection.webSocket === null) this.#leave();
    });
  }

  get(path: string, route: HttpRoute): void {
    this.#add('GET', path, route);
  }

  post(path: string, route: HttpRoute): void {
    this.#add('POST', path, route);
  }

  options(path: string, route: HttpRoute): void {
    this.#add('OPTIONS', path, route);
  }

  #add(method: string, path: string, route: HttpRoute): void {
    const table = this.#routes.get(method) ?? new RouteTable();
    this.#routes.set(method, table);
    table.add(path, route);
  }

  otherwise(route: HttpRoute): void {
    this.#otherwise = route;
  }

  sockets<Session>(path: string, host: SocketHost<Session>): void {
    this.#hosts.set(path, host as SocketHost<unknown>);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket);
    if (connection !== undefined) {
      connection.unanswered++;
      response.on('close', () => connection.unanswered--);
    }
    const found = this.#routes.get(request.method ?? '')?.find(pathOf(request)) ?? null;
    const answer = new NodeResponse(request, response, this.#stalledMs);
    const principal = connection?.principal ?? ANONYMOUS;
    const route = found?.route ?? this.#otherwise;
    route(answer, new NodeRequest(request, found?.parameters ?? [], principal));
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const connection = this.#connections.get(socket);
    // Node hands over the connection even while an earlier request of it is being answered.
    if (connection === undefined || connection.unanswered > 0) {
      socket.destroy();
      return;
    }
    const host = this.#hosts.get(pathOf(request));
    if (host === undefined || !this.#isForWebSocket(request)) {
      this.#serveAsPlain(request, socket, head);
      return;
    }
    const asked = new NodeRequest(request, [], connection.principal);
    const offer = host.accept(asked, plainAddress(socket.remoteAddress));
    if (!(offer instanceof Promise)) {
      this.#answerUpgrade(host, connection, request, socket, head, offer);
      return;
    }
    const end = (): void => {
      socket.destroy();
    };
    socket.on('error', end);
    const answered = offer.then((later) => {
      socket.off('error', end);
      if (socket.destroyed) return;
      this.#answerUpgrade(host, connection, request, socket, head, later);
    });
    inBackground(answered, end);
  }

  #answerUpgrade(
    host: SocketHost<unknown>,
    connection: Connection,
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    offer: SocketOffer | Refusal,
  ): void {
    if ('status' in offer) {
      refuse(lastResponse(request, socket, this.#stalledMs), offer);
      return;
    }
    socket.setTimeout(0);
    socket.write(switchingProtocols(request, offer));
    const opened = new NodeSocket(socket, host, this.#scratch);
    connection.webSocket = opened;
    opened.open(offer, head);
  }

  #isForWebSocket(request: IncomingMessage): boolean {
    const { method, headers } = request;
    const key = headers['sec-websocket-key'] ?? '';
    const isAsked = headers.upgrade?.toLowerCase() === 'websocket';
    const isComplete = method === 'GET' && isAsked && key.length === KEY_CHARACTERS;
    return isComplete && this.#hosts.has(pathOf(request));
  }

  /**
   * Clients that would speak HTTP/2 (Java's do by default) ask for it in a request that must be
   * answered where nobody upgrades. Older Nodes hand over every request that asks. So its head is
   * written again without the question, and the server reads it as on a new connection.
   */
  #serveAsPlain(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
    const { rawHeaders } = request;
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = rawHeaders[i]!;
      if (/^(?:upgrade|connection|http2-settings)$/i.test(name)) continue;
      lines.push(`${name}: ${rawHeaders[i + 1]}`);
    }
    const text = `${lines.join('\r\n')}\r\n\r\n`;
    socket.unshift(Buffer.concat([Buffer.from(text, 'latin1'), head]));
    this.#server.emit('connection', socket);
  }

  listen(port: number): Promise<void> {
    if (this.#door !== null) {
      return this.#door.listen(this.host, port, (socket, principal) => {
        this.#connect(socket, principal);
        if (!socket.destroyed) this.#server.emit('connection', socket);
      });
    }
    return new Promise((resolve, reject) => {
      const server = this.#server;
      server.once('error', (error) => reject(cannotListen(this.host, port, error)));
      const host = this.host === '' ? {} : { host: this.host };
      server.listen({ ...host, port, exclusive: true }, () => {
        server.removeAllListeners('error');
        resolve();
      });
    });
  }

  close(): void {
    this.#door?.close();
    this.#server.close();
    for (const [socket, { webSocket }] of this.#connections) {
      webSocket?.close();
      socket.destroy();
    }
  }
}

/** The answer on a connection that HTTP has let go of. The connection ends with it. */
function lastResponse(request: IncomingMessage, socket: Socket, stalledMs: number): NodeResponse {
  socket.on('error', () => socket.destroy());
  socket.on('timeout', () => socket.destroy());
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => socket.destroySoon());
  return new NodeResponse(request, response, stalledMs);
}

function switchingProtocols({ headers }: IncomingMessage, offer: SocketOffer): string {
  const key = `${headers['sec-websocket-key']}${KEY_SUFFIX}`;
  const accept = createHash('sha1').update(key).digest('base64');
  const told = offer.toldSubprotocol;
  const subprotocol = told === '' ? '' : `Sec-WebSocket-Protocol: ${told}\r\n`;
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\n${subprotocol}\r\n`
  );
}
