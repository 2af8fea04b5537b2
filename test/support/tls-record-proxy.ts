import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HEADER_BYTES = 5;

/**
 * What becomes of a record that a client sends: the bytes that go on in its place. 'cut' ends the
 * connection there.
 */
export type RecordFault = (record: Buffer, index: number) => Buffer | 'cut';

/** Stands between a client of TLS and the broker, and does something to the client's records. */
export class TlsRecordProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** The kinds of the records that the last client has sent. */
  seenKinds: number[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(port: number, fault: RecordFault): Promise<TlsRecordProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TlsRecordProxy(server);
    server.on('connection', (client) => proxy.#join(client, connect(port, '127.0.0.1'), fault));
    return proxy;
  }

  get seenRecords(): number {
    return this.seenKinds.length;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #join(client: Socket, broker: Socket, fault: RecordFault): void {
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    }
    this.seenKinds = [];
    let received = Buffer.alloc(0);
    client.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      while (received.length >= HEADER_BYTES) {
        const end = HEADER_BYTES + received.readUInt16BE(3);
        if (received.length < end) return;
        const index = this.seenKinds.push(received[0]!) - 1;
        const sent = fault(Buffer.from(received.subarray(0, end)), index);
        received = received.subarray(end);
        if (sent === 'cut') {
          client.destroy();
          broker.destroy();
          return;
        }
        broker.write(sent);
      }
    });
    broker.on('data', (bytes: Buffer) => client.write(bytes));
    client.on('close', () => broker.destroy());
    broker.on('close', () => client.destroy());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
