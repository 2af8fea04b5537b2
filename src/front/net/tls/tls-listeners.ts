import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { assert } from '../../../base/assert.ts';
import type { Clock } from '../../../base/clock.ts';
import { type Logger, RateLimitedLog } from '../../../base/logger.ts';
import type { TurnMemory } from '../../../base/turn-memory.ts';
import type { Connection } from '../connection.ts';
import { GatheredReads } from '../gathered-reads.ts';
import type { Listener, ListenerAddress, ListenerHost, ListenerKind } from '../listener.ts';
import { type NodeSocketOwner, NodeTransport } from '../node-transport.ts';
import { PacedQueue } from '../paced-queue.ts';
import type { Principal } from '../principal.ts';
import { SilentTransports } from '../silent-transports.ts';
import { plainAddress } from '../tcp-transport.ts';
import { CertificateUsers, type OnDisbelieved } from './certificate-users.ts';
import type { TlsContexts } from './tls-contexts.ts';
import { TlsListener, type TlsListenerOwner } from './tls-listener.ts';

const CLOSE_TURN_MS = 1;
const LOG_INTERVAL_MS = 10_000;

/** Listeners with TLS. A peer has no connection before its handshake is done. */
export class TlsListeners implements ListenerKind, TlsListenerOwner, NodeSocketOwner {
  readonly #contexts: TlsContexts | null;
  readonly #onDisbelieved: OnDisbelieved;
  readonly #users = new Map<string, CertificateUsers>();
  readonly #host: ListenerHost;
  readonly #clock: Clock;
  readonly #faults: RateLimitedLog;
  readonly #reads: GatheredReads;
  /** All that are connected: those in their handshake, too. */
  readonly #sockets = new Set<Socket>();
  readonly #principals = new Map<NodeTransport, Principal>();
  readonly #silent: SilentTransports;
  readonly #peers = new Set<NodeTransport>();
  readonly #closing: PacedQueue<NodeTransport>;

  constructor(
    contexts: TlsContexts | null,
    onDisbelieved: OnDisbelieved,
    memory: TurnMemory,
    logger: Logger,
    clock: Clock,
    host: ListenerHost,
  ) {
    this.#contexts = contexts;
    this.#onDisbelieved = onDisbelieved;
    this.#reads = new GatheredReads(memory);
    this.#faults = new RateLimitedLog(logger, LOG_INTERVAL_MS);
    this.#host = host;
    this.#clock = clock;
    this.#silent = new SilentTransports(host, () => this.now());
    this.#closing = new PacedQueue(CLOSE_TURN_MS, clock, (transport) => transport.destroy());
  }

  async open(address: ListenerAddress, backlog: number): Promise<Listener> {
    assert(this.#contexts !== null, 'listeners with TLS need certificates');
    const context = this.#contexts.open(address.name);
    const hasSasl = address.securityProtocol === 'SASL_SSL';
    this.#users.set(
      address.name,
      new CertificateUsers(context.settings, this.#onDisbelieved, hasSasl),
    );
    return TlsListener.open(address, backlog, context, this);
  }

  onAcceptError(error: Error): void {
    this.#host.onAcceptError(error);
  }

  onPeer(socket: Socket): boolean {
    const address = plainAddress(socket.remoteAddress);
    if (address === '' || !this.#host.admit(address)) return false;
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#host.onGone(address);
    });
    return true;
  }

  onFailedHandshake(error: Error, address: string, listenerName: string): void {
    this.#users.get(listenerName)?.tellFailure(error, address);
    const reason = `the TLS handshake with ${address || 'a peer'} failed: ${error.message}`;
    this.#faults.warn('handshake', reason, this.now());
  }

  onSecured(socket: TLSSocket, listenerName: string): void {
    const principal = this.#users.get(listenerName)!.principalOf(socket);
    if (principal === null) {
      const address = plainAddress(socket.remoteAddress);
      this.onFailedHandshake(CertificateUsers.refusalOf(socket), address, listenerName);
      socket.destroy();
      return;
    }
    const transport = new NodeTransport(socket, listenerName, this, this.#reads);
    this.#peers.add(transport);
    this.#principals.set(transport, principal);
    this.#silent.add(transport);
  }

  onFirstBytes(transport: NodeTransport): Connection {
    const cameMs = this.#silent.take(transport);
    const connection = this.#host.adopt(transport, cameMs, this.#principals.get(transport));
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
    this.#principals.delete(transport);
    this.#peers.delete(transport);
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
    for (const socket of this.#sockets) socket.destroy();
  }
}
