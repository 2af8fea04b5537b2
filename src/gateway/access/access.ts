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

export const WRONG_CREDENTIALS: Refusal = {
  ...UNAUTHENTICATED,
  reason: 'the credentials are wrong',
};

/** Who may speak to the gateway at all. */
export class Access {
  readonly tickets: Tickets;
  readonly #check: CredentialCheck | null;
  /** Hears the name that came with a wrong password, or '' where another credential was wrong. */
  readonly #onRefused: (user: string) => void;

  /** Without a check nobody is asked. */
  constructor(check: CredentialCheck | null, clock: Clock, onRefused: (user: string) => void) {
    this.#check = check;
    this.#onRefused = onRefused;
    this.tickets = new Tickets(clock);
  }

  get isRequired(): boolean {
    return this.#check !== null;
  }

  /** By the header of a request, or else by the client's certificate. */
  identify(
    authorization: string,
    certified: Principal = ANONYMOUS,
  ): Identity | Refusal | Promise<Identity | Refusal> {
    if (this.#check === null || authorization === '') {
      return this.byCertificate(certified) ?? UNAUTHENTICATED;
    }
    const [, scheme, text] = AUTHORIZATION.exec(authorization) ?? [];
    if (text === undefined) return WRONG_CREDENTIALS;
    if (scheme!.toLowerCase() === 'bearer') return this.byToken(text);
    const decoded = Buffer.from(text, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon < 1) return WRONG_CREDENTIALS;
    return this.byPassword(decoded.slice(0, colon), decoded.slice(colon + 1));
  }

  /** Null where it names nobody, and somebody is asked for. */
  byCertificate(principal: Principal = ANONYMOUS): Identity | null {
    if (principal !== ANONYMOUS) return { ...NOBODY, principal };
    return this.#check === null ? NOBODY : null;
  }

  async byPassword(user: string, password: string): Promise<Identity | Refusal> {
    if (this.#check === null) return NOBODY;
    return this.#identityOf(await this.#check.password(user, password), user);
  }

  async byToken(token: string): Promise<Identity | Refusal> {
    if (this.#check === null) return NOBODY;
    return this.#identityOf(await this.#check.token(token), '');
  }

  byTicket(ticket: string): Identity | Refusal {
    return this.tickets.take(ticket) ?? this.#identityOf(null, '');
  }

  #identityOf(owner: CredentialOwner | null, shown: string): Identity | Refusal {
    if (owner !== null) {
      const { user, mechanism, endsMs } = owner;
      return { principal: { type: 'User', name: user }, mechanism, endsMs };
    }
    this.#onRefused(shown);
    return WRONG_CREDENTIALS;
  }
}

export function isRefusal(answer: Identity | Refusal): answer is Refusal {
  return 'status' in answer;
}
