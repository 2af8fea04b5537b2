import type { HttpRequest, HttpResponse, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import type { FrontContext } from '../../front/front-context.ts';
import type { HttpServer } from '../http-server.ts';
import { refuse } from '../refuse.ts';
import type { StreamHub } from '../stream/stream-hub.ts';
import { CLOSE } from './close-code.ts';
import { KafkaSocket } from './kafka-socket.ts';
import type { OriginPolicy } from './origin-policy.ts';
import { Peer, type PeerData, type PeerHandler } from './peer.ts';
import { Session } from './session.ts';
import type { SessionServices } from './session-services.ts';

export const SUBPROTOCOLS = ['millrace.json', 'millrace.batch', 'kafka'] as const;
const TEND_MS = 1000;
/** Frames of up to this many times the limit are read, so that their sender can be told. */
const OVERSIZE = 4;
/** Our own limits close a peer long before; this one only keeps uWebSockets.js from dropping. */
const BACKPRESSURE_SPARE = 64 * 1024 * 1024;

/** The WebSocket side of the gateway: who is let in, and what they are handed to. */
export class WebSocketServer {
  readonly #front: FrontContext;
  readonly #services: SessionServices;
  readonly #origins: OriginPolicy;
  readonly #peers = new Set<Peer>();
  readonly #tender: NodeJS.Timeout;

  constructor(
    server: HttpServer,
    hub: StreamHub,
    services: SessionServices,
    origins: OriginPolicy,
  ) {
    this.#front = hub.front;
    this.#services = services;
    this.#origins = origins;
    const { frameBytesMax, bufferedBytesMax } = this.#front.settings.webSocket;
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
    this.#tender = setInterval(() => this.#tend(), TEND_MS);
    this.#tender.unref();
  }

  get socketCount(): number {
    return this.#peers.size;
  }

  #upgrade(response: HttpResponse, request: HttpRequest, context: us_socket_context_t): void {
    const origin = request.getHeader('origin');
    if (!this.#origins.allows(origin, request.getHeader('host'))) {
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
    const { socketsMax } = this.#front.settings.webSocket;
    const peer = new Peer(ws, this.#front.settings.webSocket, performance.now());
    data.peer = peer;
    this.#peers.add(peer);
    if (this.#peers.size > socketsMax) {
      peer.close(CLOSE.TOO_MANY_SOCKETS, `${socketsMax} sockets are open`);
      return;
    }
    if (this.#front.kafka.stopping) {
      peer.close(CLOSE.GOING_AWAY, 'the broker stops');
      return;
    }
    const handler = this.#handlerFor(peer, data);
    if (handler !== null) peer.attach(handler);
  }

  #handlerFor(peer: Peer, data: PeerData): PeerHandler | null {
    if (data.subprotocol === 'kafka') {
      return KafkaSocket.open(peer, this.#front, data.localAddress);
    }
    return new Session(peer, this.#services, data.subprotocol === 'millrace.batch');
  }

  #onClosed(ws: WebSocket<PeerData>): void {
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

/** The first that both know; '' where the client names none, undefined where it knows no other. */
export function chooseSubprotocol(asked: string): string | undefined {
  if (asked === '') return '';
  const known: readonly string[] = SUBPROTOCOLS;
  return asked
    .split(',')
    .map((name) => name.trim())
    .find((name) => known.includes(name));
}
