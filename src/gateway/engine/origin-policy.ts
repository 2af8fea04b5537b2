import { isOwnHost } from '../../base/is-own-host.ts';

/**
 * Decides which web pages may connect. A page is the broker's own if its origin is the host that
 * was dialled. That host must be an IP address, `localhost` or the listener's configured name: any
 * other name may be one that a stranger's DNS points at this broker.
 */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #ownHost: string;

  constructor(allowedOrigins: readonly string[], ownHost: string) {
    this.#allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
    this.#ownHost = ownHost;
  }

  /**
   * Both headers are as they were sent, '' if missing. A request without an origin is not a
   * browser's.
   */
  allows(origin: string, host: string): boolean {
    if (origin === '' || this.#allowed.has('*')) return true;
    const asked = origin.toLowerCase();
    if (this.#allowed.has(asked)) return true;
    const dialled = host.toLowerCase();
    if (asked !== `http://${dialled}` && asked !== `https://${dialled}`) return false;
    return isOwnHost(host, this.#ownHost);
  }
}
