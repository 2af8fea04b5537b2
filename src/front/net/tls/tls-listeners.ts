import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { assert } from '../../../base/assert.ts';
import type { Clock } from '../../../base/clock.ts';
import { reasonOf } from '../../../base/errors.ts';
import { every } from '../../../base/every.ts';
import { type Logger, RateLimitedLog } from '../../../base/logger.ts';
import type { TlsListenerSettings } from '../../../metadata/config/tls-settings.ts';
import { distinguishedName } from '../../../security/tls/distinguished-name.ts';
import { PrincipalMapping } from '../../../security/tls/principal-mapping.ts';
import type { Connection } from '../connection.ts';
import type { Listener, ListenerAddress, ListenerHost, ListenerKind } from '../listener.ts';
import { type NodeSocketOwner, NodeTransport } from '../node-transport.ts';
import { PacedQueue } from '../paced-queue.ts';
import { ANONYMOUS, type Principal } from '../principal.ts';
import { SilentTransports } from '../silent-transports.ts';
import { plainAddress } from '../tcp-transport.ts';
import { TlsContext } from './tls-context.ts';
import { TlsListener, type TlsListenerOwner } from './tls-listener.ts';

const CLOSE_TURN_MS = 1;
const RENEWAL_CHECK_MS = 2_000;
const LOG_INTERVAL_MS = 10_000;

/** Listeners with TLS. A peer has no connection before its handshake is done. */
export class TlsListeners implements ListenerKind, TlsListenerOwner, NodeSocketOwner {
  readonly #settings: ReadonlyMap<string, TlsListenerSettings>;
  readonly #mappings = new Map<string, PrincipalMapping>();
  readonly #host: ListenerHost;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #faults: RateLimitedLog;
  readonly #listeners: TlsListener[] = [];
  /** All that are connected: those in their handshake, too. */
  readonly #sockets = new Set<Socket>();
  readonly #principals = new Map<NodeTransport, Principal>();
  readonly #silent: SilentTransports;
  readonly #peers = new Set<NodeTransport>();
  readonly #closing: PacedQueue<NodeTransport>;
  /** Runs from the first listener on. */
  #renewal: NodeJS.Timeout | null = null;

  constructor(
    settings: ReadonlyMap<string, TlsListenerSettings>,
    logger: Logger,
    clock: Clock,
    host: ListenerHost,
  ) {
    this.#settings = settings;
    for (const [name, { mappingRules }] of settings) {
      this.#mappings.set(name, PrincipalMapping.parse(mappingRules));
    }
    this.#logger = logger;
    this.#faults = new RateLimitedLog(logger, LOG_INTERVAL_MS);
    this.#host = host;
    this.#clock = clock;
    this.#silent = new SilentTransports(host, () => this.now());
    this.#closing = new PacedQueue(CLOSE_TURN_MS, clock, (transport) => transport.destroy());
  }

  async open(address: ListenerAddress, backlog: number): Promise<Listener> {
    const settings = this.#settings.get(address.name);
    assert(settings !== undefined, `listener ${address.name} has no settings of TLS`);
    const context = new TlsContext(settings);
    const { clientAuth } = settings;
    const listener = await TlsListener.open(address, backlog, context, clientAuth, this);
    this.#listeners.push(listener);
    this.#renewal ??= this.#watchFiles();
    return listener;
  }

  #watchFiles(): NodeJS.Timeout {
    const onFailure = (thrown: unknown): void => {
      this.#logger.warn(`the certificates in use stay: ${reasonOf(thrown)}`);
    };
    return every(RENEWAL_CHECK_MS, () => this.renew(), onFailure).unref();
  }

  /** Takes certificates whose files have changed. Throws where one cannot be used. */
  renew(): void {
    for (const listener of this.#listeners) {
      if (!listener.renew()) continue;
      this.#logger.info(`listener ${listener.name} has new certificates`);
    }
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

  onFailedHandshake(error: Error, socket: TLSSocket): void {
    const address = plainAddress(socket.remoteAddress);
    const reason = `the TLS handshake with ${address || 'a peer'} failed: ${error.message}`;
    this.#faults.warn('handshake', reason, this.now());
    socket.destroy();
  }

  onSecured(socket: TLSSocket, listenerName: string): void {
    const principal = this.#principalOf(socket, listenerName);
    if (principal === null) {
      const error = new Error(socket.authorizationError?.message ?? 'its name fits no rule');
      this.onFailedHandshake(error, socket);
      return;
    }
    const transport = new NodeTransport(socket, listenerName, this);
    this.#peers.add(transport);
    this.#principals.set(transport, principal);
    this.#silent.add(transport);
  }

  /** Null where the certificate is not trusted, or no rule makes a user of its name. */
  #principalOf(socket: TLSSocket, listenerName: string): Principal | null {
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined || !this.#asksForCertificates(listenerName)) return ANONYMOUS;
    if (!socket.authorized) return null;
    const name = this.#mappings.get(listenerName)!.userOf(distinguishedName(certificate.subject));
    return name === null ? null : { type: 'User', name };
  }

  #asksForCertificates(listenerName: string): boolean {
    return this.#settings.get(listenerName)!.clientAuth !== 'none';
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
    if (this.#renewal !== null) clearInterval(this.#renewal);
    for (const transport of this.#peers) transport.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }
}
