import { connect, createServer, type Server, type Socket } from 'node:net';

/** Length, API key, version and correlation id come before the client id in every request. */
const CLIENT_ID_LENGTH_AT = 12;
const CLIENT_ID_AT = CLIENT_ID_LENGTH_AT + 2;

/**
 * The way by which other brokers reach one broker. It knows who comes by the client id of the first
 * request, in which brokers have their number, and lets nothing through from those that are shut
 * out: connections stay open and silent, as with a network that is cut.
 */
export class PeerGate {
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #shut = new Set<number>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `port` is that of the broker's listener for other brokers. */
  static async open(port: number): Promise<PeerGate> {
    const server = createServer();
    const gate = new PeerGate(server);
    server.on('connection', (socket) => gate.#admit(socket, port));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' ? address!.port : 0;
  }

  shutOut(nodeId: number): void {
    this.#shut.add(nodeId);
    for (const link of this.#links) link.follow(this.#shut);
  }

  letIn(nodeId: number): void {
    this.#shut.delete(nodeId);
    for (const link of this.#links) link.follow(this.#shut);
  }

  #admit(socket: Socket, port: number): void {
    const link = new Link(socket, port, this.#shut, () => this.#links.delete(link));
    this.#links.add(link);
  }

  close(): void {
    this.#server.close();
    for (const link of this.#links) link.close();
  }
}

/** One connection of a broker to another. */
class Link {
  readonly #from: Socket;
  readonly #to: Socket;
  #nodeId: number | null = null;
  #passes = false;
  #begin: Buffer = Buffer.alloc(0);

  constructor(from: Socket, port: number, shut: ReadonlySet<number>, onClosed: () => void) {
    this.#from = from;
    this.#to = connect(port, '127.0.0.1');
    for (const socket of [this.#from, this.#to]) {
      // Its close follows, and ends the other side too.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.close();
        onClosed();
      });
    }
    const onBegin = (bytes: Buffer) => {
      this.#begin = Buffer.concat([this.#begin, bytes]);
      this.#nodeId = nodeIdIn(this.#begin);
      if (this.#nodeId === null) return;
      from.off('data', onBegin);
      from.pause();
      this.#to.write(this.#begin);
      this.follow(shut);
    };
    from.on('data', onBegin);
  }

  /** Passes bytes on in both directions, or none. */
  follow(shut: ReadonlySet<number>): void {
    if (this.#nodeId === null) return;
    const passes = !shut.has(this.#nodeId);
    if (passes === this.#passes) return;
    this.#passes = passes;
    if (!passes) {
      this.#from.unpipe(this.#to).pause();
      this.#to.unpipe(this.#from).pause();
    } else {
      this.#from.pipe(this.#to);
      this.#to.pipe(this.#from);
    }
  }

  close(): void {
    this.#from.destroy();
    this.#to.destroy();
  }
}

/** The first number in the client id; null while the request has not come that far. */
function nodeIdIn(request: Buffer): number | null {
  if (request.length < CLIENT_ID_AT) return null;
  const length = Math.max(0, request.readInt16BE(CLIENT_ID_LENGTH_AT));
  if (request.length < CLIENT_ID_AT + length) return null;
  const clientId = request.toString('utf8', CLIENT_ID_AT, CLIENT_ID_AT + length);
  return Number(/\d+/.exec(clientId)?.[0] ?? -1);
}
