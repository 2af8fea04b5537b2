import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { ANONYMOUS, type Principal } from '../../front/net/principal.ts';
import type { Refusal } from '../engine/refuse.ts';
import type { CredentialCheck, CredentialOwner } from './credential-check.ts';
import { type Identity, NOBODY } from './identity.ts';
import { Tickets } from './tickets.ts';

const AUTHORIZATION = /^(basic|bearer) +(\S+)$/i;

export const UNAUTHENTICATED: Refusal = {
  status: '401 Unauthorized',
  code: 'unauthenticated',
  reason: 'show who you are: Authorization: Basic or Bearer, or a ticket from POST /ticket',
};

const WRONG_CREDENTIALS: Refusal = {
  ...UNAUTHENTICATED,
  reason: 'the credentials are wrong',
};

const BUSY: Refusal = {
  status: '503 Service Unavailable',
  code: 'busy',
  reason: 'too many passwords wait to be checked',
};

/**
 * Hears the name that came with a wrong password, or '' where another credential was wrong, and the
 * address of the client.
 */
export type OnRefused = (user: string, address: string) => void;

/** Who may speak to the gateway at all. */
export class Access {
  readonly tickets: Tickets;
  readonly #check: CredentialCheck | null;
  readonly #onRefused: OnRefused;
  readonly #clock: Clock;
  readonly #failureDelayMs: number;

  /** Without a check nobody is asked. Wrong credentials are answered after the delay. */
  constructor(
    check: CredentialCheck | null,
    clock: Clock,
    failureDelayMs: number,
    onRefused: OnRefused,
  ) {
    this.#check = check;
    this.#clock = clock;
    this.#failureDelayMs = failureDelayMs;
    this.#onRefused = onRefused;
    this.tickets = new Tickets(clock);
  }

  get isRequired(): boolean {
    return this.#check !== null;
  }

  /** By the header of a request, or else by the client's certificate. */
  identify(
    authorization: string,
    certified: Principal | undefined,
    address: string,
  ): Identity | Refusal | Promise<Identity | Refusal> {
    if (this.#check === null || authorization === '') {
      return this.byCertificate(certified) ?? UNAUTHENTICATED;
    }
    const [, scheme, text] = AUTHORIZATION.exec(authorization) ?? [];
    if (text === undefined) return WRONG_CREDENTIALS;
    if (scheme!.toLowerCase() === 'bearer') return this.byToken(text, address);
    const decoded = Buffer.from(text, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon < 1) return WRONG_CREDENTIALS;
    return this.byPassword(decoded.slice(0, colon), decoded.slice(colon + 1), address);
  }

  /** Null where it names nobody, and somebody is asked for. */
  byCertificate(principal: Principal = ANONYMOUS): Identity | null {
    if (principal !== ANONYMOUS) return { ...NOBODY, principal };
    return this.#check === null ? NOBODY : null;
  }

  async byPassword(user: string, password: string, address: string): Promise<Identity | Refusal> {
    if (this.#check === null) return NOBODY;
    const startedMs = this.#clock.monotonicMs();
    const owner = await this.#check.password(user, password);
    return owner === 'busy' ? BUSY : this.#identityOf(owner, user, startedMs, address);
  }

  async byToken(token: string, address: string): Promise<Identity | Refusal> {
    if (this.#check === null) return NOBODY;
    const startedMs = this.#clock.monotonicMs();
    return this.#identityOf(await this.#check.token(token), '', startedMs, address);
  }

  byTicket(ticket: string, address: string): Identity | Refusal {
    const identity = this.tickets.take(ticket);
    if (identity !== null) return identity;
    this.#onRefused('', address);
    return WRONG_CREDENTIALS;
  }

  /** Failures are answered at the same time after the request, however long the check took. */
  async #identityOf(
    owner: CredentialOwner | null,
    shown: string,
    startedMs: number,
    address: string,
  ): Promise<Identity | Refusal> {
    if (owner !== null) {
      const { user, mechanism, endsMs } = owner;
      return { principal: { type: 'User', name: user }, mechanism, endsMs };
    }
    this.#onRefused(shown, address);
    await delay(Math.max(0, startedMs + this.#failureDelayMs - this.#clock.monotonicMs()));
    return WRONG_CREDENTIALS;
  }
}

export function isRefusal(answer: Identity | Refusal): answer is Refusal {
  return 'status' in answer;
}
