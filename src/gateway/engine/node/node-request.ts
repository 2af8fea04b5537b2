import type { IncomingMessage } from 'node:http';
import type { Principal } from '../../../front/net/principal.ts';
import type { HttpRequest } from '../http-request.ts';

/** A request of `node:http` as a route sees it. */
export class NodeRequest implements HttpRequest {
  readonly principal: Principal;
  readonly #request: IncomingMessage;
  readonly #parameters: readonly string[];

  constructor(request: IncomingMessage, parameters: readonly string[], principal: Principal) {
    this.#request = request;
    this.#parameters = parameters;
    this.principal = principal;
  }

  getMethod(): string {
    return (this.#request.method ?? '').toLowerCase();
  }

  getUrl(): string {
    return pathOf(this.#request);
  }

  getQuery(): string {
    const url = this.#request.url ?? '';
    const at = url.indexOf('?');
    return at < 0 ? '' : url.slice(at + 1);
  }

  getHeader(name: string): string {
    const value = this.#request.headers[name];
    return typeof value === 'string' ? value : (value?.[0] ?? '');
  }

  getParameter(index: number): string | undefined {
    return this.#parameters[index];
  }
}

/** The request's path without its query. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  const at = url.indexOf('?');
  return at < 0 ? url : url.slice(0, at);
}
