import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Connection } from './connection.ts';
import type { Listener, ListenerAddress, ListenerHost, ListenerKind } from './listener.ts';
import { NodeListener, type NodeListenerOwner } from './node-listener.ts';
import { type NodeSocketOwner, NodeTransport } from './node-transport.ts';
import { PacedQueue } from './paced-queue.ts';
import { SilentTransports } from './silent-transports.ts';
import { plainAddress } from './tcp-transport.ts';

const CLOSE_TURN_MS = 1;

/**
 * Listeners without TLS over the sockets of node:net, where the addon's do not load. A connection
 * costs four kilobytes of objects from the start, and libuv accepts all that wait at once.
 */
export class NodeListeners implements ListenerKind, NodeListenerOwner, NodeSocketOwner {
  readonly #host: ListenerHost;
  readonly #clock: Clock;
  readonly #peers = new Set<NodeTransport>();
  readonly #silent: SilentTransports;
  readonly #closing: PacedQueue<NodeTransport>;

  constructor(clock: Clock, host: ListenerHost) {
    this.#host = host;
    this.#clock = clock;
    this.#silent = new SilentTransports(host, () => this.now());
    this.#closing = new PacedQueue(CLOSE_TURN_MS, clock, (transport) => transport.destroy());
  }

  open(address: ListenerAddress, backlog: number): Promise<Listener> {
    return NodeListener.open(address, backlog, this);
  }

  onAcceptError(error: Error): void {
    this.#host.onAcceptError(error);
  }

  onPeer(socket: Socket, listenerName: string): void {
    const address = plainAddress(socket.remoteAddress);
    // A peer that has reset the connection by now has no address.
    if (address === '' || !this.#host.admit(address)) {
      socket.destroy();
      return;
    }
    const transport = new NodeTransport(socket, listenerName, this);
    this.#peers.add(transport);
    this.#silent.add(transport);
  }

  onFirstBytes(transport: NodeTransport): Connection {
    const cameMs = this.#silent.take(transport);
    const connection = this.#host.adopt(transport, cameMs);
    // Nothing was sent to the peer so far, so it could read nothing.
    connection.progressMs = this.now();
    return connection;
  }

  onDrained(connection: Connection): void {
    this.#host.onDrained(connection);
  }

  onEnded(transport: NodeTransport): void {
    this.#closing.push(transport);
  }

  onGone(transport: NodeTransport): void {
    this.#silent.take(transport);
    this.#peers.delete(transport);
    this.#host.onGone(transport.remoteAddress);
  }

  now(): number {
    return this.#clock.monotonicMs();
  }

  get silentCount(): number {
    return this.#silent.count;
  }

  endSilent(silentMsMax: number, untilMs: number): boolean {
    return this.#silent.endLate(silentMsMax, untilMs);
  }

  endAllSilent(): void {
    this.#silent.endAll();
  }

  end(): void {
    for (const transport of this.#peers) transport.destroy();
  }
}
