import type { Connection } from './connection.ts';
import type { CutKind } from './transport.ts';

/**
 * One request that is being served. It is made when its frame is dispatched, and ended by exactly
 * one of `reply`, `replyNothing` and `cut`. The connection queues calls in the order of requests.
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
  /** How long the client is asked to send nothing. The reply path puts it into the answer. */
  throttleTimeMs = 0;
  /** The length of the request's body. */
  bytes = 0;
  /** How long its handler kept the thread; below 0 while it does, or where nobody measures it. */
  threadMs = -1;
  isTimeCounted = false;
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

  /** Answers with a frame, its length prefix included. It may come in pieces. */
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
