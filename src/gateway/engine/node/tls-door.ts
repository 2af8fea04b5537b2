import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Logger, RateLimitedLog } from '../../../base/logger.ts';
import type { Principal } from '../../../front/net/principal.ts';
import { CertificateUsers, type OnDisbelieved } from '../../../front/net/tls/certificate-users.ts';
import type { TlsContext } from '../../../front/net/tls/tls-context.ts';
import { TlsListener, type TlsListenerOwner } from '../../../front/net/tls/tls-listener.ts';
import { HTTP_LISTENER } from '../../../metadata/config/listener-scope.ts';

const LOG_INTERVAL_MS = 10_000;
const BACKLOG = 511;

type OnSecured = (socket: TLSSocket, principal: Principal) => void;

/** Where clients of HTTPS come in. Behind it they are as those of HTTP. */
export class TlsDoor implements TlsListenerOwner {
  readonly #context: TlsContext;
  readonly #users: CertificateUsers;
  readonly #faults: RateLimitedLog;
  readonly #sockets = new Set<Socket>();
  #onSecured: OnSecured = () => {};
  #listener: TlsListener | null = null;

  constructor(context: TlsContext, logger: Logger, onDisbelieved: OnDisbelieved) {
    this.#context = context;
    this.#users = new CertificateUsers(context.settings, onDisbelieved);
    this.#faults = new RateLimitedLog(logger, LOG_INTERVAL_MS);
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  async listen(host: string, port: number, onSecured: OnSecured): Promise<void> {
    this.#onSecured = onSecured;
    const address = { name: HTTP_LISTENER, securityProtocol: 'SSL', host, port } as const;
    this.#listener = await TlsListener.open(address, BACKLOG, this.#context, this);
  }

  onPeer(socket: Socket): boolean {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    return true;
  }

  onSecured(socket: TLSSocket): void {
    const principal = this.#users.principalOf(socket);
    if (principal === null) {
      this.onFailedHandshake(CertificateUsers.refusalOf(socket), socket.remoteAddress ?? '');
      socket.destroy();
    } else this.#onSecured(socket, principal);
  }

  onFailedHandshake(error: Error, address: string): void {
    this.#users.tellFailure(error, address);
    const from = address === '' ? 'a peer' : address;
    const reason = `the TLS handshake of HTTPS with ${from} failed: ${error.message}`;
    this.#faults.warn('handshake', reason, performance.now());
  }

  onAcceptError(error: Error): void {
    this.#faults.warn('accept', `HTTPS cannot accept: ${error.message}`, performance.now());
  }

  close(): void {
    this.#listener?.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
