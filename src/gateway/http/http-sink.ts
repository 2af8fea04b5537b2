import type { ClientThrottle } from '../../front/requests/client-throttle.ts';
import type { HttpResponse } from '../engine/http-response.ts';
import type { Frame } from '../stream/frame.ts';
import { Pause } from '../stream/pause.ts';
import type { Sink } from '../stream/sink.ts';
import type { Exchange } from './exchange.ts';

/** A response that records are streamed to, at the pace of its reader. */
export class HttpSink implements Sink {
  hasRoom = true;
  onRoom: (() => void) | null = null;
  readonly #exchange: Exchange;
  readonly #response: HttpResponse;
  readonly #throttle: ClientThrottle;
  readonly #pause = new Pause(() => {
    this.hasRoom = this.#isTaken;
    if (this.hasRoom) this.onRoom?.();
  });
  /** Whether the reader takes what is written. */
  #isTaken = true;

  constructor(exchange: Exchange, contentType: string, throttle: ClientThrottle) {
    this.#exchange = exchange;
    this.#throttle = throttle;
    this.#response = exchange.response;
    this.#response.onWritable(() => {
      this.#isTaken = true;
      this.hasRoom = !this.#pause.isOn;
      if (this.hasRoom) this.onRoom?.();
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
      this.#isTaken = this.#response.write(bytes);
    });
    const pauseMs = this.#throttle.sent(bytes.length);
    if (pauseMs > 0) this.#pause.start(pauseMs);
    this.hasRoom = this.#isTaken && !this.#pause.isOn;
  }

  end(): void {
    if (this.#exchange.aborted) return;
    this.#pause.end();
    this.#exchange.over();
    this.#response.cork(() => this.#response.end());
  }
}
