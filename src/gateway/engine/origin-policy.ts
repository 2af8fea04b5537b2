import { isIP } from 'node:net';

/**
 * Which web pages may connect. A page of the broker's own is one whose origin is the host that was
 * dialled, where that host cannot be a name that a stranger's DNS points at us: an address,
 * `localhost`, or the name the listener is configured with.
 */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #ownHost: string;

  constructor(allowedOrigins: readonly string[], ownHost: string) {
    this.#allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
    this.#ownHost = ownHost.toLowerCase();
  }

  /** Both headers as they were sent, '' where missing. What sends no origin is no browser. */
  allows(origin: string, host: string): boolean {
    if (origin === '' || this.#allowed.has('*')) return true;
    const asked = origin.toLowerCase();
    if (this.#allowed.has(asked)) return true;
    const dialled = host.toLowerCase();
    if (asked !== `http://${dialled}` && asked !== `https://${dialled}`) return false;
    const name = hostName(dialled);
    return name === 'localhost' || name === this.#ownHost || isIP(name) !== 0;
  }
}

function hostName(host: string): string {
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'));
  return host.split(':', 1)[0]!;
}
