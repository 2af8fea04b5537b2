/**
 * One TCP connection that costs as little as node:net allows: the kernel writes straight into one
 * receive buffer, in which whole frames are then visited in place.
 *
 *   receive buffer   | read frames | frame being received ... | room for the kernel |
 *                    0             #start                      #filled            length
 */
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectSecured } from 'node:tls';
import { type LoadSecurity, NO_SECURITY } from './load-security.ts';
import { logIn } from './scram-login.ts';

/** How a byte stream is cut into frames. */
export interface Framing {
  /** Bytes of the whole frame that begins at `at`; 0 while too little is here to tell. */
  measure(bytes: Buffer, at: number, filled: number): number;
  /** What stands in front of a frame and is not shown. */
  readonly prefixBytes: number;
}

/** Kafka's: the length in four bytes, then that many bytes. */
const KAFKA_FRAMING: Framing = {
  measure: (bytes, at, filled) => (filled - at < 4 ? 0 : 4 + bytes.readInt32BE(at)),
  prefixBytes: 4,
};

/** A frame lies at [at, end) without its prefix and is gone when the call returns. */
export type OnFrame = (bytes: Buffer, at: number, end: number) => void;

const SMALLEST_ROOM_BYTES = 4096;

const ignore = (): void => {};

export class LoadConnection {
  /** Of all connections of this process: one run speaks to one listener. */
  static security: LoadSecurity = NO_SECURITY;
  readonly socket: Socket;
  onFrame: OnFrame = ignore;
  /** After all the frames of one read: the moment to send what they made room for. */
  onReadDone: () => void = ignore;
  onClosed: (reason: string) => void = ignore;
  readonly #framing: Framing;
  #bytes: Buffer;
  #start = 0;
  #filled = 0;
  #closing = false;

  private constructor(host: string, port: number, receiveBytes: number, framing: Framing) {
    this.#framing = framing;
    this.#bytes = Buffer.allocUnsafeSlow(receiveBytes);
    const onread = {
      buffer: () => (this.#filled === 0 ? this.#bytes : this.#bytes.subarray(this.#filled)),
      callback: (received: number) => this.#received(received),
    };
    const { ca } = LoadConnection.security;
    this.socket =
      ca === null
        ? connect({ host, port, noDelay: true, onread })
        : connectSecured({ host, port, ca, servername: 'localhost', onread } as ConnectionOptions);
  }

  static async open(
    host: string,
    port: number,
    receiveBytes = 65536,
    framing: Framing = KAFKA_FRAMING,
  ): Promise<LoadConnection> {
    const connection = new LoadConnection(host, port, receiveBytes, framing);
    const { socket } = connection;
    const { ca, login } = LoadConnection.security;
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once(ca === null ? 'connect' : 'secureConnect', () => {
        socket.off('error', reject);
        socket.setNoDelay(true);
        connection.#watch();
        resolve();
      });
    });
    if (login !== null) await logIn(connection, login);
    return connection;
  }

  close(): void {
    this.#closing = true;
    this.socket.destroy();
  }

  #watch(): void {
    const { socket } = this;
    let reason = 'the broker closed the connection';
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      if (!this.#closing) this.onClosed(reason);
    });
  }

  #received(received: number): boolean {
    this.#filled += received;
    const { prefixBytes } = this.#framing;
    const filled = this.#filled;
    let start = this.#start;
    let size = 0;
    while (start < filled) {
      size = this.#framing.measure(this.#bytes, start, filled);
      if (size === 0 || start + size > filled) break;
      this.onFrame(this.#bytes, start + prefixBytes, start + size);
      start += size;
    }
    this.#start = start;
    this.#makeRoom(size);
    this.onReadDone();
    return true;
  }

  /** Leaves at least the rest of the frame that has begun to come in as room for the kernel. */
  #makeRoom(frameBytes: number): void {
    const pending = this.#filled - this.#start;
    if (pending === 0) {
      this.#start = 0;
      this.#filled = 0;
      return;
    }
    const needed = Math.max(frameBytes, pending + SMALLEST_ROOM_BYTES);
    if (this.#start + needed <= this.#bytes.length) return;
    const target =
      needed <= this.#bytes.length ? this.#bytes : Buffer.allocUnsafeSlow(needed + 65536);
    this.#bytes.copy(target, 0, this.#start, this.#filled);
    this.#bytes = target;
    this.#start = 0;
    this.#filled = pending;
  }
}
