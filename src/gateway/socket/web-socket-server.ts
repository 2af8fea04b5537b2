import { every } from '../../base/every.ts';
import type { WebSocketSettings } from '../../metadata/config/broker-settings.ts';
import { type Access, isRefusal } from '../access/access.ts';
import { type Identity, NOBODY } from '../access/identity.ts';
import { CLOSE } from '../command/close-code.ts';
import { chooseSubprotocol, SUBPROTOCOLS } from '../command/subprotocol.ts';
import type { EngineSocket } from '../engine/engine-socket.ts';
import type { HttpEngine } from '../engine/http-engine.ts';
import type { HttpRequest } from '../engine/http-request.ts';
import type { OriginPolicy } from '../engine/origin-policy.ts';
import { type Refusal, refuse } from '../engine/refuse.ts';
import type { SocketHost, SocketOffer } from '../engine/socket-host.ts';
import { Peer, type PeerHandler } from './peer.ts';

const PATH = '/ws';
const SILENCE_CHECK_MS = 1000;
/** Frames of up to this many times the limit are read, so that their sender can be told why. */
const OVERSIZE = 4;
/**
 * The gateway closes a peer long before this limit, which only keeps the engine from dropping
 * messages.
 */
const UNREAD_SPARE_BYTES = 64 * 1024 * 1024;

/** What the sockets need from the gateway. */
export interface SocketBackend {
  readonly settings: WebSocketSettings;
  readonly origins: OriginPolicy;
  readonly isStopping: () => boolean;
  /** Called when the regular look at the sockets throws. */
  readonly onDefect: (thrown: unknown) => void;
  /** Called when a socket is closed. */
  readonly onGone: () => void;
  /** Makes the handler of a new socket. It answers null if it closed the socket instead. */
  readonly handlerFor: (peer: Peer, offer: SocketOffer) => PeerHandler | null;
  readonly access: Access;
  /** Time that a client has to show who it is. */
  readonly authenticationMs: number;
}

/**
 * The WebSocket side of the gateway. It decides who may connect and gives each socket its handler.
 */
export class WebSocketServer implements SocketHost<Peer> {
  readonly frameBytesMax: number;
  readonly unreadBytesMax: number;
  readonly #backend: SocketBackend;
  readonly #peers = new Set<Peer>();
  readonly #silenceTimer: NodeJS.Timeout;

  constructor(engine: HttpEngine, backend: SocketBackend) {
    this.#backend = backend;
    const { frameBytesMax, bufferedBytesMax } = backend.settings;
    this.frameBytesMax = frameBytesMax * OVERSIZE;
    this.unreadBytesMax = bufferedBytesMax + UNREAD_SPARE_BYTES;
    engine.sockets(PATH, this);
    engine.get(PATH, (response) => {
      const reason = 'this is where WebSockets are opened';
      refuse(response, { status: '426 Upgrade Required', code: 'not_supported', reason });
    });
    this.#silenceTimer = every(SILENCE_CHECK_MS, () => this.#checkSilence(), backend.onDefect);
    this.#silenceTimer.unref();
  }

  get socketCount(): number {
    return this.#peers.size;
  }

  accept(
    request: HttpRequest,
    address: string,
  ): SocketOffer | Refusal | Promise<SocketOffer | Refusal> {
    const plain = this.#acceptPage(request);
    if ('status' in plain) return plain;
    const identity = this.#identityOf(request, address);
    if (!(identity instanceof Promise)) return offerOf(plain, identity);
    return identity.then((later) => offerOf(plain, later));
  }

  /** Null where the client has shown nothing so far: a command may do it. */
  #identityOf(
    request: HttpRequest,
    address: string,
  ): Identity | Refusal | null | Promise<Identity | Refusal> {
    const { access } = this.#backend;
    const ticket = new URLSearchParams(request.getQuery()).get('ticket');
    if (access.isRequired && ticket !== null) return access.byTicket(ticket, address);
    const authorization = request.getHeader('authorization');
    if (authorization === '') return access.byCertificate(request.principal);
    return access.identify(authorization, request.principal, address);
  }

  #acceptPage(request: HttpRequest): SocketOffer | Refusal {
    const origin = request.getHeader('origin');
    const host = request.getHeader('host');
    if (!this.#backend.origins.allows(origin, host)) {
      const reason = `the origin ${origin} is not allowed`;
      return { status: '403 Forbidden', code: 'forbidden', reason };
    }
    const told = chooseSubprotocol(request.getHeader('sec-websocket-protocol'));
    if (told === undefined) {
      const reason = `known subprotocols are ${SUBPROTOCOLS.join(', ')}`;
      return { status: '400 Bad Request', code: 'bad_value', reason };
    }
    return {
      subprotocol: told === '' ? 'millrace.json' : told,
      toldSubprotocol: told,
      host,
      client: NOBODY,
    };
  }

  createSession(socket: EngineSocket, remoteAddress: string): Peer {
    const peer = new Peer(socket, remoteAddress, this.#backend.settings, performance.now());
    this.#peers.add(peer);
    return peer;
  }

  onOpen(peer: Peer, offer: SocketOffer): void {
    const { socketsMax } = this.#backend.settings;
    if (this.#peers.size > socketsMax) {
      peer.close(CLOSE.TOO_MANY_SOCKETS, `${socketsMax} sockets are open`);
      return;
    }
    if (this.#backend.isStopping()) {
      peer.close(CLOSE.GOING_AWAY, 'the broker stops');
      return;
    }
    peer.identity = offer.client as Identity | null;
    const handler = this.#backend.handlerFor(peer, offer);
    if (handler !== null) peer.attach(handler);
  }

  onMessage(peer: Peer, bytes: ArrayBuffer, isBinary: boolean): void {
    peer.onMessage(bytes, isBinary, performance.now());
  }

  onDrain(peer: Peer): void {
    peer.onDrain();
  }

  onPong(peer: Peer): void {
    peer.lastHeardMs = performance.now();
  }

  onClosed(peer: Peer): void {
    this.#backend.onGone();
    this.#peers.delete(peer);
    peer.onClosed();
  }

  #checkSilence(): void {
    const nowMs = performance.now();
    for (const peer of this.#peers) {
      peer.checkSilence(nowMs);
      this.#checkIdentity(peer, nowMs);
    }
  }

  #checkIdentity(peer: Peer, nowMs: number): void {
    const { identity } = peer;
    if (identity !== null) {
      if (identity.endsMs <= Date.now()) peer.close(CLOSE.EXPIRED, 'the credentials are over');
      return;
    }
    const { authenticationMs } = this.#backend;
    if (nowMs - peer.openedMs <= authenticationMs || peer.hasOwnAuthentication) return;
    peer.close(CLOSE.UNAUTHENTICATED, `did not say who it is within ${authenticationMs} ms`);
  }

  /** The user's credential is gone. */
  revoke(user: string, mechanism: string): void {
    for (const peer of this.#peers) {
      const { identity } = peer;
      if (identity?.principal.name !== user || identity.mechanism !== mechanism) continue;
      peer.close(CLOSE.REVOKED, 'the credentials are gone');
    }
  }

  /** The rules of access have changed. */
  onRightsChanged(): void {
    for (const peer of this.#peers) peer.onRightsChanged();
  }

  close(): void {
    clearInterval(this.#silenceTimer);
    for (const peer of [...this.#peers]) peer.close(CLOSE.GOING_AWAY, 'the broker stops');
  }
}

function offerOf(plain: SocketOffer, client: Identity | Refusal | null): SocketOffer | Refusal {
  return client !== null && isRefusal(client) ? client : { ...plain, client };
}
