import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isOwnHost } from '../../base/is-own-host.ts';
import type { HostInfo } from './host-info.ts';

/** What is told of a request to those who decide whether it is served. */
export interface ServerRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly remoteAddress: string;
}

/** Says whether a request is served. */
export type AuthorizeRequest = (request: ServerRequest) => boolean | Promise<boolean>;

export interface AccessOptions {
  readonly advertised: HostInfo;
  readonly token: string | null;
  readonly authorize: AuthorizeRequest | null;
  /** Whether it is reached by https. */
  readonly isSecure: boolean;
}

/** Who may ask the server of an application. */
export class ServerAccess {
  readonly #authorize: AuthorizeRequest | null;
  /** Null where no token is wanted. */
  readonly #token: Buffer | null;
  readonly #ownHost: string;
  readonly #scheme: string;

  constructor({ advertised, token, authorize, isSecure }: AccessOptions) {
    this.#scheme = isSecure ? 'https' : 'http';
    this.#authorize = authorize;
    this.#token = token === null ? null : digest(token);
    this.#ownHost = advertised.host;
  }

  /**
   * A page of somebody else must not reach the application through the browser of a user: neither
   * by a name that it points here, nor across origins.
   */
  isForeign({ headers }: IncomingMessage): boolean {
    const { host = '', origin } = headers;
    if (!isOwnHost(host, this.#ownHost)) return true;
    return origin !== undefined && origin !== `${this.#scheme}://${host}`;
  }

  async allows(request: IncomingMessage): Promise<boolean> {
    const token = this.#token;
    if (token !== null && isTold(request.headers.authorization, token)) return true;
    const authorize = this.#authorize;
    if (authorize === null) return token === null;
    const { method = '', url = '/', headers, socket } = request;
    const remoteAddress = socket.remoteAddress ?? '';
    return await authorize({ method, path: pathOf(url), headers, remoteAddress });
  }
}

export function pathOf(url: string): string {
  return url.split('?', 1)[0]!;
}

/** Takes the same time for each wrong token. */
function isTold(header: string | undefined, token: Buffer): boolean {
  const given = /^Bearer (.+)$/i.exec(header ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), token);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
