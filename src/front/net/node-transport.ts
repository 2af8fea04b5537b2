import type { Socket } from 'node:net';
import { READ_BYTES_MAX } from '../../base/turn-memory.ts';
import { LogReader } from '../../log/log-reader.ts';
import type { Connection } from './connection.ts';
import type { GatheredReads, ReadTaker } from './gathered-reads.ts';
import { plainAddress } from './tcp-transport.ts';
import type { Transport } from './transport.ts';

/**
 * So much is given to a socket at once, and the next when it was taken: Node tells of a write only
 * when the peer took all of it, and a slow peer must be seen to read.
 */
const WRITE_BYTES = 128 * 1024;
/**
 * The same over TLS: ten of its records. Node hands so many to the socket at once, and goes on in
 * the next turn of the event loop. With eight a fetch of 1 MB takes a fifth more of the processor.
 */
const SECURED_WRITE_BYTES = 160 * 1024;
/** The most for a peer whose socket took the writes before this one at once: it is not slow. */
const FAST_WRITE_BYTES = 1024 * 1024;
/** What is not more than this leaves as one piece: each piece costs Node as much as a copy. */
const SMALL_WRITE_BYTES = 16 * 1024;

/** Hears what happens to one socket. */
export interface NodeSocketOwner {
  /** The first bytes of the peer: answers with the connection that takes them. */
  onFirstBytes(transport: NodeTransport): Connection;
  /** The peer has read all that was sent to it. */
  onDrained(connection: Connection): void;
  /** The peer has ended or failed: `destroy` is to be called in a turn that has time for it. */
  onEnded(transport: NodeTransport): void;
  /** The descriptor is free again. */
  onGone(transport: NodeTransport): void;
  now(): number;
}

/** Kafka over a socket of node:net, or one with the same methods. */
export class NodeTransport implements Transport, ReadTaker {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly listenerName: string;
  readonly #socket: Socket;
  readonly #owner: NodeSocketOwner;
  /** Null where each read is handled by itself. */
  readonly #reads: GatheredReads | null;
  /** Pieces that came in this turn. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #connection: Connection | null = null;
  /** Chunks that the socket was not given yet, from `#head` on. */
  #waiting: Buffer[] = [];
  #head = 0;
  #unsentBytes = 0;
  #sentBytes = 0;
  /** How much the next write may be. */
  #writeBytes: number;
  /** Bytes that the socket was given and has not taken. */
  #givenBytes = 0;
  /** Chunks that it was given to their ends. */
  readonly #given: Buffer[] = [];
  /** Somebody saw unsent bytes, and may wait until they are taken. */
  #isAwaited = false;
  #isBroken = false;
  #isDestroyed = false;
  readonly #onTaken = (error?: Error | null): void => this.#taken(error ?? null);

