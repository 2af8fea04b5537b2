import type { Socket } from 'node:net';
import { type BrokerAddress, formatAddress } from '../broker-address.ts';
import type { OpenTransport, Transport, TransportEvents } from '../net/transport.ts';

/** A request and its answer, as they passed over the wire. */
export interface WatchedRequest {
  readonly broker: string;
  readonly clientId: string;
  readonly correlationId: number;
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly sentAt: number;
  readonly size: number;
  readonly duration: number;
}

export interface TransportWatcher {
  onSent(address: BrokerAddress, apiKey: number): void;
  onAnswered(address: BrokerAddress, request: WatchedRequest): void;
  /** The connection ended before its answer. */
  onUnanswered(address: BrokerAddress, request: WatchedRequest): void;
  onQueueSize(broker: string, clientId: string, queueSize: number): void;
}

interface Sent {
  readonly correlationId: number;
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly sentAt: number;
}

const LENGTH_BYTES = 4;
const HEADER_BYTES = LENGTH_BYTES + 8;

/** Follows the frames in a stream of chunks: gives the first bytes of each and its size. */
class FrameFollower {
  readonly #headBytes: number;
  readonly #onFrame: (head: Buffer, size: number) => void;
  readonly #head: Buffer;
  #filled = 0;
  #left = 0;

  constructor(headBytes: number, onFrame: (head: Buffer, size: number) => void) {
    this.#headBytes = headBytes;
    this.#onFrame = onFrame;
    this.#head = Buffer.alloc(headBytes);
  }

  feed(bytes: Uint8Array, length: number): void {
    let at = 0;
    while (at < length) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, length - at);
        this.#left -= skipped;
        at += skipped;
        continue;
      }
      this.#head[this.#filled++] = bytes[at++]!;
      if (this.#filled < this.#headBytes) continue;
      const size = this.#head.readInt32BE(0);
      this.#left = Math.max(size + LENGTH_BYTES - this.#headBytes, 0);
      this.#filled = 0;
      this.#onFrame(this.#head, size);
    }
  }
}

export interface WatchOptions {
  readonly clientId: string;
  /** For how long a connection may take to open. */
  readonly connectMs: number;
  readonly watcher: TransportWatcher;
}

/** The same transport, with a watcher that is told of each request and answer. */
export function watchedTransport(
  open: OpenTransport,
  { clientId, connectMs, watcher }: WatchOptions,
): OpenTransport {
  return (address, events) => {
    const broker = formatAddress(address);
    const pending = new Map<number, Sent>();
    let late: Error | null = null;
    const told = (sent: Sent, size: number): WatchedRequest => {
      return { broker, clientId, ...sent, size, duration: Date.now() - sent.sentAt };
    };
    const requests = new FrameFollower(HEADER_BYTES, (head) => {
      const apiKey = head.readInt16BE(LENGTH_BYTES);
      const apiVersion = head.readInt16BE(LENGTH_BYTES + 2);
      const correlationId = head.readInt32BE(LENGTH_BYTES + 4);
      pending.set(correlationId, { correlationId, apiKey, apiVersion, sentAt: Date.now() });
      watcher.onSent(address, apiKey);
      watcher.onQueueSize(broker, clientId, pending.size);
    });
    const answers = new FrameFollower(LENGTH_BYTES + 4, (head, size) => {
      const correlationId = head.readInt32BE(LENGTH_BYTES);
      const sent = pending.get(correlationId);
      if (sent === undefined) return;
      // Requests without an answer (acks=0) lie before it.
      for (const id of pending.keys()) {
        pending.delete(id);
        if (id === correlationId) break;
      }
      watcher.onAnswered(address, told(sent, size));
      watcher.onQueueSize(broker, clientId, pending.size);
    });
    const watched: TransportEvents = {
      onOpen: () => {
        clearTimeout(timer);
        events.onOpen();
      },
      target: () => events.target(),
      onBytes: (target, length) => {
        answers.feed(target, length);
        events.onBytes(target, length);
      },
      onClosed: (cause) => {
        for (const sent of pending.values()) watcher.onUnanswered(address, told(sent, 0));
        pending.clear();
        clearTimeout(timer);
        events.onClosed(cause ?? late);
      },
    };
    const transport = open(address, watched);
    const timer = setTimeout(() => {
      late = new Error(`Connection timeout after ${connectMs} ms`);
      transport.destroy();
    }, connectMs);
    return {
      write: (bytes, onTaken) => {
        requests.feed(bytes, bytes.length);
        if (onTaken === undefined) transport.write(bytes);
        else transport.write(bytes, onTaken);
      },
      flush: () => transport.flush(),
      get queuedBytes() {
        return transport.queuedBytes;
      },
      destroy: () => transport.destroy(),
    };
  };
}

/** A transport over a socket that somebody else made. */
export function socketTransport(
  connect: (onConnect: () => void) => Socket,
  events: TransportEvents,
): Transport {
  let cause: unknown = null;
  const socket = connect(() => events.onOpen());
  socket.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; ) {
      const target = events.target();
      const length = Math.min(target.length, bytes.length - at);
      target.set(bytes.subarray(at, at + length));
      events.onBytes(target, length);
      at += length;
    }
  });
  socket.on('error', (error) => {
    cause = error;
  });
  socket.on('end', () => socket.destroy());
  socket.once('close', () => events.onClosed(cause));
  return {
    write: (bytes, onTaken) => {
      if (onTaken === undefined) socket.write(bytes);
      else socket.write(bytes, () => onTaken());
    },
    flush: () => undefined,
    get queuedBytes() {
      return socket.writableLength;
    },
    destroy: () => {
      socket.destroy();
    },
  };
}
