import { createServer, type Server, type Socket } from 'node:net';
import type { SecurityProtocol } from '../../metadata/config/listeners.ts';
import type { Listener, ListenerAddress } from './listener.ts';
import { cannotListen } from './tcp-listener.ts';

export interface NodeListenerOwner {
  onPeer(socket: Socket, listenerName: string): void;
  onAcceptError(error: Error): void;
}

/** A bound port of node:net. */
export class NodeListener implements Listener {
  readonly name: string;
  readonly securityProtocol: SecurityProtocol;
  readonly host: string;
  readonly port: number;
  readonly #server: Server;

  private constructor({ name, securityProtocol, host }: ListenerAddress, server: Server) {
    this.name = name;
    this.securityProtocol = securityProtocol;
    this.host = host;
    const bound = server.address();
    this.port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    this.#server = server;
  }

  static async open(
    address: ListenerAddress,
    backlog: number,
    owner: NodeListenerOwner,
  ): Promise<NodeListener> {
    const server = createServer({ noDelay: true, keepAlive: true });
    server.on('connection', (socket) => owner.onPeer(socket, address.name));
    await bindNodeServer(server, address, backlog);
    server.on('error', (error) => owner.onAcceptError(error));
    return new NodeListener(address, server);
  }

  close(): void {
    this.#server.close();
  }
}

/** Rejects with what is wrong with the address where it cannot be bound. */
export function bindNodeServer(
  server: Server,
  address: ListenerAddress,
  backlog: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(cannotListen(address, error.message));
    server.once('error', onError);
    const host = address.host === '' ? {} : { host: address.host };
    server.listen({ ...host, port: address.port, backlog, exclusive: true }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}
