import { connect, createServer, type Server, type Socket } from 'node:net';

/** Forwards connections and cuts each after some bytes from the server. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #cutAfter: () => number;
  connectionCount = 0;
  /** Once true, no connection is cut. */
  isGentle = false;

  static async start(port: number, cutAfter: () => number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(port, cutAfter);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  private constructor(port: number, cutAfter: () => number) {
    this.#cutAfter = cutAfter;
    this.#server = createServer((client) => {
      this.connectionCount++;
      this.#bridge(client, connect(port, '127.0.0.1'));
    });
  }

  #bridge(client: Socket, server: Socket): void {
    let left = this.isGentle ? Number.POSITIVE_INFINITY : this.#cutAfter();
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes: Buffer) => {
      if (bytes.length < left) {
        left -= bytes.length;
        client.write(bytes);
        return;
      }
      const part = bytes.subarray(0, left);
      left = 0;
      client.write(part, end);
    });
  }

  get url(): string {
    const address = this.#server.address() as { port: number };
    return `ws://127.0.0.1:${address.port}/ws`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
