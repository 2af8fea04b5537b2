import type { Clock } from '../../base/clock.ts';
import type { SocketCalls } from '../../base/socket-calls.ts';
import type { TurnMemory } from '../../base/turn-memory.ts';
import type { Listener, ListenerAddress, ListenerHost, ListenerKind } from './listener.ts';
import { PacedQueue } from './paced-queue.ts';
import { SilentPeers, type SilentPeersOwner } from './silent-peers.ts';
import { TcpListener, type TcpListenerOwner } from './tcp-listener.ts';
import { type SocketUser, TcpSockets } from './tcp-sockets.ts';
import { type OnUnreadable, plainAddress, type TcpShare, TcpTransport } from './tcp-transport.ts';

/** What the sockets take from below the front. */
export interface TcpSystem {
  readonly sockets: SocketCalls;
  readonly turnMemory?: TurnMemory | undefined;
  readonly onUnreadable: OnUnreadable;
}

/** Shares of one turn of the event loop. */
const ACCEPT_TURN_MS = 0.1;
const CLOSE_TURN_MS = 0.25;

/** Listeners without TLS, over the addon's sockets. */
export class TcpListeners implements ListenerKind, TcpListenerOwner, SilentPeersOwner {
  readonly #share: TcpShare;
  readonly #host: ListenerHost;
  readonly #clock: Clock;
  readonly #silent: SilentPeers;

  constructor({ sockets, onUnreadable, turnMemory }: TcpSystem, clock: Clock, host: ListenerHost) {
    this.#host = host;
    this.#clock = clock;
    this.#share = {
      sockets: new TcpSockets(sockets, turnMemory),
      clock,
      onUnreadable,
      closing: new PacedQueue(CLOSE_TURN_MS, clock, (socket) => socket.close()),
    };
    this.#silent = new SilentPeers(this.#share, this);
  }

  open(address: ListenerAddress, backlog: number): Promise<Listener> {
    return TcpListener.open(address, backlog, this.#share.sockets, this);
  }

  get silentCount(): number {
    return this.#silent.size;
  }

  endSilent(silentMsMax: number, untilMs: number): boolean {
    return this.#silent.endLate(silentMsMax, untilMs);
  }

  endAllSilent(): void {
    this.#silent.endAll();
  }

  end(): void {
    this.#share.sockets.end();
  }

  /** Peers that the turn has no time for wait in the kernel. */
  onAcceptable(listener: TcpListener): void {
    const untilMs = this.#clock.monotonicMs() + ACCEPT_TURN_MS;
    do {
      const socket = listener.accept();
      if (socket < 0) return;
      this.#admit(socket, listener.name);
    } while (this.#clock.monotonicMs() < untilMs);
  }

  onAcceptError(error: Error): void {
    this.#host.onAcceptError(error);
  }

  #admit(socket: number, listenerName: string): void {
    const { sockets } = this.#share;
    const peer = sockets.peerOf(socket);
    // A peer that has reset the connection by now has no address.
    if (peer === null) {
      sockets.close(socket);
      return;
    }
    const address = plainAddress(peer[0]);
    if (this.#host.admit(address)) this.#silent.add(socket, address, listenerName);
    else sockets.close(socket);
  }

  onFirstBytes(socket: number, address: string, listener: string, cameMs: number): SocketUser {
    const port = this.#share.sockets.peerOf(socket)?.[1] ?? 0;
    const transport = new TcpTransport(socket, address, port, listener, this.#share, this.#host);
    const connection = this.#host.adopt(transport, cameMs);
    // Nothing was sent to the peer so far, so it could read nothing.
    connection.progressMs = this.#clock.monotonicMs();
    transport.serve(connection);
    return transport;
  }

  onLate(address: string, port: number, silentMs: number): void {
    this.#host.onLate(address, port, silentMs);
  }

  onGone(address: string): void {
    this.#host.onGone(address);
  }
}
