import { createServer, type Server } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { MillraceError } from '../base/errors.ts';
import type { TcpHandle } from './tcp-transport.ts';

export interface ListenerAddress {
  readonly name: string;
  /** '' listens on every address of both families. */
  readonly host: string;
  readonly port: number;
}

/** What node:net listens with. It would make a socket of each connection before we are asked. */
interface ServerHandle {
  readonly fd: number;
  onconnection: (error: number, accepted: TcpHandle | undefined) => void;
}

function handleOf(server: Server): ServerHandle {
  return (server as unknown as { _handle: ServerHandle })._handle;
}

/** One bound TCP port that hands over each accepted connection, which is not read yet. */
export class KafkaListener {
  readonly name: string;
  readonly host: string;
  port = 0;
  readonly #server: Server;

  private constructor(address: ListenerAddress, server: Server) {
    this.name = address.name;
    this.host = address.host;
    this.#server = server;
  }

  /** `backlog` connections wait in the kernel while the front is busy. */
  static open(
    address: ListenerAddress,
    backlog: number,
    onAccepted: (handle: TcpHandle) => void,
    onError: (error: Error) => void,
  ): Promise<KafkaListener> {
    const server = createServer();
    const listener = new KafkaListener(address, server);
    return new Promise((resolve, reject) => {
      const refuse = (error: Error) => {
        const place = `${address.host || '*'}:${address.port}`;
        reject(
          new MillraceError('MILLRACE_BAD_CONFIG', `cannot listen on ${place}: ${error.message}`),
        );
      };
      server.once('error', refuse);
      const host = address.host === '' ? {} : { host: address.host };
      server.listen({ ...host, port: address.port, backlog }, () => {
        server.off('error', refuse);
        server.on('error', onError);
        handleOf(server).onconnection = (error, accepted) => {
          if (accepted !== undefined) onAccepted(accepted);
          else onError(new Error(getSystemErrorName(error)));
        };
        const bound = server.address();
        if (bound !== null && typeof bound === 'object') listener.port = bound.port;
        resolve(listener);
      });
    });
  }

  get fd(): number {
    return handleOf(this.#server).fd;
  }

  /** Stops accepting; connections that are open stay so. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
