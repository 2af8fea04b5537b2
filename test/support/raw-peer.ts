import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectSecured, TLSSocket } from 'node:tls';

/** A peer over TCP or TLS that sends what it likes. */
export class RawPeer {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  receivedBytes = 0;
  readonly closed: Promise<void>;
  #keeps = true;

  static async open(port: number, localAddress?: string): Promise<RawPeer> {
    const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true });
    const peer = new RawPeer(socket);
    await Promise.race([once(socket, 'connect'), peer.closed]);
    return peer;
  }

  /** Over TLS. Resolves when the handshake is done, or when it has failed. */
  static async openSecured(port: number, options: ConnectionOptions): Promise<RawPeer> {
    const address = { port, host: '127.0.0.1', allowHalfOpen: true };
    const socket = connectSecured({ ...address, ...options } as ConnectionOptions);
    const peer = new RawPeer(socket);
    const secured = new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()));
    await Promise.race([secured, peer.closed]);
    return peer;
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => resolve());
      socket.on('end', () => resolve());
    });
    // A reset is one of the ways in which the broker closes: `closed` tells of it.
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Buffer) => {
      this.receivedBytes += bytes.length;
      if (this.#keeps) this.received = Buffer.concat([this.received, bytes]);
    });
  }

  /** Counts what comes without keeping it. */
  forget(): void {
    this.#keeps = false;
  }

  send(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** Milliseconds until the broker closed; throws when it does not. */
  async closedWithin(msMax: number): Promise<number> {
    const startedMs = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`still open after ${msMax} ms`)), msMax);
    });
    await Promise.race([this.closed, late]).finally(() => clearTimeout(timer));
    return performance.now() - startedMs;
  }

  async receives(bytes: number, msMax = 10_000): Promise<void> {
    const endMs = performance.now() + msMax;
    while (this.receivedBytes < bytes) {
      if (performance.now() > endMs) throw new Error(`got ${this.receivedBytes} of ${bytes} bytes`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  reset(): void {
    // Node cannot reset the socket under TLS.
    if (this.socket instanceof TLSSocket) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** A frame: the length, then the bytes. */
export function frame(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** A request header of version 1 (2 with its empty tags when flexible), then the body. */
export function request(apiKey: number, version: number, body: Buffer, flexible = false): Buffer {
  const header = Buffer.alloc(flexible ? 11 : 10);
  header.writeInt16BE(apiKey, 0);
  header.writeInt16BE(version, 2);
  header.writeInt32BE(7, 4);
  header.writeInt16BE(-1, 8);
  return frame(Buffer.concat([header, body]));
}
