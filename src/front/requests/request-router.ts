import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { apiName, findCodec } from '../../protocol/api-registry.ts';
import { encodeResponseFrame } from '../../protocol/frames.ts';
import { RequestHeader, readRequestHeader } from '../../protocol/header.ts';
import type { SaslSession } from '../../security/sasl/sasl-session.ts';
import { Call } from '../net/call.ts';
import {
  type Connection,
  DISPATCH_LATER,
  DISPATCHED,
  type FrameRouter,
} from '../net/connection.ts';
import type { FrontServices, Services } from './front-services.ts';
import type { AnyHandler, DecodingHandler, RawHandler, ServedApi } from './handler.ts';
import { answerRawToken, outOfOrder, saslVerdict } from './sasl-gate.ts';

/** Whether what takes appends has no room now. */
interface Backlog {
  readonly isBackedUp: boolean;
}

/** What the router itself needs, whatever its handlers do. */
type RouterServices = Services<
  'metrics' | 'clock' | 'replies' | 'throttling' | 'kafka' | 'audit'
> & {
  readonly workers: Backlog;
  readonly recompression: Backlog;
};

/** The services that handlers and router need. */
type Routed<Name extends keyof FrontServices> = Services<Name> & RouterServices;

/** A handler and the version range it serves. */
interface Route<Name extends keyof FrontServices> {
  readonly handler: AnyHandler<Name>;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * From frame to handler. A request for an API or version that is not served closes its connection,
 * as in Kafka. Only ApiVersions is answered then, in version 0, so that the client learns which
 * versions are served.
 */
export class RequestRouter<Name extends keyof FrontServices = keyof FrontServices>
  implements FrameRouter
{
  readonly served: readonly ServedApi[];
  readonly #routes: (Route<Name> | undefined)[] = [];
  readonly #header = new RequestHeader();
  #front: Routed<Name> | null = null;

  constructor(handlers: readonly AnyHandler<Name>[]) {
    for (const handler of handlers) this.#routes[handler.key] = routeOf(handler);
    this.served = handlers
      .map((handler) => advertised(handler, this.#routes[handler.key]!))
      .sort((a, b) => a.apiKey - b.apiKey);
  }

  /** Some services need the router, so they are handed over after both are made. */
  attach(front: Routed<Name>): void {
    this.#front = front;
  }

  dispatch(connection: Connection, bytes: Buffer, start: number, end: number): number {
    const front = this.#front!;
    const header = this.#header;
    const { sasl } = connection;
    if (sasl !== null && !sasl.isDone) {
      if (!mayStart(connection, null)) return DISPATCH_LATER;
      if (sasl.takesRawTokens) {
        return this.#takeRawToken(connection, bytes.subarray(start, end), front);
      }
    }
    try {
      readRequestHeader(bytes, start, end, header);
    } catch (thrown) {
      front.metrics.malformedCount++;
      connection.cut(`sent what is no Kafka request: ${reasonOf(thrown)}`);
      return DISPATCHED;
    }
    const route = this.#routes[header.apiKey];
    const { apiKey, apiVersion } = header;
    if (sasl !== null) {
      if (apiKey === API.SASL_HANDSHAKE && !mayStart(connection, null)) return DISPATCH_LATER;
      const verdict = saslVerdict(connection, sasl, header);
      if (verdict === 'end') return DISPATCHED;
      if (verdict === 'answer-out-of-order') return this.#answerOutOfOrder(connection, sasl, front);
    }
    if (route === undefined || apiVersion < route.lowest || apiVersion > route.highest) {
      if (!mayStart(connection, null)) return DISPATCH_LATER;
      this.#refuse(connection, header, front);
      return DISPATCHED;
    }
    if (!mayStart(connection, route.handler)) return DISPATCH_LATER;
    const { workers, recompression } = front;
    if (route.handler.appends === true && (workers.isBackedUp || recompression.isBackedUp)) {
      front.kafka.retryWhenRingsHaveRoom(connection);
      return DISPATCH_LATER;
    }
    this.#start(connection, route.handler, apiKey, apiVersion, bytes, end);
    return DISPATCHED;
  }

  /** The token is valid until this returns. */
  #takeRawToken(connection: Connection, token: Buffer, front: RouterServices): number {
    const nowMs = front.clock.monotonicMs();
    const call = new Call(connection, API.SASL_AUTHENTICATE, 0, 0, null, nowMs);
    connection.accept(call);
    inBackground(answerRawToken(call, token, front.audit), (thrown) =>
      front.replies.fail(call, thrown),
    );
    return DISPATCHED;
  }

  #answerOutOfOrder(connection: Connection, sasl: SaslSession, front: RouterServices): number {
    const { apiKey, apiVersion, correlationId, clientId } = this.#header;
    const nowMs = front.clock.monotonicMs();
    const call = new Call(connection, apiKey, apiVersion, correlationId, clientId, nowMs);
    connection.accept(call);
    const replied = outOfOrder(call, sasl).then((answer) => front.replies.reply(call, answer));
    inBackground(replied, (thrown) => front.replies.fail(call, thrown));
    return DISPATCHED;
  }

  #start(
    connection: Connection,
    handler: AnyHandler<Name>,
    apiKey: number,
    apiVersion: number,
    bytes: Buffer,
    end: number,
  ): void {
    const front = this.#front!;
    const { correlationId, clientId, bodyStart } = this.#header;
    if ('handleRaw' in handler) {
      const call = this.#accept(connection, handler, apiKey, apiVersion, correlationId, clientId);
      call.bytes = end - bodyStart;
      this.#runRaw(handler, bytes.subarray(bodyStart, end), call, front);
      if (front.throttling.timesRequests) this.#stopTime(call);
      return;
    }
    let request: unknown;
    try {
      request = findCodec(apiKey)!.request.decoder(apiVersion)(bytes, bodyStart, end);
    } catch (thrown) {
      front.metrics.malformedCount++;
      connection.cut(`sent a bad ${apiName(apiKey)} v${apiVersion} request: ${reasonOf(thrown)}`);
      return;
    }
    const call = this.#accept(connection, handler, apiKey, apiVersion, correlationId, clientId);
    call.bytes = end - bodyStart;
    this.#run(handler, request, call, front);
    if (front.throttling.timesRequests) this.#stopTime(call);
  }

