import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Identity } from './identity.ts';

export const TICKET_MS = 30_000;
const TICKET_BYTES = 24;
/** Those that nobody uses go after `TICKET_MS`; past this number the oldest go first. */
const TICKETS_MAX = 10_000;

interface Held {
  readonly identity: Identity;
  readonly endsMs: number;
}

/**
 * Stand for an identity once, within half a minute. A browser cannot send headers when it opens a
 * WebSocket, and a password must not be in its address: a used ticket may.
 */
export class Tickets {
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(identity: Identity): string {
    const nowMs = this.#clock.monotonicMs();
    for (const [ticket, { endsMs }] of this.#held) {
      if (endsMs > nowMs && this.#held.size < TICKETS_MAX) break;
      this.#held.delete(ticket);
    }
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    this.#held.set(ticket, { identity, endsMs: nowMs + TICKET_MS });
    return ticket;
  }

  /** Null for a ticket that was used, is over or was never issued. */
  take(ticket: string): Identity | null {
    const held = this.#held.get(ticket);
    this.#held.delete(ticket);
    return held !== undefined && held.endsMs > this.#clock.monotonicMs() ? held.identity : null;
  }

  /** The user's credential is gone, so its tickets are worth nothing. */
  revoke(user: string, mechanism: string): void {
    for (const [ticket, { identity }] of this.#held) {
      const isOf = identity.principal.name === user && identity.mechanism === mechanism;
      if (isOf) this.#held.delete(ticket);
    }
  }
}
