import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { SecurityProtocol } from '../../../metadata/config/listeners.ts';
import type { Listener, ListenerAddress } from '../listener.ts';
import { bindNodeServer } from '../node-listener.ts';
import { plainAddress } from '../tcp-transport.ts';
import type { TlsContext } from './tls-context.ts';

export interface TlsListenerOwner {
  /** A peer that is connected. False keeps it out. */
  onPeer(socket: Socket): boolean;
  /** A peer whose handshake is done. */
  onSecured(socket: TLSSocket, listenerName: string): void;
  /** The peer is cut off. */
  onFailedHandshake(error: Error, address: string, listenerName: string): void;
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

  private constructor(address: ListenerAddress, server: Server) {
    this.name = address.name;
    this.securityProtocol = address.securityProtocol;
    this.host = address.host;
    const bound = server.address();
    this.port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    this.#server = server;
  }

  /** It takes new certificates with its context. Connections that are open keep the old ones. */
  static async open(
    address: ListenerAddress,
    backlog: number,
    context: TlsContext,
    owner: TlsListenerOwner,
  ): Promise<TlsListener> {
    const { clientAuth } = context.settings;
    const server = createServer({
      ...context.options,
      noDelay: true,
      keepAlive: true,
      requestCert: clientAuth !== 'none',
      // The owner refuses, because Node would not say why.
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_MS_MAX,
    });
    // The server's own listener begins the handshake, also with a socket that was just destroyed.
    const [beginHandshake] = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    // A socket that has failed does not know any more whose it was.
    const peers = new WeakMap<Socket, string>();
    server.on('connection', (socket: Socket) => {
      peers.set(socket, plainAddress(socket.remoteAddress));
      if (owner.onPeer(socket)) beginHandshake!.call(server, socket);
      else socket.destroy();
    });
    server.on('secureConnection', (socket) => owner.onSecured(socket, address.name));
    server.on('tlsClientError', (error, socket) => {
      owner.onFailedHandshake(inOneLine(error), peers.get(parentOf(socket)) ?? '', address.name);
      socket.destroy();
    });
    await bindNodeServer(server, address, backlog);
    server.on('error', (error) => owner.onAcceptError(error));
    context.onRenewed = () => server.setSecureContext(context.options);
    return new TlsListener(address, server);
  }

  close(): void {
    this.#server.close();
  }
}

/** The socket of TCP below. */
function parentOf(socket: TLSSocket): Socket {
  return (socket as TLSSocket & { readonly _parent?: Socket })._parent ?? socket;
}

/** OpenSSL's own reason, where there is one: its whole message has places in its sources. */
function inOneLine(error: Error & { readonly reason?: string }): Error {
  return error.reason === undefined ? error : new Error(error.reason);
}
