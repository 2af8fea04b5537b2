import type { Socket } from 'node:net';
import { type EngineSocket, SEND_STATUS } from '../engine-socket.ts';
import type { SocketHost, SocketOffer } from '../socket-host.ts';
import { headBytes, OPCODE, writeHead } from './frame-head.ts';
import type { FrameScratch } from './frame-scratch.ts';
import { MessageReader, type MessageTaker } from './message-reader.ts';

/**
 * So many bytes are given to the system at a time. What it has taken is known after each such piece
 * only.
 */
const PIECE_BYTES = 512 * 1024;
/** A peer that was sent a close frame has so long to read it and to close its side. */
const CLOSING_MS = 10_000;
const NOTHING = Buffer.alloc(0);

/** A WebSocket on a socket of `node:net` that HTTP has let go of. */
export class NodeSocket<Session> implements EngineSocket, MessageTaker {
  readonly #socket: Socket;
  readonly #host: SocketHost<Session>;
  readonly #scratch: FrameScratch;
  readonly #reader: MessageReader;
  readonly #session: Session;
  /** Frames and parts of them that come after what the system is writing. */
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #isWriting = false;
  #isCorked = false;
  /** The host was told of the end. */
  #isClosed = false;
  #closingTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, host: SocketHost<Session>, scratch: FrameScratch) {
    this.#socket = socket;
    this.#host = host;
    this.#scratch = scratch;
    this.#reader = new MessageReader(host.frameBytesMax, this);
    this.#session = host.createSession(this, socket.remoteAddress ?? '');
  }

  open(offer: SocketOffer, head: Buffer): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => this.#reader.feed(chunk));
    socket.on('error', () => this.close());
    // A peer that ends its side without a close frame is gone.
    socket.on('end', () => this.close());
    socket.on('close', () => {
      clearTimeout(this.#closingTimer);
      this.close();
    });
    this.#host.onOpen(this.#session, offer);
    if (head.length > 0) this.#reader.feed(head);
  }

  send(message: string | Uint8Array, isBinary: boolean): number {
    if (this.#isClosed || this.getBufferedAmount() > this.#host.unreadBytesMax) {
      return SEND_STATUS.DROPPED;
    }
    return this.#sendFrame(isBinary ? OPCODE.BINARY : OPCODE.TEXT, message);
  }

  #sendFrame(opcode: number, message: string | Uint8Array): number {
    const length = typeof message === 'string' ? Buffer.byteLength(message) : message.length;
    const size = headBytes(length) + length;
    if (this.#isCorked || this.#isWriting) {
      this.#enqueue(fill(Buffer.allocUnsafe(size), opcode, message, length));
      return this.#isCorked ? SEND_STATUS.SENT : SEND_STATUS.WAITS;
    }
    const frame = fill(this.#scratch.take(size), opcode, message, length);
    this.#write(frame);
    if (!this.#isWriting) return SEND_STATUS.SENT;
    this.#scratch.giveAway();
    return SEND_STATUS.WAITS;
  }

  #enqueue(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
  }

  /** Gives the system as much as it takes at once. The rest comes first in the queue. */
  #write(bytes: Buffer): void {
    const socket = this.#socket;
    let at = 0;
    while (at < bytes.length && !this.#isWriting) {
      const end = Math.min(bytes.length, at + PIECE_BYTES);
      socket.write(
        at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end),
        this.#onWritten,
      );
      this.#isWriting = socket.writableLength > 0;
      at = end;
    }
    if (at === bytes.length) return;
    this.#queue.unshift(bytes.subarray(at));
    this.#queuedBytes += bytes.length - at;
  }

  /** Comes for each write, also in the next turn for one that the system took at once. */
  readonly #onWritten = (): void => {
    if (!this.#isWriting || this.#socket.writableLength > 0) return;
    this.#isWriting = false;
    this.#flush();
    if (!this.#isClosed) this.#host.onDrain(this.#session);
  };

  #flush(): void {
    while (this.#queue.length > 0 && !this.#isWriting) this.#write(this.#nextPiece());
    if (this.#isClosed && !this.#isWriting) this.#socket.end();
  }

  /** Small frames that wait leave together. */
  #nextPiece(): Buffer {
    const queue = this.#queue;
    let bytes = 0;
    let count = 0;
    while (count < queue.length && (count === 0 || bytes + queue[count]!.length <= PIECE_BYTES)) {
      bytes += queue[count]!.length;
      count++;
    }
    const taken = queue.splice(0, count);
    this.#queuedBytes -= bytes;
    return count === 1 ? taken[0]! : Buffer.concat(taken, bytes);
  }

  getBufferedAmount(): number {
    return this.#queuedBytes + this.#socket.writableLength;
  }

  cork(write: () => void): void {
    this.#isCorked = true;
    try {
      write();
    } finally {
      this.#isCorked = false;
    }
    if (!this.#isWriting) this.#flush();
  }

  ping(): void {
    if (!this.#isClosed) this.#sendFrame(OPCODE.PING, NOTHING);
  }

  end(code: number, reason: string): void {
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code, 0);
    payload.write(reason, 2);
    this.#end(payload);
  }

  #end(closePayload: Buffer): void {
    if (this.#isClosed) return;
    this.#sendFrame(OPCODE.CLOSE, closePayload);
    this.#leave();
    this.#closingTimer = setTimeout(() => this.#socket.destroy(), CLOSING_MS);
    this.#closingTimer.unref();
    if (!this.#isCorked && !this.#isWriting) this.#flush();
  }

  close(): void {
    this.#socket.destroy();
    this.#queue = [];
    this.#queuedBytes = 0;
    if (!this.#isClosed) this.#leave();
  }

  #leave(): void {
    this.#isClosed = true;
    this.#reader.stop();
    this.#host.onClosed(this.#session);
  }

  onMessage(bytes: ArrayBuffer, isBinary: boolean): void {
    this.#host.onMessage(this.#session, bytes, isBinary);
  }

  onPing(payload: Buffer): void {
    if (this.getBufferedAmount() > this.#host.unreadBytesMax) return;
    this.#sendFrame(OPCODE.PONG, payload);
  }

  onPong(): void {
    this.#host.onPong(this.#session);
  }

  /** Answers with the client's own status code. */
  onClose(payload: Buffer): void {
    this.#end(payload.subarray(0, 2));
  }

  onViolation(): void {
    this.close();
  }
}

function fill(frame: Buffer, opcode: number, message: string | Uint8Array, length: number): Buffer {
  writeHead(frame, opcode, length);
  const at = frame.length - length;
  if (typeof message === 'string') frame.write(message, at);
  else frame.set(message, at);
  return frame;
}
