import type { Connection } from './connection.ts';
import type { CutKind } from './transport.ts';

/**
 * One request on its way: made when its frame is dispatched, ended by exactly one of `reply`,
 * `replyNothing` or `cut`. Its place in the connection's queue keeps replies in request order.
 */
export class Call {
  readonly connection: Connection;
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** Monotonic milliseconds at which the frame was dispatched. */
  readonly startedMs: number;
  chunks: readonly Buffer[] = NO_CHUNKS;
  done = false;
  overlaps = false;
  /** For how long the client is asked to hold back; the reply path puts it into the answer. */
  throttleTimeMs = 0;
  /** Called when the client goes away before the answer, to end what waits for it. */
  onAbandoned: (() => void) | null = null;
  /** Called when the broker stops, to answer at once with what there is. */
  onHurried: (() => void) | null = null;

  constructor(
    connection: Connection,
    apiKey: number,
    apiVersion: number,
    correlationId: number,
    clientId: string | null,
    startedMs: number,
  ) {
    this.connection = connection;
    this.apiKey = apiKey;
    this.apiVersion = apiVersion;
    this.correlationId = correlationId;
    this.clientId = clientId;
    this.startedMs = startedMs;
  }

  /** Answers with a whole frame, length prefix included, in as many pieces as it lies in. */
  reply(chunks: readonly Buffer[]): void {
    this.chunks = chunks;
    this.#finish();
  }

  /** Ends a request that has no answer: Produce with acks=0. */
  replyNothing(): void {
    this.#finish();
  }

  /** Closes the connection instead of answering. */
  cut(reason: string, kind: CutKind = 'protocol'): void {
    this.connection.cut(reason, kind);
  }

  #finish(): void {
    this.done = true;
    this.onAbandoned = null;
    this.onHurried = null;
    this.connection.onCallDone();
  }
}

const NO_CHUNKS: readonly Buffer[] = [];
