import { createServer, type Server } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { MillraceError } from '../../base/errors.ts';
import type { SecurityProtocol } from '../../metadata/config/listeners.ts';
import type { Listener, ListenerAddress } from './listener.ts';
import { isNobodyThere, type ListenerUser, READABLE, type TcpSockets } from './tcp-sockets.ts';

export interface TcpListenerOwner {
  /** Peers have come: `accept` gives one after the other. */
  onAcceptable(listener: TcpListener): void;
  onAcceptError(error: Error): void;
}

/** Where no descriptor is left for a peer, the next try comes after this time. */
const PAUSE_MS = 100;

/** A bound port of the addon's sockets. It accepts connections, and does not read them. */
export class TcpListener implements Listener, ListenerUser {
  readonly name: string;
  readonly securityProtocol: SecurityProtocol;
  readonly host: string;
  readonly port: number;
  readonly #sockets: TcpSockets;
  readonly #owner: TcpListenerOwner;
  #socket = -1;
  #pause: NodeJS.Timeout | null = null;

  private constructor(
    { name, securityProtocol, host }: ListenerAddress,
    port: number,
    sockets: TcpSockets,
    owner: TcpListenerOwner,
  ) {
    this.name = name;
    this.securityProtocol = securityProtocol;
    this.host = host;
    this.port = port;
    this.#sockets = sockets;
    this.#owner = owner;
  }

  /** `backlog` connections wait in the kernel while the front is busy. */
  static async open(
    address: ListenerAddress,
    backlog: number,
    sockets: TcpSockets,
    owner: TcpListenerOwner,
  ): Promise<TcpListener> {
    const server = await bind(address, backlog);
    try {
      const bound = server.address();
      const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
      const listener = new TcpListener(address, port, sockets, owner);
      listener.#adopt(server);
      return listener;
    } finally {
      server.close();
    }
  }

  #adopt(server: Server): void {
    const socket = this.#sockets.adoptListener(descriptorOf(server), this);
    if (socket < 0) throw cannotListen(this, getSystemErrorName(socket));
    this.#socket = socket;
  }

  /** The number of an accepted connection; -1 when there is none now. */
  accept(): number {
    const socket = this.#sockets.accept(this.#socket);
    if (socket >= 0) return socket;
    if (isNobodyThere(-socket)) return -1;
    this.#owner.onAcceptError(new Error(getSystemErrorName(socket)));
    this.#sockets.awaitEvents(this.#socket, 0);
    this.#pause = setTimeout(() => this.#sockets.awaitEvents(this.#socket, READABLE), PAUSE_MS);
    return -1;
  }

  onAcceptable(): void {
    this.#owner.onAcceptable(this);
  }

  close(): void {
    if (this.#socket < 0) return;
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#sockets.closeListener(this.#socket);
    this.#socket = -1;
  }
}

/** Binds with node:net, which resolves names, chooses families and words errors. */
function bind(address: ListenerAddress, backlog: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(address, error.message)));
    const host = address.host === '' ? {} : { host: address.host };
    server.listen({ ...host, port: address.port, backlog, exclusive: true }, () => resolve(server));
  });
}

/** There is no public way to the descriptor of a server. */
function descriptorOf(server: Server): number {
  return (server as unknown as { _handle: { readonly fd: number } })._handle.fd;
}

export function cannotListen(
  { host, port }: Pick<ListenerAddress, 'host' | 'port'>,
  reason: string,
): Error {
  const place = `${host || '*'}:${port}`;
  return new MillraceError('MILLRACE_BAD_CONFIG', `cannot listen on ${place}: ${reason}`);
}
