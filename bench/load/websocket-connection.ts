/**
 * A WebSocket client as cheap as the rest of the load generator: frames are visited in place in the
 * receive buffer. It masks with a key of zeros, which leaves the payload as it is.
 *
 *   frame from a server: FIN and opcode | length 7 bits (126: + 16 bits, 127: + 64 bits) | payload
 */
import { LoadConnection } from './load-connection.ts';
import { LoadError } from './load-error.ts';

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const MASKED = 0x80;
const FINAL = 0x80;
const HEAD_END = Buffer.from('\r\n\r\n');

/** A message's payload lies at [at, end) and is gone when the call returns. */
export type OnMessage = (bytes: Buffer, at: number, end: number) => void;

export interface WebSocketAddress {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Empty: none is asked for. */
  readonly subprotocol: string;
}

function payloadStart(bytes: Buffer, at: number): number {
  const short = bytes[at + 1]! & 0x7f;
  if (short < 126) return at + 2;
  return short === 126 ? at + 4 : at + 10;
}

function frameBytes(bytes: Buffer, at: number, filled: number): number {
  if (filled - at < 2) return 0;
  const short = bytes[at + 1]! & 0x7f;
  if (short < 126) return 2 + short;
  if (short === 126) return filled - at < 4 ? 0 : 4 + bytes.readUInt16BE(at + 2);
  return filled - at < 10 ? 0 : 10 + Number(bytes.readBigUInt64BE(at + 2));
}

/** A client's frame around a payload, ready to be sent again and again. */
export function clientFrame(payload: Uint8Array, binary: boolean): Buffer {
  return frame(binary ? BINARY : TEXT, payload);
}

function frame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extra + 4);
  head[0] = FINAL | opcode;
  head[1] = MASKED | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) head.writeUInt16BE(length, 2);
  if (extra === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

export class WebSocketConnection {
  onMessage: OnMessage = () => {};
  onClosed: (reason: string) => void = () => {};
  readonly #connection: LoadConnection;

  private constructor(connection: LoadConnection) {
    this.#connection = connection;
    connection.onFrame = (bytes, at, end) => this.#framed(bytes, at, end);
    connection.onClosed = (reason) => this.onClosed(reason);
  }

  static async open(address: WebSocketAddress, receiveBytes: number): Promise<WebSocketConnection> {
    const { host, port, path, subprotocol } = address;
    let upgraded = false;
    const measure = (bytes: Buffer, at: number, filled: number): number => {
      if (upgraded) return frameBytes(bytes, at, filled);
      const end = bytes.subarray(at, filled).indexOf(HEAD_END);
      return end < 0 ? 0 : end + HEAD_END.length;
    };
    const framing = { measure, prefixBytes: 0 };
    const connection = await LoadConnection.open(host, port, receiveBytes, framing);
    const wanted = subprotocol === '' ? '' : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
    const opened = new Promise<WebSocketConnection>((resolve, reject) => {
      connection.onClosed = (reason) => reject(new LoadError(`WebSocket: ${reason}`));
      connection.onFrame = (bytes, at, end) => {
        const head = bytes.toString('latin1', at, end);
        if (!head.startsWith('HTTP/1.1 101')) reject(new LoadError(`no WebSocket: ${head}`));
        upgraded = true;
        resolve(new WebSocketConnection(connection));
      };
    });
    connection.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\n` +
        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        `Sec-WebSocket-Key: bWlsbHJhY2UtYmVuY2gtMQ==\r\n${wanted}\r\n`,
    );
    return opened;
  }

  sendText(text: string): void {
    this.send(clientFrame(Buffer.from(text), false));
  }

  /** A frame made by `clientFrame`. */
  send(whole: Buffer): void {
    this.#connection.socket.write(whole);
  }

  close(): void {
    this.#connection.close();
  }

  #framed(bytes: Buffer, at: number, end: number): void {
    const opcode = bytes[at]! & 0x0f;
    const from = payloadStart(bytes, at);
    if (opcode === PING) {
      this.send(frame(PONG, bytes.subarray(from, end)));
    } else if (opcode === CLOSE) {
      this.onClosed(`closed: ${bytes.toString('utf8', Math.min(from + 2, end), end)}`);
      this.close();
    } else if (opcode <= BINARY) {
      this.onMessage(bytes, from, end);
    }
  }
}