  #stopTime(call: Call): void {
    call.threadMs = this.#front!.clock.monotonicMs() - call.startedMs;
  }

  #accept(
    connection: Connection,
    handler: AnyHandler<Name>,
    apiKey: number,
    apiVersion: number,
    correlationId: number,
    clientId: string | null,
  ): Call {
    const nowMs = this.#front!.clock.monotonicMs();
    const call = new Call(connection, apiKey, apiVersion, correlationId, clientId, nowMs);
    call.overlaps = handler.overlaps === true;
    connection.accept(call);
    return call;
  }

  #runRaw(handler: RawHandler<Name>, body: Buffer, call: Call, front: Routed<Name>): void {
    try {
      const failing = handler.handleRaw(body, call, front);
      if (failing !== null) inBackground(failing, (thrown) => front.replies.fail(call, thrown));
    } catch (thrown) {
      front.replies.fail(call, thrown);
    }
  }

  #run(handler: DecodingHandler<Name>, request: unknown, call: Call, front: Routed<Name>): void {
    try {
      const answer = handler.handle(request, call, front);
      if (answer === null) return;
      if (answer instanceof Promise) {
        const replied = answer.then((response) => front.replies.reply(call, response as object));
        inBackground(replied, (thrown) => front.replies.fail(call, thrown));
      } else {
        front.replies.reply(call, answer as object);
      }
    } catch (thrown) {
      front.replies.fail(call, thrown);
    }
  }

  #refuse(connection: Connection, header: RequestHeader, front: RouterServices): void {
    const { apiKey, apiVersion, correlationId } = header;
    if (apiKey !== API.API_VERSIONS) {
      front.metrics.malformedCount++;
      connection.cut(`asked for ${apiName(apiKey)} v${apiVersion}, which is not served`);
      return;
    }
    const nowMs = front.clock.monotonicMs();
    const call = new Call(connection, apiKey, 0, correlationId, header.clientId, nowMs);
    connection.accept(call);
    const ownRange = this.served.filter((api) => api.apiKey === API.API_VERSIONS);
    const body = { errorCode: ERROR.UNSUPPORTED_VERSION, apiKeys: ownRange };
    call.reply([encodeResponseFrame(API.API_VERSIONS, 0, correlationId, body)]);
  }
}

/**
 * Kafka serves one request of a connection at a time, so that a request sees the effects of those
 * before it. Requests of one kind that keep their order by themselves may overlap.
 */
function mayStart(
  connection: Connection,
  handler: { readonly overlaps?: boolean; readonly key: number } | null,
): boolean {
  const newest = connection.newestPending();
  if (newest === null) return true;
  return handler?.overlaps === true && newest.overlaps && newest.apiKey === handler.key;
}

function routeOf<Name extends keyof FrontServices>(handler: AnyHandler<Name>): Route<Name> {
  const [lowest, highest] = handler.versions.split('-').map(Number);
  return { handler, lowest: lowest!, highest: highest ?? lowest! };
}

function advertised<Name extends keyof FrontServices>(
  handler: AnyHandler<Name>,
  route: Route<Name>,
): ServedApi {
  return {
    apiKey: handler.key,
    minVersion: handler.advertisedFrom ?? route.lowest,
    maxVersion: route.highest,
  };
}
