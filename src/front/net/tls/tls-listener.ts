import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { SecurityProtocol } from '../../../metadata/config/listeners.ts';
import type { ClientAuth } from '../../../metadata/config/tls-settings.ts';
import type { Listener, ListenerAddress } from '../listener.ts';
import { bindNodeServer } from '../node-listener.ts';
import type { TlsContext } from './tls-context.ts';

export interface TlsListenerOwner {
  /** A peer that is connected. False keeps it out. */
  onPeer(socket: Socket): boolean;
  /** A peer whose handshake is done. */
  onSecured(socket: TLSSocket, listenerName: string): void;
  onFailedHandshake(error: Error, socket: TLSSocket): void;
  onAcceptError(error: Error): void;
}

/** How long a peer may take for its handshake. */
const HANDSHAKE_MS_MAX = 10_000;

/** A bound port of node:tls. */
export class TlsListener implements Listener {
  readonly name: string;
  readonly securityProtocol: SecurityProtocol;
  readonly host: string;
  readonly port: number;
  readonly #server: Server;
  readonly #context: TlsContext;

  private constructor(address: ListenerAddress, server: Server, context: TlsContext) {
    this.name = address.name;
    this.securityProtocol = address.securityProtocol;
    this.host = address.host;
    const bound = server.address();
    this.port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    this.#server = server;
    this.#context = context;
  }

  static async open(
    address: ListenerAddress,
    backlog: number,
    context: TlsContext,
    clientAuth: ClientAuth,
    owner: TlsListenerOwner,
  ): Promise<TlsListener> {
    const server = createServer({
      ...context.options,
      noDelay: true,
      keepAlive: true,
      requestCert: clientAuth !== 'none',
      rejectUnauthorized: clientAuth === 'required',
      handshakeTimeout: HANDSHAKE_MS_MAX,
    });
    // The server's own listener begins the handshake, also with a socket that was just destroyed.
    const [beginHandshake] = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      if (owner.onPeer(socket)) beginHandshake!.call(server, socket);
      else socket.destroy();
    });
    server.on('secureConnection', (socket) => owner.onSecured(socket, address.name));
    server.on('tlsClientError', (error, socket) => owner.onFailedHandshake(error, socket));
    await bindNodeServer(server, address, backlog);
    server.on('error', (error) => owner.onAcceptError(error));
    return new TlsListener(address, server, context);
  }

  /** Takes certificates that were changed. Connections that are open keep the old ones. */
  renew(): boolean {
    if (!this.#context.readAgain()) return false;
    this.#server.setSecureContext(this.#context.options);
    return true;
  }

  close(): void {
    this.#server.close();
  }
}
