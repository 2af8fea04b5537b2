import type { ApiKey } from '../../protocol/api-keys.ts';
import { codecFor, type RequestOf, type ResponseOf } from '../../protocol/api-registry.ts';
import { decodeMessage, encodeMessage } from '../../protocol/message-bytes.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Call } from '../net/call.ts';
import type { Replies } from '../requests/front-replies.ts';
import type { FrontServices, Services } from '../requests/front-services.ts';
import { ANSWERED_LATER, type RawHandler } from '../requests/handler.ts';
import type { Operation, ResourceType } from '../requests/needed-action.ts';
import type { GroupServiceName } from './group-forwarding.ts';

export type GateServiceName = GroupServiceName | 'rights';

/** What the client of one request may do, and the names of topics that it tells by their ids. */
export interface Permits {
  readonly version: number;
  allows(operation: Operation, resource: ResourceType, name: string): boolean;
  allowsOnCluster(operation: Operation): boolean;
  allowsAny(operation: Operation, resource: ResourceType): boolean;
  /** Null where there is no such topic. */
  topicName(id: string): string | null;
}

/** How much of a request may pass, and what becomes of its answer. */
export interface Passage<Request, Response> {
  /** Null where nothing may pass. */
  readonly passed: Request | null;
  /** Makes the client's answer of the coordinator's, which is null where nothing passed. */
  readonly complete: (answer: Response | null) => Unthrottled<Response>;
}

/** Null where the request and its answer pass as they are. */
export type Gate<Key extends ApiKey> = (
  request: RequestOf<Key>,
  permits: Permits,
) => Passage<RequestOf<Key>, ResponseOf<Key>> | null;

/**
 * Holds an API that a coordinator serves to the rights of its client. Coordinators know no rights:
 * they get what may pass, and what may not is put to their answer. Without an authorizer the body
 * goes on undecoded.
 */
export function gated<Key extends ApiKey, Name extends keyof FrontServices>(
  key: Key,
  handler: RawHandler<Name>,
  gate: Gate<Key>,
): RawHandler<Name | GateServiceName> {
  return {
    ...handler,
    handleRaw(body, call, services) {
      if (!services.rights.areChecked) return handler.handleRaw(body, call, services);
      const { apiVersion } = call;
      const { request } = codecFor(key);
      const asked = request.decoder(apiVersion)(body, 0, body.length);
      const passage = gate(asked, permitsOf(call, services));
      if (passage === null) return handler.handleRaw(body, call, services);
      const { passed, complete } = passage;
      if (passed === null) {
        services.replies.reply(call, complete(null) as object);
        return ANSWERED_LATER;
      }
      const part = encodeMessage(request.schema, apiVersion, passed as never);
      const replies = new CompletedReplies(
        key,
        services.replies,
        complete as (answer: object) => object,
      );
      const completed = Object.create(services, { replies: { value: replies } });
      return handler.handleRaw(part, call, completed);
    },
  };
}

function permitsOf(call: Call, { rights, partitions }: Services<GateServiceName>): Permits {
  return {
    version: call.apiVersion,
    allows: (operation, resource, name) => rights.allows(call, operation, resource, name),
    allowsOnCluster: (operation) => rights.allowsOnCluster(call, operation),
    allowsAny: (operation, resource) => rights.allowsAny(call, operation, resource),
    topicName: (id) => partitions.topicById(id)?.name ?? null,
  };
}

/** Completes what a coordinator answers. */
class CompletedReplies implements Replies {
  readonly #key: ApiKey;
  readonly #replies: Replies;
  readonly #complete: (answer: object) => object;

  constructor(key: ApiKey, replies: Replies, complete: (answer: object) => object) {
    this.#key = key;
    this.#replies = replies;
    this.#complete = complete;
  }

  reply(call: Call, response: object): void {
    this.#replies.reply(call, this.#complete(response));
  }

  replyBody(call: Call, body: Buffer): void {
    const { schema } = codecFor(this.#key).response;
    this.reply(call, decodeMessage<object>(schema, call.apiVersion, body));
  }

  fail(call: Call, thrown: unknown): void {
    this.#replies.fail(call, thrown);
  }

  readFailure(...failure: Parameters<Replies['readFailure']>): number {
    return this.#replies.readFailure(...failure);
  }
}
