import { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { SecurityProtocol } from '../../../metadata/config/listeners.ts';
import type { Listener, ListenerAddress } from '../listener.ts';
import { bindNodeServer } from '../node-listener.ts';
import { TcpListener } from '../tcp-listener.ts';
import type { TcpSockets } from '../tcp-sockets.ts';
import { plainAddress } from '../tcp-transport.ts';
import type { TlsContext } from './tls-context.ts';

export interface TlsListenerOwner {
  /** Whether a handshake more may be under way. The owner says when it may again. */
  hasRoom(): boolean;
  /** False keeps a peer with this address out; '' is that of one that is gone. */
  admit(address: string): boolean;
  /** A peer that was admitted. */
  onPeer(peer: Socket, address: string): void;
  /** A peer whose handshake is done. */
  onSecured(socket: TLSSocket, peer: Socket, listenerName: string): void;
  /** The peer is cut off. */
  onFailedHandshake(error: Error, address: string, listenerName: string): void;
  onAcceptError(error: Error): void;
  now(): number;
}

/** How long a peer may take for its handshake. */
const HANDSHAKE_MS_MAX = 10_000;
/** The share of a turn of the event loop for new peers. To make the objects of one takes longer. */
const ACCEPT_TURN_MS = 0.1;

/** A bound port whose peers speak TLS by node:tls. */
export class TlsListener implements Listener {
  readonly name: string;
  readonly securityProtocol: SecurityProtocol;
  readonly host: string;
  port = 0;
  readonly #owner: TlsListenerOwner;
  readonly #server: Server;
  readonly #beginHandshake: (socket: Socket) => void;
  /** A socket that has failed does not know any more whose it was. */
  readonly #addresses = new WeakMap<Socket, string>();
  /** Null where node:net accepts, which takes all that have come at once. */
  #tcp: TcpListener | null = null;

  private constructor(address: ListenerAddress, context: TlsContext, owner: TlsListenerOwner) {
    this.name = address.name;
    this.securityProtocol = address.securityProtocol;
    this.host = address.host;
    this.#owner = owner;
    this.#server = serverOf(context);
    // The server's own listener begins the handshake, also with a socket that was just destroyed.
    const [begin] = this.#server.listeners('connection') as ((socket: Socket) => void)[];
    this.#beginHandshake = begin!;
    this.#server.removeAllListeners('connection');
    this.#server.on('secureConnection', (socket) =>
      owner.onSecured(socket, parentOf(socket), this.name),
    );
    this.#server.on('tlsClientError', (error, socket) => {
      const whose = this.#addresses.get(parentOf(socket)) ?? '';
      owner.onFailedHandshake(inOneLine(error), whose, this.name);
      socket.destroy();
    });
    context.onRenewed = () => this.#server.setSecureContext(context.options);
  }

  /** It takes new certificates with its context. Connections that are open keep the old ones. */
  static async open(
    address: ListenerAddress,
    backlog: number,
    context: TlsContext,
    sockets: TcpSockets | null,
    owner: TlsListenerOwner,
  ): Promise<TlsListener> {
    const listener = new TlsListener(address, context, owner);
    if (sockets === null) await listener.#listenByNode(address, backlog);
    else await listener.#listen(address, backlog, sockets);
    return listener;
  }

  async #listenByNode(address: ListenerAddress, backlog: number): Promise<void> {
    const server = this.#server;
    server.on('connection', (peer: Socket) => {
      const whose = plainAddress(peer.remoteAddress);
      if (this.#owner.admit(whose)) this.#begin(peer, whose);
      else peer.destroy();
    });
    await bindNodeServer(server, address, backlog);
    server.on('error', (error) => this.#owner.onAcceptError(error));
    const bound = server.address();
    this.port = bound !== null && typeof bound === 'object' ? bound.port : 0;
  }

  async #listen(address: ListenerAddress, backlog: number, sockets: TcpSockets): Promise<void> {
    this.#tcp = await TcpListener.open(address, backlog, sockets, {
      onAcceptable: (tcp) => this.#acceptSome(tcp, sockets),
      onAcceptError: (error) => this.#owner.onAcceptError(error),
    });
    this.port = this.#tcp.port;
  }

  /** Peers that the turn has no time for wait in the kernel. */
  #acceptSome(tcp: TcpListener, sockets: TcpSockets): void {
    const owner = this.#owner;
    const untilMs = owner.now() + ACCEPT_TURN_MS;
    do {
      if (!owner.hasRoom()) {
        tcp.pause();
        return;
      }
      const socket = tcp.accept();
      if (socket < 0) return;
      const whose = plainAddress(sockets.peerOf(socket)?.[0]);
      if (owner.admit(whose)) {
        const fd = sockets.handOver(socket);
        this.#begin(new Socket({ fd, readable: true, writable: true }), whose);
      } else {
        sockets.close(socket);
      }
    } while (owner.now() < untilMs);
  }

  #begin(peer: Socket, address: string): void {
    this.#addresses.set(peer, address);
    this.#owner.onPeer(peer, address);
    this.#beginHandshake.call(this.#server, peer);
  }

  /** There is room for handshakes again. */
  resume(): void {
    this.#tcp?.resume();
  }

  close(): void {
    if (this.#tcp === null) this.#server.close();
    else this.#tcp.close();
  }
}

function serverOf(context: TlsContext): Server {
  return createServer({
    ...context.options,
    noDelay: true,
    keepAlive: true,
    requestCert: context.settings.clientAuth !== 'none',
    // The owner refuses, because Node would not say why.
    rejectUnauthorized: false,
    handshakeTimeout: HANDSHAKE_MS_MAX,
  });
}

/** The socket of TCP below. */
function parentOf(socket: TLSSocket): Socket {
  return (socket as TLSSocket & { readonly _parent?: Socket })._parent ?? socket;
}

/** OpenSSL's own reason, where there is one: its whole message has places in its sources. */
function inOneLine(error: Error & { readonly reason?: string }): Error {
  return error.reason === undefined ? error : new Error(error.reason);
}
