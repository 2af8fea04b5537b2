import { constants } from 'node:os';
import type { Connection } from './connection.ts';
import { READABLE, type SocketUser, type TcpSockets, WRITABLE } from './tcp-sockets.ts';
import type { Transport } from './transport.ts';

const CHUNKS_A_SEND = 64;

/** Called with chunks that the system could not read: slices of a map whose file fails. */
export type OnUnreadable = (chunks: readonly Buffer[]) => void;

/** What all connections over TCP share. */
export interface TcpShare {
  readonly sockets: TcpSockets;
  readonly clock: { monotonicMs(): number };
  readonly onUnreadable: OnUnreadable;
  /** Closes what is pushed to it, a few in each turn: to close is a slow system call. */
  readonly closing: { push(socket: ClosableSocket): void };
}

/** A socket that waits in the queue of those to be closed. */
export interface ClosableSocket {
  close(): void;
}

/** Hears what happens to the sockets. */
export interface TcpOwner {
  /** The peer has read all that was sent to it. */
  onDrained(connection: Connection): void;
  /** The descriptor is free again. */
  onGone(address: string): void;
}

/**
 * Kafka over TCP. Its connection ends at once when it is destroyed; the descriptor is closed later,
 * in the queue. What a peer's end leads to also goes through the queue, since many peers may go at
 * once.
 */
export class TcpTransport implements Transport, SocketUser, ClosableSocket {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly listenerName: string;
  readonly #socket: number;
  readonly #share: TcpShare;
  readonly #owner: TcpOwner;
  #connection: Connection | null = null;
  /** Chunks that the socket had no room for. Those before `#head` are sent. */
  #unsent: Buffer[] = [];
  #head = 0;
  #unsentBytes = 0;
  #sentBytes = 0;
  #events = 0;
  /** The socket failed or was destroyed: it is neither read nor written any more. */
  #isBroken = false;
  #isDestroyed = false;
  #ownEnd: [address: string, port: number] | null = null;

  constructor(
    socket: number,
    remoteAddress: string,
    remotePort: number,
    listenerName: string,
    share: TcpShare,
    owner: TcpOwner,
  ) {
    this.#socket = socket;
    this.#share = share;
    this.#owner = owner;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.listenerName = listenerName;
    share.sockets.use(socket, this);
  }

  /** Called once, before anything else. */
  serve(connection: Connection): void {
    this.#connection = connection;
    this.resume();
    if (connection.sasl === null) this.establish();
  }

  establish(): void {
    if (!this.#isBroken && this.#share.sockets.establish(this.#socket) < 0) this.#break();
  }

  get localAddress(): string {
    return plainAddress(this.#local()?.[0]);
  }

  get localPort(): number {
    return this.#local()?.[1] ?? 0;
  }

  #local(): [address: string, port: number] | null {
    if (this.#ownEnd === null && !this.#isDestroyed) {
      this.#ownEnd = this.#share.sockets.localOf(this.#socket);
    }
    return this.#ownEnd;
  }

  onRead(_socket: number, outcome: number): void {
    if (outcome > 0) {
      const { sockets, clock } = this.#share;
      const { memory } = sockets;
      const start = memory.tookRead(outcome);
      this.#connection!.onBytes(memory.bytes, start, start + outcome, clock.monotonicMs());
    } else {
      this.#break();
    }
  }

  write(chunks: readonly Buffer[]): void {
    if (this.#isBroken) return;
    let sent = 0;
    if (this.#unsentBytes === 0) {
      sent = this.#share.sockets.send(this.#socket, chunks);
      if (sent < 0) {
        this.#onSendError(-sent, chunks);
        return;
      }
      this.#sentBytes += sent;
    }
    let next = 0;
    while (next < chunks.length && sent >= chunks[next]!.length) sent -= chunks[next++]!.length;
    if (next === chunks.length) return;
    this.#keep(sent === 0 ? chunks[next]! : chunks[next]!.subarray(sent));
    while (++next < chunks.length) this.#keep(chunks[next]!);
    this.#await(this.#events | WRITABLE);
  }

  #keep(chunk: Buffer): void {
    this.#unsent.push(chunk);
    this.#unsentBytes += chunk.length;
  }

  onWritable(): void {
    const waiting = this.#unsent.slice(this.#head, this.#head + CHUNKS_A_SEND);
    let sent = this.#share.sockets.send(this.#socket, waiting);
    if (sent < 0) {
      this.#onSendError(-sent, waiting);
      return;
    }
    this.#sentBytes += sent;
    this.#unsentBytes -= sent;
    if (this.#unsentBytes === 0) {
      this.#unsent = [];
      this.#head = 0;
      this.#await(this.#events & ~WRITABLE);
      this.#owner.onDrained(this.#connection!);
      return;
    }
    while (sent >= this.#unsent[this.#head]!.length) sent -= this.#unsent[this.#head++]!.length;
    if (sent > 0) this.#unsent[this.#head] = this.#unsent[this.#head]!.subarray(sent);
    if (this.#head > this.#unsent.length / 2) {
      this.#unsent = this.#unsent.slice(this.#head);
      this.#head = 0;
    }
  }

  #onSendError(errno: number, chunks: readonly Buffer[]): void {
    if (errno === constants.errno.EFAULT) this.#share.onUnreadable(chunks);
    this.#break();
  }

  /** The connection learns it later: it may be in the middle of writing. */
  #break(): void {
    if (this.#isBroken) return;
    this.#silence();
    this.#share.closing.push({ close: () => this.destroy() });
  }

  /** Drops what is unsent, as Kafka does when it closes. */
  #silence(): void {
    this.#isBroken = true;
    this.#unsent = [];
    this.#unsentBytes = 0;
    this.#await(0);
  }

  bufferedBytes(): number {
    return this.#unsentBytes;
  }

  takenBytes(): number {
    return this.#sentBytes;
  }

  pause(): void {
    if (!this.#isBroken) this.#await(this.#events & ~READABLE);
  }

  resume(): void {
    if (!this.#isBroken) this.#await(this.#events | READABLE);
  }

  #await(events: number): void {
    if (events === this.#events) return;
    this.#events = events;
    if (this.#share.sockets.awaitEvents(this.#socket, events) < 0) this.#break();
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    if (!this.#isBroken) this.#silence();
    this.#isDestroyed = true;
    this.#connection!.onClosed();
    this.#share.closing.push(this);
  }

  close(): void {
    this.#share.sockets.close(this.#socket);
    this.#owner.onGone(this.remoteAddress);
  }
}

/** An IPv4 client on a dual-stack listener comes as ::ffff:a.b.c.d; people write a.b.c.d. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
