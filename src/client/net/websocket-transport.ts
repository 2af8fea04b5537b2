import { bytesOf } from './chunk-bytes.ts';
import type { OpenTransport, Transport, TransportEvents } from './transport.ts';

const SUBPROTOCOL = 'kafka';
/** Far below what a gateway takes as one message (`millrace.websocket.max.frame.bytes`). */
const MESSAGE_BYTES_MAX = 64 * 1024;

/** The part of a browser's WebSocket that is used; Node has the same from version 22 on. */
interface Socket {
  binaryType: string;
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(bytes: Uint8Array): void;
  close(): void;
}

type SocketClass = new (url: string, subprotocol: string) => Socket;

const NORMAL = 1000;

/**
 * The gateway's subprotocol `kafka`: the same bytes in binary messages. All brokers are reached
 * through the one URL.
 */
export function webSocketOpener(url: string, Class?: SocketClass): OpenTransport {
  return (_address, events) => {
    const Chosen = Class ?? (globalThis as { WebSocket?: SocketClass }).WebSocket;
    if (Chosen === undefined) throw new TypeError('this runtime has no WebSocket');
    return new WebSocketTransport(new Chosen(url, SUBPROTOCOL), events);
  };
}

class WebSocketTransport implements Transport {
  readonly #socket: Socket;
  /** What was written since the last flush: it leaves together, in few messages. */
  #written: Uint8Array[] = [];
  #taken: (() => void)[] = [];

  constructor(socket: Socket, events: TransportEvents) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => events.onOpen();
    socket.onmessage = ({ data }) => feed(events, new Uint8Array(data as ArrayBuffer));
    socket.onerror = () => undefined;
    socket.onclose = ({ code, reason }) => {
      const cause = code === NORMAL ? null : new Error(reason === '' ? `code ${code}` : reason);
      events.onClosed(cause);
    };
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount + bytesOf(this.#written);
  }

  write(bytes: Uint8Array, onTaken?: () => void): void {
    this.#written.push(bytes);
    if (onTaken !== undefined) this.#taken.push(onTaken);
  }

  flush(): void {
    const written = this.#written;
    const taken = this.#taken;
    this.#written = [];
    this.#taken = [];
    for (const message of messagesOf(written)) this.#socket.send(message);
    for (const onTaken of taken) queueMicrotask(onTaken);
  }

  destroy(): void {
    this.#socket.close();
  }
}

/** The same bytes, cut where a message would become too long. */
function* messagesOf(chunks: readonly Uint8Array[]): Generator<Uint8Array> {
  let left = bytesOf(chunks);
  let message = new Uint8Array(Math.min(left, MESSAGE_BYTES_MAX));
  let length = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const size = Math.min(chunk.length - at, message.length - length);
      message.set(chunk.subarray(at, at + size), length);
      at += size;
      length += size;
      if (length < message.length) continue;
      yield message;
      left -= length;
      message = new Uint8Array(Math.min(left, MESSAGE_BYTES_MAX));
      length = 0;
    }
  }
}

/** A message is copied to where the connection wants its bytes, in as many steps as it takes. */
function feed(events: TransportEvents, message: Uint8Array): void {
  for (let at = 0; at < message.length; ) {
    const target = events.target();
    const length = Math.min(target.length, message.length - at);
    target.set(message.subarray(at, at + length));
    events.onBytes(target, length);
    at += length;
  }
}
