import type { Call } from '../net/call.ts';
import type { FrontContext } from './front-context.ts';

/** The handler answers by itself, now or later. */
export const ANSWERED_LATER = null;

/**
 * How one API is served. `versions` ('4-18') is what is accepted, and what ApiVersions advertises
 * but for `advertisedFrom`; what a handler returns or resolves to is encoded and sent in its turn.
 * The request and its Buffers are valid until `handle` returns: what waits longer must be copied.
 */
export interface Handler<Request, Response> {
  readonly key: number;
  readonly versions: string;
  readonly advertisedFrom?: number;
  /** May start while earlier requests of its kind over its connection are unanswered. */
  readonly overlaps?: boolean;
  /** Sends appends, which must not pass those that wait for room in a ring. */
  readonly appends?: boolean;
  handle(
    request: Request,
    call: Call,
    front: FrontContext,
  ): Response | Promise<Response> | typeof ANSWERED_LATER;
}

/**
 * An API that is served elsewhere: the body goes there as it came, and so comes the answer. It is
 * valid until `handleRaw` returns; a promise tells of failures alone.
 */
export interface RawHandler {
  readonly key: number;
  readonly versions: string;
  readonly advertisedFrom?: number;
  readonly overlaps?: boolean;
  readonly appends?: boolean;
  handleRaw(body: Buffer, call: Call, front: FrontContext): Promise<void> | typeof ANSWERED_LATER;
}

// A list of handlers holds many request types; the router pairs each with its own decoder.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type DecodingHandler = Handler<any, unknown>;
export type AnyHandler = DecodingHandler | RawHandler;

export interface ServedApi {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** A feature that ApiVersions tells of; `level` 0 is supported but not switched on. */
export interface Feature {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly level: number;
}
