import { Socket } from 'node:net';
import type { Connection } from './connection.ts';
import type { Transport } from './transport.ts';

/**
 * The handle under an accepted socket; node:net gives no public way to read into one's own memory.
 */
interface HandleOwner {
  _handle: Handle | null;
}

interface Handle {
  readonly bytesWritten: number;
  /** Those of them that libuv still holds. */
  readonly writeQueueSize: number;
}

/** Where all connections of a listener read to. */
export interface SharedRead {
  readonly buffer: Buffer;
  readonly clock: { monotonicMs(): number };
}

/**
 * Kafka over TCP. Every connection reads into the one buffer of its listener: what a read brought
 * is handled before the next read, so sockets need no memory of their own and nothing is copied.
 */
export class TcpTransport implements Transport {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly listenerName: string;
  readonly #socket: Socket;
  #connection: Connection | null = null;

  constructor(accepted: Socket, remoteAddress: string, listenerName: string, read: SharedRead) {
    const { buffer, clock } = read;
    this.#socket = takeOver(accepted, buffer, (bytes) => {
      this.#connection?.onBytes(buffer, 0, bytes, clock.monotonicMs());
    });
    // Not asked again: a peer that reset by now has none, and its place must be given back.
    this.remoteAddress = remoteAddress;
    this.remotePort = this.#socket.remotePort ?? 0;
    this.localAddress = plainAddress(this.#socket.localAddress);
    this.localPort = this.#socket.localPort ?? 0;
    this.listenerName = listenerName;
  }

  /** Begins to read; `onDrained` is called when a peer has read all that it owed. */
  start(connection: Connection, onDrained: () => void): void {
    this.#connection = connection;
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('drain', onDrained);
    // A broken socket is closed by node right after; there is nothing to add to that.
    socket.on('error', () => connection.onClosed());
    socket.on('close', () => connection.onClosed());
    // A peer that closes its half waits for nothing: Kafka closes too, whatever is unsent.
    socket.on('end', () => {
      connection.onClosed();
      socket.destroy();
    });
    socket.resume();
  }

  write(chunks: readonly Buffer[]): void {
    const socket = this.#socket;
    if (chunks.length === 1) {
      socket.write(chunks[0]!);
      return;
    }
    socket.cork();
    for (let i = 0; i < chunks.length; i++) socket.write(chunks[i]!);
    socket.uncork();
  }

  bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  takenBytes(): number {
    const handle = (this.#socket as unknown as HandleOwner)._handle;
    return handle === null ? 0 : handle.bytesWritten - handle.writeQueueSize;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

function takeOver(accepted: Socket, buffer: Buffer, onRead: (bytes: number) => void): Socket {
  const owner = accepted as unknown as HandleOwner;
  const handle = owner._handle;
  owner._handle = null;
  accepted.destroy();
  const callback = (bytes: number): boolean => {
    onRead(bytes);
    return true;
  };
  // `handle` is an option of the constructor that the type definitions leave out.
  const options = { handle, onread: { buffer, callback } };
  return new Socket(options as ConstructorParameters<typeof Socket>[0]);
}

/** An IPv4 client on a dual-stack listener comes as ::ffff:a.b.c.d; people write a.b.c.d. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
