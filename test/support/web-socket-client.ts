import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { type RequestOptions, request as requestSecurely } from 'node:https';
import type { Socket } from 'node:net';

export interface Closed {
  readonly status: number;
  readonly reason: string;
}

type Json = Record<string, unknown>;

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
/** The code that stands for a close frame without a code. */
const NO_STATUS = 1005;

/** A small WebSocket client. It keeps what it receives until a test asks for it. */
export class WebSocketClient {
  readonly socket: Socket;
  readonly subprotocol: string;
  readonly closed: Promise<Closed>;
  #bytes: Buffer = Buffer.alloc(0);
  #texts: Json[] = [];
  #frames: Buffer[] = [];
  #wake: (() => void)[] = [];
  #onClosed: (closed: Closed) => void = () => {};
  #isClosed = false;
  #nextId = 1;

  private constructor(socket: Socket, subprotocol: string, head: Buffer) {
    this.socket = socket;
    this.subprotocol = subprotocol;
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#isClosed = true;
      this.#onClosed({ status: 1006, reason: '' });
      this.#wakeAll();
    });
    this.#onData(head);
  }

  /** Rejects with the status and body if the broker refuses. */
  static open(
    url: string,
    subprotocol = '',
    headers: Json = {},
    tls: RequestOptions = {},
  ): Promise<WebSocketClient> {
    return new Promise((resolve, reject) => {
      const ask = url.startsWith('wss') ? requestSecurely : request;
      const call = ask(url.replace(/^ws/, 'http'), {
        ...tls,
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': randomBytes(16).toString('base64'),
          ...(subprotocol === '' ? {} : { 'sec-websocket-protocol': subprotocol }),
          ...(headers as Record<string, string>),
        },
      });
      call.on('upgrade', (response, socket, head) => {
        const chosen = response.headers['sec-websocket-protocol'] ?? '';
        resolve(new WebSocketClient(socket as Socket, chosen, head));
      });
      call.on('response', (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => reject(new Error(`${response.statusCode} ${body}`)));
      });
      call.on('error', reject);
      call.end();
    });
  }

  #onData(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const bytes = this.#bytes;
      if (bytes.length < 2) break;
      let length = bytes[1]! & 0x7f;
      let at = 2;
      if (length === 126) {
        if (bytes.length < 4) break;
        length = bytes.readUInt16BE(2);
        at = 4;
      } else if (length === 127) {
        if (bytes.length < 10) break;
        length = bytes.readUInt32BE(6);
        at = 10;
      }
      if (bytes.length < at + length) break;
      this.#bytes = bytes.subarray(at + length);
      this.#onFrame(bytes[0]! & 0x0f, bytes.subarray(at, at + length));
    }
    this.#wakeAll();
  }

  #onFrame(opcode: number, payload: Buffer): void {
    if (opcode === TEXT) this.#texts.push(JSON.parse(payload.toString()));
    else if (opcode === BINARY) this.#frames.push(Buffer.from(payload));
    else if (opcode === PING) this.#sendFrame(PONG, payload);
    else if (opcode === CLOSE) {
      const status = payload.length < 2 ? NO_STATUS : payload.readUInt16BE(0);
      this.#onClosed({ status, reason: payload.toString('utf8', 2) });
      this.socket.end();
    }
  }

  #wakeAll(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const one of wake) one();
  }

  #sendFrame(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const size = length < 126 ? 0 : length < 65536 ? 2 : 8;
    const head = Buffer.alloc(2 + size + 4);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (size === 0 ? length : size === 2 ? 126 : 127);
    if (size === 2) head.writeUInt16BE(length, 2);
    if (size === 8) head.writeUInt32BE(length, 6);
    // The mask is zero: allowed, and the payload needs no copy.
    this.socket.write(head);
    this.socket.write(payload);
  }

  sendText(text: string | Buffer): void {
    this.#sendFrame(TEXT, Buffer.from(text as string));
  }

  sendBinary(bytes: Buffer): void {
    this.#sendFrame(BINARY, bytes);
  }

  /** Sends a command and waits for its answer; an error comes back as it is. */
  async ask(command: Json): Promise<Json> {
    const id = command.id ?? `c${this.#nextId++}`;
    this.sendText(JSON.stringify({ id, ...command }));
    return this.next((text) => text.id === id);
  }

  tell(command: Json): void {
    this.sendText(JSON.stringify(command));
  }

  /** Resolves with the first text that fits. Texts before it stay. */
  async next(fits: (text: Json) => boolean): Promise<Json> {
    return this.#wait(() => {
      const place = this.#texts.findIndex(fits);
      return place < 0 ? undefined : this.#texts.splice(place, 1)[0];
    });
  }

  nextFrame(): Promise<Buffer> {
    return this.#wait(() => this.#frames.shift());
  }

  /** The next `count` records of a subscription of millrace.json, in the order of their arrival. */
  async records(sub: number, count: number): Promise<Json[]> {
    const records: Json[] = [];
    while (records.length < count) {
      const frame = await this.next((text) => text.type === 'records' && text.sub === sub);
      records.push(...(frame.records as Json[]));
    }
    return records;
  }

  /** Texts that arrived and were not asked for. */
  get waiting(): readonly Json[] {
    return this.#texts;
  }

  /** Drops the texts that arrived and were not asked for. */
  forget(): void {
    this.#texts = [];
    this.#frames = [];
  }

  async #wait<Found>(find: () => Found | undefined): Promise<Found> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.#isClosed) throw new Error('the socket is closed');
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  close(): void {
    this.socket.destroy();
  }
}