  constructor(
    socket: Socket,
    listenerName: string,
    owner: NodeSocketOwner,
    reads: GatheredReads | null = null,
  ) {
    this.#socket = socket;
    this.#owner = owner;
    this.#reads = reads;
    this.#writeBytes = reads === null ? WRITE_BYTES : SECURED_WRITE_BYTES;
    this.listenerName = listenerName;
    this.remoteAddress = plainAddress(socket.remoteAddress);
    this.remotePort = socket.remotePort ?? 0;
    this.localAddress = plainAddress(socket.localAddress);
    this.localPort = socket.localPort ?? 0;
    socket.on('data', (bytes: Buffer) => this.#onBytes(bytes));
    const end = (): void => {
      // What came before its end is served.
      this.takeReads();
      this.#break();
    };
    socket.on('end', end);
    socket.on('error', end);
    socket.on('close', () => this.#onClose());
  }

  #onBytes(bytes: Buffer): void {
    if (this.#isBroken) return;
    const { length } = bytes;
    if (this.#pieceBytes + length > READ_BYTES_MAX) this.takeReads();
    if (this.#reads === null || length > READ_BYTES_MAX) {
      this.#feed(bytes, 0, length);
      return;
    }
    if (this.#pieceBytes === 0) this.#reads.await(this);
    this.#pieces.push(bytes);
    this.#pieceBytes += length;
  }

  /** The turn is over, or too much has come in it. */
  takeReads(): void {
    const size = this.#pieceBytes;
    if (size === 0) return;
    const start = this.#reads!.put(this.#pieces, size);
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#feed(this.#reads!.bytes, start, start + size);
  }

  #feed(bytes: Buffer, start: number, end: number): void {
    if (this.#isBroken) return;
    this.#connection ??= this.#owner.onFirstBytes(this);
    this.#connection.onBytes(bytes, start, end, this.#owner.now());
  }

  write(chunks: readonly Buffer[]): void {
    if (this.#isBroken) return;
    for (let i = 0; i < chunks.length; i++) {
      this.#waiting.push(chunks[i]!);
      this.#unsentBytes += chunks[i]!.length;
    }
    if (this.#givenBytes === 0) this.#give();
  }

  #give(): void {
    if (this.#unsentBytes <= SMALL_WRITE_BYTES) this.#giveAll();
    else this.#giveSome();
  }

  #giveAll(): void {
    const chunks = this.#head === 0 ? this.#waiting : this.#waiting.slice(this.#head);
    for (let i = 0; i < chunks.length; i++) this.#given.push(chunks[i]!);
    this.#waiting = [];
    this.#head = 0;
    this.#givenBytes = this.#unsentBytes;
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, this.#unsentBytes);
    this.#socket.write(all, this.#onTaken);
  }

  #giveSome(): void {
    const most = this.#writeBytes;
    const parts = this.#partsOf(most);
    if (this.#reads === null) {
      this.#writeTogether(parts);
      const isTakenAtOnce = this.#socket.writableLength === 0;
      this.#writeBytes = isTakenAtOnce ? Math.min(2 * most, FAST_WRITE_BYTES) : WRITE_BYTES;
    } else {
      this.#writeApart(parts);
    }
    if (this.#head === this.#waiting.length) {
      this.#waiting = [];
      this.#head = 0;
    }
  }

  /** Takes what waits, in order, up to so many bytes. */
  #partsOf(most: number): Buffer[] {
    const waiting = this.#waiting;
    const parts: Buffer[] = [];
    let room = most;
    while (room > 0 && this.#head < waiting.length) {
      const chunk = waiting[this.#head]!;
      const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
      if (part === chunk) {
        this.#given.push(chunk);
        this.#head++;
      } else waiting[this.#head] = chunk.subarray(room);
      room -= part.length;
      parts.push(part);
    }
    this.#givenBytes = most - room;
    return parts;
  }

  #writeTogether(parts: readonly Buffer[]): void {
    const last = parts.length - 1;
    this.#socket.cork();
    for (let i = 0; i < last; i++) this.#socket.write(parts[i]!);
    this.#socket.write(parts[last]!, this.#onTaken);
    this.#socket.uncork();
  }

  /** What is written together Node copies before TLS takes it. So records are written alone. */
  #writeApart(parts: readonly Buffer[]): void {
    for (let next = 0; next < parts.length; ) {
      const from = next++;
      if (isSmall(parts[from]!)) while (next < parts.length && isSmall(parts[next]!)) next++;
      const run = parts.slice(from, next);
      const whole = run.length === 1 ? run[0]! : Buffer.concat(run);
      if (next < parts.length) this.#socket.write(whole);
      else this.#socket.write(whole, this.#onTaken);
    }
  }

  #taken(error: Error | null): void {
    if (this.#isBroken) return;
    if (error !== null) {
      this.#break();
      return;
    }
    this.#sentBytes += this.#givenBytes;
    this.#unsentBytes -= this.#givenBytes;
    this.#givenBytes = 0;
    for (let i = 0; i < this.#given.length; i++) LogReader.giveBack(this.#given[i]!);
    this.#given.length = 0;
    if (this.#unsentBytes > 0) this.#give();
    else if (this.#isAwaited) this.#tellDrained();
  }

  #tellDrained(): void {
    this.#isAwaited = false;
    if (this.#connection !== null) this.#owner.onDrained(this.#connection);
  }

  bufferedBytes(): number {
    if (this.#unsentBytes > 0) this.#isAwaited = true;
    return this.#unsentBytes;
  }

  takenBytes(): number {
    return this.#sentBytes;
  }

  pause(): void {
    if (!this.#isBroken) this.#socket.pause();
  }

  resume(): void {
    if (!this.#isBroken) this.#socket.resume();
  }

  /** The connection learns it later: it may be in the middle of writing. */
  #break(): void {
    if (this.#isBroken) return;
    this.#silence();
    this.#owner.onEnded(this);
  }

  /** Drops what is unsent, as Kafka does when it closes. */
  #silence(): void {
    this.#isBroken = true;
    this.#waiting = [];
    this.#given.length = 0;
    this.#head = 0;
    this.#unsentBytes = 0;
    this.#pieces = [];
    this.#pieceBytes = 0;
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#silence();
    this.#isDestroyed = true;
    this.#connection?.onClosed();
    this.#socket.destroy();
  }

  #onClose(): void {
    this.destroy();
    this.#owner.onGone(this);
  }
}

function isSmall({ length }: Buffer): boolean {
  return length <= SMALL_WRITE_BYTES;
}
