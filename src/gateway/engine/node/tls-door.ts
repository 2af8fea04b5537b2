import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { reasonOf } from '../../../base/errors.ts';
import { every } from '../../../base/every.ts';
import { type Logger, RateLimitedLog } from '../../../base/logger.ts';
import { TlsContext } from '../../../front/net/tls/tls-context.ts';
import { TlsListener, type TlsListenerOwner } from '../../../front/net/tls/tls-listener.ts';
import { HTTP_LISTENER } from '../../../metadata/config/listener-scope.ts';
import type { TlsListenerSettings } from '../../../metadata/config/tls-settings.ts';

const RENEWAL_CHECK_MS = 2_000;
const LOG_INTERVAL_MS = 10_000;
const BACKLOG = 511;

/** Where clients of HTTPS come in. Behind it they are as those of HTTP. */
export class TlsDoor implements TlsListenerOwner {
  readonly #settings: TlsListenerSettings;
  readonly #logger: Logger;
  readonly #faults: RateLimitedLog;
  readonly #sockets = new Set<Socket>();
  #onSecured: (socket: TLSSocket) => void = () => {};
  #listener: TlsListener | null = null;
  #renewal: NodeJS.Timeout | null = null;

  constructor(settings: TlsListenerSettings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
    this.#faults = new RateLimitedLog(logger, LOG_INTERVAL_MS);
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  async listen(host: string, port: number, onSecured: (socket: TLSSocket) => void): Promise<void> {
    this.#onSecured = onSecured;
    const address = { name: HTTP_LISTENER, securityProtocol: 'SSL', host, port } as const;
    const context = new TlsContext(this.#settings);
    const { clientAuth } = this.#settings;
    this.#listener = await TlsListener.open(address, BACKLOG, context, clientAuth, this);
    const onFailure = (thrown: unknown): void => {
      this.#logger.warn(`the certificates of HTTPS in use stay: ${reasonOf(thrown)}`);
    };
    this.#renewal = every(RENEWAL_CHECK_MS, () => this.#renew(), onFailure).unref();
  }

  #renew(): void {
    if (this.#listener?.renew()) this.#logger.info('HTTPS has new certificates');
  }

  onPeer(socket: Socket): boolean {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    return true;
  }

  onSecured(socket: TLSSocket): void {
    this.#onSecured(socket);
  }

  onFailedHandshake(error: Error, socket: TLSSocket): void {
    const from = socket.remoteAddress ?? 'a peer';
    const reason = `the TLS handshake of HTTPS with ${from} failed: ${error.message}`;
    this.#faults.warn('handshake', reason, performance.now());
    socket.destroy();
  }

  onAcceptError(error: Error): void {
    this.#faults.warn('accept', `HTTPS cannot accept: ${error.message}`, performance.now());
  }

  close(): void {
    if (this.#renewal !== null) clearInterval(this.#renewal);
    this.#listener?.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
