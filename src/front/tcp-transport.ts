import { Socket } from 'node:net';
import { systemCodeOf } from '../base/errors.ts';
import type { Connection } from './connection.ts';
import type { Transport } from './transport.ts';

const KEEP_ALIVE_MS = 60_000;

/**
 * The handle under a socket; node:net gives no public way to read into one's own memory, nor to
 * learn of a connection before a socket is made for it.
 */
export interface TcpHandle {
  /** Below 0 once it is closed. */
  readonly fd: number;
  readonly bytesWritten: number;
  /** Those of them that libuv still holds. */
  readonly writeQueueSize: number;
  /** 0, or the error. */
  getpeername(out: { address?: string; port?: number }): number;
  /** node's own note of it, which its stream goes by. */
  reading: boolean;
  readStart(): number;
  readStop(): number;
  close(): void;
}

/** What node:net leaves out. */
export interface SocketCalls {
  /** How many bytes of the chunks a socket took without waiting; 0 for whatever reason not to. */
  send(fd: number, chunks: readonly Buffer[]): number;
  /** See the addon; of a listening socket and all that it accepts. */
  limitUnsent(fd: number, bytes: number): number;
}

/** Told of chunks that the system could not read: slices of a map that the disk does not give. */
export type OnUnreadable = (chunks: readonly Buffer[]) => void;

/** What all connections over TCP share. */
export interface TcpShare {
  /** Where they read to. */
  readonly buffer: Buffer;
  readonly clock: { monotonicMs(): number };
  readonly send: SocketCalls['send'];
  readonly onUnreadable: OnUnreadable;
  /** Closes what is pushed to it, in its time: to close is a slow system call. */
  readonly closing: { push(doomed: Doomed): void };
}

/** What waits to be closed. */
export interface Doomed {
  close(): void;
}

/** Who is told what becomes of a connection's socket. */
export interface TcpOwner {
  /** The peer has read all that it owed. */
  onDrained(connection: Connection): void;
  /** The descriptor is free again. */
  onGone(connection: Connection): void;
}

/**
 * Kafka over TCP. Every connection reads into the one buffer of its listener: what a read brought
 * is handled before the next read, so sockets need no memory of their own and nothing is copied.
 */
export class TcpTransport implements Transport {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly listenerName: string;
  readonly #socket: FrontSocket;

  constructor(
    handle: TcpHandle,
    remoteAddress: string,
    remotePort: number,
    listenerName: string,
    share: TcpShare,
  ) {
    this.#socket = new FrontSocket(handle, share);
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.listenerName = listenerName;
  }

  get localAddress(): string {
    return plainAddress(this.#socket.localAddress);
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  /** Begins to read. */
  start(connection: Connection, owner: TcpOwner): void {
    this.#socket.start(connection, owner);
  }

  write(chunks: readonly Buffer[]): void {
    this.#socket.send(chunks);
  }

  bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  takenBytes(): number {
    return this.#socket.takenBytes;
  }

  pause(): void {
    this.#socket.stopReading();
  }

  resume(): void {
    this.#socket.goOnReading();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

type WriteError = Error | null | undefined;
type WhenWritten = (error?: WriteError) => void;
type QueuedChunks = { chunk: Buffer; encoding: BufferEncoding }[];
type WhenClosed = (error?: Error | null) => void;

/** A socket that is gone for its connection at once, and for the system when there is time. */
class FrontSocket extends Socket implements Doomed {
  readonly #handle: TcpHandle;
  readonly #share: TcpShare;
  #connection: Connection | null = null;
  #owner: TcpOwner | null = null;
  #sentAtOnce = 0;
  #error: Error | null = null;
  #whenClosed: WhenClosed | null = null;

  constructor(handle: TcpHandle, share: TcpShare) {
    const { buffer, clock } = share;
    const callback = (bytes: number): boolean => {
      this.#connection?.onBytes(buffer, 0, bytes, clock.monotonicMs());
      return true;
    };
    // `handle` is an option of the constructor that the type definitions leave out.
    const options = { handle, onread: { buffer, callback } };
    super(options as ConstructorParameters<typeof Socket>[0]);
    this.#handle = handle;
    this.#share = share;
  }

  get takenBytes(): number {
    return this.#sentAtOnce + this.#handle.bytesWritten - this.#handle.writeQueueSize;
  }

  /** Around node's stream where nothing waits in it: most answers are small and fit. */
  send(chunks: readonly Buffer[]): void {
    let sent = 0;
    if (this.writableLength === 0 && !this.destroyed) {
      sent = this.#share.send(this.#handle.fd, chunks);
      this.#sentAtOnce += sent;
    }
    let next = 0;
    while (next < chunks.length && sent >= chunks[next]!.length) sent -= chunks[next++]!.length;
    if (next === chunks.length) return;
    this.cork();
    this.write(sent === 0 ? chunks[next]! : chunks[next]!.subarray(sent));
    while (++next < chunks.length) this.write(chunks[next]!);
    this.uncork();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, written: WhenWritten): void {
    super._write(chunk, encoding, (error) => this.#onWritten([chunk], error, written));
  }

  override _writev(queued: QueuedChunks, written: WhenWritten): void {
    super._writev!(queued, (error) => {
      this.#onWritten(
        queued.map(({ chunk }) => chunk),
        error,
        written,
      );
    });
  }

  #onWritten(chunks: readonly Buffer[], error: WriteError, written: WhenWritten): void {
    if (systemCodeOf(error) === 'EFAULT') this.#share.onUnreadable(chunks);
    written(error);
  }

  /**
   * The end of what the peer sends comes as null. Many peers may go at once, so the rest, which is
   * dear, waits for its time: whoever closes one half waits for nothing, and Kafka closes too,
   * whatever is unsent.
   */
  override push(chunk: Buffer | null): boolean {
    if (chunk !== null) return super.push(chunk);
    this.#share.closing.push({ close: () => this.destroy() });
    return false;
  }

  start(connection: Connection, owner: TcpOwner): void {
    this.#connection = connection;
    this.#owner = owner;
    this.setNoDelay(true);
    this.setKeepAlive(true, KEEP_ALIVE_MS);
    this.on('drain', onDrain);
    this.on('error', ignoreError);
    this.resume();
  }

  /**
   * Not by `pause` and `resume`: the stream stays flowing, so that an end is never kept back, and
   * nothing that it has scheduled starts to read again.
   */
  stopReading(): void {
    if (this.destroyed || !this.#handle.reading) return;
    this.#handle.reading = false;
    this.#handle.readStop();
  }

  goOnReading(): void {
    if (this.destroyed || this.#handle.reading) return;
    this.#handle.reading = true;
    this.#handle.readStart();
  }

  drained(): void {
    this.#owner?.onDrained(this.#connection!);
  }

  override _destroy(error: Error | null, whenClosed: WhenClosed): void {
    this.#error = error;
    this.#whenClosed = whenClosed;
    this.#handle.readStop();
    this.#connection?.onClosed();
    this.#share.closing.push(this);
  }

  close(): void {
    super._destroy(this.#error, this.#whenClosed!);
    if (this.#connection !== null) this.#owner?.onGone(this.#connection);
  }
}

function onDrain(this: FrontSocket): void {
  this.drained();
}

/** A broken socket is destroyed by node right after; there is nothing to add to that. */
function ignoreError(): void {}

/** An IPv4 client on a dual-stack listener comes as ::ffff:a.b.c.d; people write a.b.c.d. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
