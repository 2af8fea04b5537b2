import { createServer, type Server } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { MillraceError } from '../../base/errors.ts';
import { isNobodyThere, type ListenerUser, READABLE, type TcpSockets } from './tcp-sockets.ts';

export interface ListenerAddress {
  readonly name: string;
  /** '' listens on every address of both families. */
  readonly host: string;
  readonly port: number;
}

export interface ListenerOwner {
  /** Some have come: `accept` gives one after the other. */
  onAcceptable(listener: KafkaListener): void;
  onAcceptError(error: Error): void;
}

/** Where there are no descriptors for those who come, it is tried again after this time. */
const PAUSE_MS = 100;

/** One bound TCP port that hands over each accepted connection, which is not read yet. */
export class KafkaListener implements ListenerUser {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly #sockets: TcpSockets;
  readonly #owner: ListenerOwner;
  #socket = -1;
  #pause: NodeJS.Timeout | null = null;

  private constructor(
    { name, host }: ListenerAddress,
    port: number,
    sockets: TcpSockets,
    owner: ListenerOwner,
  ) {
    this.name = name;
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
    owner: ListenerOwner,
  ): Promise<KafkaListener> {
    const server = await bind(address, backlog);
    try {
      const bound = server.address();
      const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
      const listener = new KafkaListener(address, port, sockets, owner);
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

  /** The number of a connection; -1 when there is none that can be had now. */
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

  /** Stops accepting; connections that are open stay so. */
  close(): void {
    if (this.#socket < 0) return;
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#sockets.closeListener(this.#socket);
    this.#socket = -1;
  }
}

/** node:net knows of names, families and what a busy port is called. */
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

function cannotListen({ host, port }: Omit<ListenerAddress, 'name'>, reason: string): Error {
  const place = `${host || '*'}:${port}`;
  return new MillraceError('MILLRACE_BAD_CONFIG', `cannot listen on ${place}: ${reason}`);
}
