import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
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
}

/** Who may ask the server of an application. */
export class ServerAccess {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /**
   * A page of somebody else must not reach the application through the browser of a user: neither
   * by a name that it points here, nor across origins.
   */
  isForeign({ headers }: IncomingMessage): boolean {
    const { host = '', origin } = headers;
    if (!this.#isOwnName(host)) return true;
    return origin !== undefined && origin !== `http://${host}`;
  }

  async allows(request: IncomingMessage): Promise<boolean> {
    const { token, authorize } = this.#options;
    if (token !== null && isTold(request.headers.authorization, token)) return true;
    if (authorize === null) return token === null;
    const { method = '', url = '/', headers, socket } = request;
    const remoteAddress = socket.remoteAddress ?? '';
    return await authorize({ method, path: pathOf(url), headers, remoteAddress });
  }

  #isOwnName(host: string): boolean {
    const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    if (isIP(name) !== 0 || name === 'localhost') return true;
    return name.toLowerCase() === this.#options.advertised.host.toLowerCase();
  }
}

export function pathOf(url: string): string {
  return url.split('?', 1)[0]!;
}

/** Takes the same time for each wrong token. */
function isTold(header: string | undefined, token: string): boolean {
  const given = /^Bearer (.+)$/i.exec(header ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
