import { ANONYMOUS, type Principal } from '../../front/net/principal.ts';
import { challengeFor } from '../access/challenge.ts';
import { COMMAND_ERRORS, CommandError } from '../command/command-error.ts';
import { Fields } from '../command/fields.ts';
import { addressOf } from '../engine/address-of.ts';
import type { HttpRequest } from '../engine/http-request.ts';
import type { HttpResponse } from '../engine/http-response.ts';
import type { OriginPolicy } from '../engine/origin-policy.ts';
import type { Refusal } from '../engine/refuse.ts';

const STATUS_BY_CODE: Readonly<Record<string, string>> = {
  unknown_topic: '404 Not Found',
  unknown_partition: '404 Not Found',
  forbidden: '403 Forbidden',
  unauthenticated: '401 Unauthorized',
  busy: '503 Service Unavailable',
  unavailable: '503 Service Unavailable',
  internal: '500 Internal Server Error',
};

/** One HTTP request and its response, which may come later. */
export class Exchange {
  readonly response: HttpResponse;
  readonly query: Fields;
  readonly lastEventId: string;
  readonly isAllowed: boolean;
  /** The address that the client dialled. */
  readonly host: string;
  readonly authorization: string;
  /** Whom the certificate of the client names. */
  readonly certified: Principal;
  aborted = false;
  onAborted: (() => void) | null = null;
  /** Called once when a stream has ended or was cut. */
  onOver: (() => void) | null = null;
  readonly #origin: string;
  readonly #challenge: string;
  #begun = false;

  /** Reads what is needed of the request now: the request is gone when the route returns. */
  constructor(response: HttpResponse, request: HttpRequest, origins: OriginPolicy) {
    this.response = response;
    this.#origin = request.getHeader('origin');
    this.host = request.getHeader('host');
    this.isAllowed = origins.allows(this.#origin, this.host);
    this.authorization = request.getHeader('authorization');
    this.certified = request.principal ?? ANONYMOUS;
    this.#challenge = challengeFor(request.getHeader('x-requested-with'));
    this.lastEventId = request.getHeader('last-event-id');
    this.query = new Fields(Object.fromEntries(new URLSearchParams(request.getQuery())));
    response.onAborted(() => {
      this.over();
      this.onAborted?.();
    });
  }

  /** The client's. It is known only until the client is gone. */
  get address(): string {
    return addressOf(this.response);
  }

  /** From now on nothing more can be sent. */
  over(): void {
    this.aborted = true;
    this.onOver?.();
    this.onOver = null;
  }

  begin(status: string, contentType: string): void {
    this.#begun = true;
    const { response } = this;
    response.writeStatus(status).writeHeader('content-type', contentType);
    response.writeHeader('cache-control', 'no-store');
    this.#writeCors();
  }

  #writeCors(): void {
    const { response } = this;
    response.writeHeader('vary', 'origin');
    if (this.#origin !== '' && this.isAllowed) {
      response.writeHeader('access-control-allow-origin', this.#origin);
    }
  }

  /** Answers a browser that asks whether it may send the real request. */
  preflight(): void {
    const { response } = this;
    response.writeStatus(this.isAllowed ? '204 No Content' : '403 Forbidden');
    this.#writeCors();
    response.writeHeader('access-control-allow-methods', 'GET, POST');
    response.writeHeader(
      'access-control-allow-headers',
      'authorization, content-type, last-event-id',
    );
    response.writeHeader('access-control-max-age', '600');
    response.endWithoutBody();
  }

  json(status: string, body: object): void {
    if (this.aborted) return;
    this.response.cork(() => {
      this.begin(status, 'application/json');
      this.response.end(`${JSON.stringify(body)}\n`);
    });
  }

  /** There is nothing to tell. */
  empty(): void {
    if (this.aborted) return;
    this.response.cork(() => {
      this.begin('204 No Content', 'application/json');
      this.response.end();
    });
  }

  /** The client has not shown who it is, or not rightly. */
  refuse({ status, code, reason }: Refusal): void {
    if (this.aborted) return;
    this.response.cork(() => {
      this.begin(status, 'application/json');
      this.response.writeHeader('www-authenticate', this.#challenge);
      this.response.end(`${JSON.stringify({ code, reason, retry: code === 'busy' })}\n`);
    });
  }

  /** Answers with an error. A response that has begun can only be cut. */
  fail(thrown: unknown, details: object = {}): void {
    if (this.aborted) return;
    if (this.#begun) {
      this.response.close();
      return;
    }
    const isKnown = thrown instanceof CommandError;
    const code = isKnown ? thrown.code : 'internal';
    const reason = isKnown ? thrown.message : 'the request failed inside the broker';
    const retry = isKnown ? thrown.retry : COMMAND_ERRORS.internal;
    const more = isKnown ? thrown.details : {};
    const status = STATUS_BY_CODE[code] ?? '400 Bad Request';
    if (code === 'unauthenticated') {
      this.refuse({ status, code, reason });
      return;
    }
    this.json(status, { code, reason, retry, ...more, ...details });
  }
}

/** A number out of a query, where every value is text. */
export function queryInteger(query: Fields, name: string, min: number): number | undefined {
  const text = query.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  throw new CommandError('bad_value', `${name} must be a whole number from ${min} on`, name);
}
