import type { HttpRequest, HttpResponse, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import { every } from '../../base/every.ts';
import type { WebSocketSettings } from '../../metadata/config/broker-settings.ts';
import { CLOSE } from '../command/close-code.ts';
import type { HttpServer } from '../engine/http-server.ts';
import { refuse } from '../engine/refuse.ts';
import type { OriginPolicy } from './origin-policy.ts';
import { Peer, type PeerData, type PeerHandler } from './peer.ts';
import { chooseSubprotocol, SUBPROTOCOLS } from './subprotocol.ts';

const TEND_MS = 1000;
/** Frames of up to this many times the limit are read, so that their sender can be told. */
const OVERSIZE = 4;
/** Our own limits close a peer long before; this one only keeps uWebSockets.js from dropping. */
const BACKPRESSURE_SPARE = 64 * 1024 * 1024;

/** What stands behind the sockets. */
export interface SocketHost {
  readonly settings: WebSocketSettings;
  readonly origins: OriginPolicy;
  readonly isStopping: () => boolean;
  /** Tending to the sockets threw. */
  readonly onDefect: (thrown: unknown) => void;
  /** A socket is closed. */
  readonly onGone: () => void;
  /** What is to speak over a new socket; null: it was closed instead. */
  readonly handlerFor: (peer: Peer, data: PeerData) => PeerHandler | null;
}

/** The WebSocket side of the gateway: who is let in, and what they are handed to. */
export class WebSocketServer {
  readonly #host: SocketHost;
  readonly #peers = new Set<Peer>();
  readonly #tender: NodeJS.Timeout;

  constructor(server: HttpServer, host: SocketHost) {
    this.#host = host;
    const { frameBytesMax, bufferedBytesMax } = host.settings;
    server.app.ws<PeerData>('/ws', {
      compression: 0,
      idleTimeout: 0,
      sendPingsAutomatically: false,
      maxPayloadLength: frameBytesMax * OVERSIZE,
      maxBackpressure: bufferedBytesMax + BACKPRESSURE_SPARE,
      upgrade: (response, request, context) => this.#upgrade(response, request, context),
      open: (ws) => this.#open(ws),
      message: (ws, message, isBinary) => {
        ws.getUserData().peer?.onMessage(message, isBinary, performance.now());
      },
      drain: (ws) => ws.getUserData().peer?.onDrain(),
      pong: (ws) => {
        const { peer } = ws.getUserData();
        if (peer !== null) peer.lastHeardMs = performance.now();
      },
      close: (ws) => this.#onClosed(ws),
    });
    server.get('/ws', (response) => {
      const reason = 'this is where WebSockets are opened';
      refuse(response, '426 Upgrade Required', 'not_supported', reason);
    });
    this.#tender = every(TEND_MS, () => this.#tend(), host.onDefect);
    this.#tender.unref();
  }

  get socketCount(): number {
    return this.#peers.size;
  }

  #upgrade(response: HttpResponse, request: HttpRequest, context: us_socket_context_t): void {
    const origin = request.getHeader('origin');
    if (!this.#host.origins.allows(origin, request.getHeader('host'))) {
      refuse(response, '403 Forbidden', 'forbidden', `the origin ${origin} is not allowed`);
      return;
    }
    const asked = request.getHeader('sec-websocket-protocol');
    const subprotocol = chooseSubprotocol(asked);
    if (subprotocol === undefined) {
      const known = SUBPROTOCOLS.join(', ');
      refuse(response, '400 Bad Request', 'bad_value', `known subprotocols are ${known}`);
      return;
    }
    const data: PeerData = {
      peer: null,
      subprotocol: subprotocol === '' ? 'millrace.json' : subprotocol,
      localAddress: request.getHeader('host'),
    };
    response.upgrade(data, request.getHeader('sec-websocket-key'), subprotocol, '', context);
  }

  #open(ws: WebSocket<PeerData>): void {
    const data = ws.getUserData();
    const { settings } = this.#host;
    const { socketsMax } = settings;
    const peer = new Peer(ws, settings, performance.now());
    data.peer = peer;
    this.#peers.add(peer);
    if (this.#peers.size > socketsMax) {
      peer.close(CLOSE.TOO_MANY_SOCKETS, `${socketsMax} sockets are open`);
      return;
    }
    if (this.#host.isStopping()) {
      peer.close(CLOSE.GOING_AWAY, 'the broker stops');
      return;
    }
    const handler = this.#host.handlerFor(peer, data);
    if (handler !== null) peer.attach(handler);
  }

  #onClosed(ws: WebSocket<PeerData>): void {
    this.#host.onGone();
    const data = ws.getUserData();
    const { peer } = data;
    if (peer === null) return;
    data.peer = null;
    this.#peers.delete(peer);
    peer.onClosed();
  }

  #tend(): void {
    const nowMs = performance.now();
    for (const peer of this.#peers) peer.tend(nowMs);
  }

  close(): void {
    clearInterval(this.#tender);
    for (const peer of [...this.#peers]) peer.close(CLOSE.GOING_AWAY, 'the broker stops');
  }
}
