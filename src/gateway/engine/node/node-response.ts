import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpResponse } from '../http-response.ts';

/** A peer that neither reads what waits for it nor sends the rest of its body is cut after this. */
export const STALLED_MS = 10_000;
const NO_BYTES = new ArrayBuffer(0);

/** A response of `node:http` as a route sees it. */
export class NodeResponse implements HttpResponse {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #stalledMs: number;
  #onAborted: (() => void) | null = null;
  /** It has ended, or the client is gone. */
  #isOver = false;
  #hasBegun = false;

  constructor(request: IncomingMessage, response: ServerResponse, stalledMs: number) {
    this.#request = request;
    this.#response = response;
    this.#stalledMs = stalledMs;
    response.on('close', () => this.#abort());
    // A write to a connection that has just gone.
    response.on('error', () => this.#abort());
  }

  #abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onAborted?.();
  }

  #limitStall(isStalled: boolean): void {
    this.#request.socket.setTimeout(isStalled ? this.#stalledMs : 0);
  }

  writeStatus(status: string): this {
    this.#hasBegun = true;
    const code = Number.parseInt(status, 10);
    this.#response.statusCode = code;
    this.#response.statusMessage = status.slice(String(code).length + 1);
    return this;
  }

  writeHeader(name: string, value: string): this {
    this.#hasBegun = true;
    this.#response.setHeader(name, value);
    return this;
  }

  /** Copies bytes: `node:http` writes them later, and they are the caller's again before. */
  write(chunk: string | Uint8Array): boolean {
    const hasRoom = this.#response.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk));
    if (!hasRoom) this.#limitStall(true);
    return hasRoom;
  }

  end(body: string | Uint8Array = ''): void {
    this.#isOver = true;
    this.#limitStall(true);
    this.#response.end(body);
  }

  endWithoutBody(): void {
    this.end();
  }

  close(): void {
    if (this.#isOver) return;
    this.#response.destroy();
    this.#abort();
  }

  /** `node:http` sends what is written in one turn together. */
  cork(write: () => void): void {
    write();
    const isDue = this.#hasBegun && !this.#isOver && !this.#response.headersSent;
    if (isDue) this.#response.flushHeaders();
  }

  getRemoteAddressAsText(): ArrayBuffer {
    const bytes = new TextEncoder().encode(this.#request.socket.remoteAddress ?? '');
    return bytes.buffer;
  }

  onAborted(handler: () => void): void {
    this.#onAborted = handler;
  }

  onWritable(handler: () => boolean): void {
    this.#response.on('drain', () => {
      if (this.#isOver) return;
      this.#limitStall(false);
      handler();
    });
  }

  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): void {
    this.#limitStall(true);
    this.#request.on('data', (chunk: Buffer) => handler(bufferOf(chunk), false));
    this.#request.on('end', () => {
      this.#limitStall(false);
      handler(NO_BYTES, true);
    });
  }

  pause(): void {
    this.#limitStall(false);
    this.#request.pause();
  }

  resume(): void {
    this.#limitStall(true);
    this.#request.resume();
  }
}

function bufferOf({ buffer, byteOffset, length }: Buffer): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
}
