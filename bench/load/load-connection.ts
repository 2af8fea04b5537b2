/**
 * One TCP connection that costs as little as node:net allows: the kernel writes straight into one
 * receive buffer, in which whole frames are then visited in place.
 *
 *   receive buffer   | read frames | frame being received ... | room for the kernel |
 *                    0             #start                      #filled            length
 */
import { connect, type Socket } from 'node:net';

/** A frame lies at [at, end) without its size prefix and is gone when the call returns. */
export type OnFrame = (bytes: Buffer, at: number, end: number) => void;

const ignore = (): void => {};

export class LoadConnection {
  readonly socket: Socket;
  onFrame: OnFrame = ignore;
  /** After all the frames of one read: the moment to send what they made room for. */
  onReadDone: () => void = ignore;
  onClosed: (reason: string) => void = ignore;
  #bytes: Buffer;
  #start = 0;
  #filled = 0;
  #closing = false;

  private constructor(host: string, port: number, receiveBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(receiveBytes);
    const onread = {
      buffer: () => (this.#filled === 0 ? this.#bytes : this.#bytes.subarray(this.#filled)),
      callback: (received: number) => this.#received(received),
    };
    this.socket = connect({ host, port, noDelay: true, onread });
  }

  static open(host: string, port: number, receiveBytes = 65536): Promise<LoadConnection> {
    const connection = new LoadConnection(host, port, receiveBytes);
    const { socket } = connection;
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        connection.#watch();
        resolve(connection);
      });
    });
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
    let start = this.#start;
    const filled = this.#filled;
    while (filled - start >= 4) {
      const size = this.#bytes.readInt32BE(start);
      const end = start + 4 + size;
      if (end > filled) break;
      this.onFrame(this.#bytes, start + 4, end);
      start = end;
    }
    this.#start = start;
    this.#makeRoom();
    this.onReadDone();
    return true;
  }

  /** Leaves at least the rest of the frame that has begun to come in as room for the kernel. */
  #makeRoom(): void {
    const pending = this.#filled - this.#start;
    if (pending === 0) {
      this.#start = 0;
      this.#filled = 0;
      return;
    }
    const needed = pending < 4 ? 4096 : 4 + this.#bytes.readInt32BE(this.#start);
    if (this.#start + needed < this.#bytes.length) return;
    const target =
      needed < this.#bytes.length ? this.#bytes : Buffer.allocUnsafeSlow(needed + 65536);
    this.#bytes.copy(target, 0, this.#start, this.#filled);
    this.#bytes = target;
    this.#start = 0;
    this.#filled = pending;
  }
}
