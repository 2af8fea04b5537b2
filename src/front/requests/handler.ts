import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Call } from '../net/call.ts';
import type { FrontServices, Services } from './front-services.ts';
import type { Need } from './needed-action.ts';

/** The handler answers by itself, now or later. */
export const ANSWERED_LATER = null;

/**
 * On which terms one API is served. `versions` ('4-18') is what is accepted; ApiVersions advertises
 * the same range, from `advertisedFrom` on where that is given.
 */
interface ServedTerms {
  readonly key: number;
  readonly versions: string;
  readonly advertisedFrom?: number;
  /** The rights that a client needs, as Kafka checks them. The handler asks `rights` for them. */
  readonly needs: readonly Need[];
  /** May start while earlier requests of its kind over its connection are unanswered. */
  readonly overlaps?: boolean;
  /** Sends appends, which must not pass those that wait for room in a ring. */
  readonly appends?: boolean;
}

/**
 * How the front serves one API. A handler names the services that it uses and is given no others.
 * What it returns or resolves to is encoded, and sent in the order of the requests. The request and
 * its Buffers are valid until `handle` returns. What waits longer must be copied.
 */
export interface Handler<Request, Response, Name extends keyof FrontServices = never>
  extends ServedTerms {
  handle(
    request: Request,
    call: Call,
    services: Services<Name>,
  ): Unthrottled<Response> | Promise<Unthrottled<Response>> | typeof ANSWERED_LATER;
}

/**
 * An API that a worker serves. The request's body goes there undecoded, and the answer comes back
 * encoded. The body is valid until `handleRaw` returns. A returned promise only reports failures.
 */
export interface RawHandler<Name extends keyof FrontServices> extends ServedTerms {
  handleRaw(
    body: Buffer,
    call: Call,
    services: Services<Name>,
  ): Promise<void> | typeof ANSWERED_LATER;
}

/** One of the list of handlers: the router pairs it with its decoder and gives it all services. */
export type DecodingHandler<Name extends keyof FrontServices = keyof FrontServices> = Handler<
  // biome-ignore lint/suspicious/noExplicitAny: the list holds handlers of many request types
  any,
  unknown,
  Name
>;
export type AnyHandler<Name extends keyof FrontServices = keyof FrontServices> =
  | DecodingHandler<Name>
  | RawHandler<Name>;

export interface ServedApi {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/**
 * A feature that ApiVersions tells of. `level` is that of a new cluster; 0 is supported but not
 * switched on.
 */
export interface Feature {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly level: number;
  /** UpdateFeatures may set any of its levels; otherwise it is served at this one only. */
  readonly isAdjustable?: boolean;
}
