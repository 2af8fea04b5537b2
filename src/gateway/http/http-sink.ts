import type { HttpResponse } from '../engine/http-response.ts';
import type { Frame } from '../stream/frame.ts';
import type { Sink } from '../stream/sink.ts';
import type { Exchange } from './exchange.ts';

/** A response that records are streamed to, at the pace of its reader. */
export class HttpSink implements Sink {
  hasRoom = true;
  onRoom: (() => void) | null = null;
  readonly #exchange: Exchange;
  readonly #response: HttpResponse;

  constructor(exchange: Exchange, contentType: string) {
    this.#exchange = exchange;
    this.#response = exchange.response;
    this.#response.onWritable(() => {
      this.hasRoom = true;
      this.onRoom?.();
      return true;
    });
    this.#response.cork(() => exchange.begin('200 OK', contentType));
  }

  sendFrame(frame: Frame): void {
    this.write(frame.bytes);
  }

  write(bytes: Uint8Array | string): void {
    if (this.#exchange.aborted) return;
    this.#response.cork(() => {
      this.hasRoom = this.#response.write(bytes);
    });
  }

  end(): void {
    if (this.#exchange.aborted) return;
    this.#exchange.over();
    this.#response.cork(() => this.#response.end());
  }
}
