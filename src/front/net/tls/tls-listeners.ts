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
import type { TcpSockets } from '../tcp-sockets.ts';
import { plainAddress } from '../tcp-transport.ts';
import { CertificateUsers, type OnDisbelieved } from './certificate-users.ts';
import { Handshakes } from './handshakes.ts';
import type { TlsContexts } from './tls-contexts.ts';
import { TlsListener, type TlsListenerOwner } from './tls-listener.ts';

/** What the listeners take from below the front. */
export interface TlsSystem {
  readonly contexts: TlsContexts | null;
  readonly onDisbelieved: OnDisbelieved;
  /** What was decrypted lies in here until the turn is over. */
  readonly memory: TurnMemory;
  /** These accept; null where node:net does. */
  readonly sockets: TcpSockets | null;
}

const CLOSE_TURN_MS = 1;
const LOG_INTERVAL_MS = 10_000;

/** Listeners with TLS. A peer has no connection before its handshake is done. */
export class TlsListeners implements ListenerKind, TlsListenerOwner, NodeSocketOwner {
  readonly #system: TlsSystem;
  readonly #users = new Map<string, CertificateUsers>();
  readonly #host: ListenerHost;
  readonly #clock: Clock;
  readonly #faults: RateLimitedLog;
  readonly #reads: GatheredReads;
  readonly #handshakes: Handshakes;
  readonly #listeners: TlsListener[] = [];
  /** All that are connected: those in their handshake, too. */
  readonly #sockets = new Set<Socket>();
  readonly #principals = new Map<NodeTransport, Principal>();
  readonly #silent: SilentTransports;
  readonly #peers = new Set<NodeTransport>();
  readonly #closing: PacedQueue<NodeTransport>;

  constructor(system: TlsSystem, logger: Logger, clock: Clock, host: ListenerHost) {
    this.#system = system;
    this.#reads = new GatheredReads(system.memory);
    this.#handshakes = new Handshakes(clock, () => {
      for (const listener of this.#listeners) listener.resume();
    });
    this.#faults = new RateLimitedLog(logger, LOG_INTERVAL_MS);
    this.#host = host;
    this.#clock = clock;
    this.#silent = new SilentTransports(host, () => this.now());
    this.#closing = new PacedQueue(CLOSE_TURN_MS, clock, (transport) => transport.destroy());
  }

  async open(address: ListenerAddress, backlog: number): Promise<Listener> {
    const { contexts, onDisbelieved, sockets } = this.#system;
    assert(contexts !== null, 'listeners with TLS need certificates');
    const context = contexts.open(address.name);
    const hasSasl = address.securityProtocol === 'SASL_SSL';
    const users = new CertificateUsers(context.settings, onDisbelieved, hasSasl);
    this.#users.set(address.name, users);
    const listener = await TlsListener.open(address, backlog, context, sockets, this);
    this.#listeners.push(listener);
    return listener;
  }

  onAcceptError(error: Error): void {
    this.#host.onAcceptError(error);
  }

  hasRoom(): boolean {
    return this.#handshakes.hasRoom();
  }

  /** A peer that has reset the connection by now has no address. */
  admit(address: string): boolean {
    return address !== '' && this.#host.admit(address);
  }

  onPeer(peer: Socket, address: string): void {
    this.#sockets.add(peer);
    this.#handshakes.begin(peer);
    peer.on('close', () => {
      this.#sockets.delete(peer);
      this.#handshakes.end(peer);
      this.#host.onGone(address);
    });
  }

  onFailedHandshake(error: Error, address: string, listenerName: string): void {
    this.#users.get(listenerName)?.tellFailure(error, address);
    const reason = `the TLS handshake with ${address || 'a peer'} failed: ${error.message}`;
    this.#faults.warn('handshake', reason, this.now());
  }

  onSecured(socket: TLSSocket, peer: Socket, listenerName: string): void {
    this.#handshakes.end(peer);
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
