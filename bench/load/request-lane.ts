/**
 * One connection that repeats one kind of small request (commits, heartbeats) with a number of
 * them in flight. The requests are encoded once; `prepare` patches what must differ.
 */
import type { LoadConnection } from './load-connection.ts';
import { checkError, LoadError } from './load-error.ts';
import type { Meter } from './meter.ts';

export interface RequestLaneSettings {
  readonly name: string;
  /** One frame for each request that may be in flight. */
  readonly frames: readonly Buffer[];
  /** Bytes from the start of an answer to its error code. */
  readonly errorAt: number;
  readonly prepare: (frame: Buffer) => void;
}

export class RequestLane {
  onFailed: (error: Error) => void = () => {};
  readonly #connection: LoadConnection;
  readonly #settings: RequestLaneSettings;
  readonly #meter: Meter;
  readonly #sentMs: Float64Array;
  /** Sends again as soon as there is room; false: only when `send` is called. */
  #closedLoop = false;
  #sent = 0;
  #done = 0;
  #whenIdle: (() => void) | undefined;

  constructor(connection: LoadConnection, settings: RequestLaneSettings, meter: Meter) {
    this.#connection = connection;
    this.#settings = settings;
    this.#meter = meter;
    this.#sentMs = new Float64Array(settings.frames.length);
    connection.onFrame = (bytes, at) => this.#answered(bytes, at);
    connection.onReadDone = () => {
      if (this.#closedLoop) this.#fill();
    };
    connection.onClosed = (reason) => this.onFailed(new LoadError(reason));
  }

  runClosedLoop(): void {
    this.#closedLoop = true;
    this.#fill();
  }

  /** One request, left out when as many as may be are in flight. */
  send(): void {
    const { frames, prepare } = this.#settings;
    if (this.#sent - this.#done >= frames.length) return;
    const index = this.#sent++ % frames.length;
    prepare(frames[index]!);
    this.#sentMs[index] = performance.now();
    this.#connection.socket.write(frames[index]!);
  }

  stop(): Promise<void> {
    this.#closedLoop = false;
    return new Promise((resolve) => {
      if (this.#done === this.#sent) resolve();
      else this.#whenIdle = resolve;
    });
  }

  #fill(): void {
    const room = this.#settings.frames.length - (this.#sent - this.#done);
    if (room > 1) this.#connection.socket.cork();
    for (let left = room; left > 0; left--) this.send();
    if (room > 1) this.#connection.socket.uncork();
  }

  #answered(bytes: Buffer, at: number): void {
    const { name, errorAt, frames } = this.#settings;
    try {
      checkError(bytes.readInt16BE(at + errorAt), name);
    } catch (thrown) {
      this.onFailed(thrown as Error);
      return;
    }
    const index = this.#done++ % frames.length;
    this.#meter.done(performance.now() - this.#sentMs[index]!, 1, 0);
    if (this.#done === this.#sent) this.#whenIdle?.();
  }
}
